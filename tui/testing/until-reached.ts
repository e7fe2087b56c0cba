import { setTimeout as delay } from "node:timers/promises"

/** How often is looked, ms. */
const LOOK_MS = 50

export interface Look {
  /** Grows or changes as long as something happens: bytes, mostly. */
  readonly progress: number
  readonly isThere: boolean
}

/** Time as an input. `delay` resolves after so many ms, and keeps no process alive. */
export interface WaitTime {
  now(): number
  delay(ms: number): Promise<unknown>
}

const REAL_TIME: WaitTime = {
  now: () => performance.now(),
  delay: (ms) => delay(ms, undefined, { ref: false }),
}

/**
 * Looks until it is there. Throws when nothing has moved for `stillMs`, and when a look takes longer than that: a transfer that
 * stands must end the wait, and a slow one must not.
 *
 * @param what for the message: "a quarter of the document".
 */
export async function untilReached(
  what: string,
  look: () => Promise<Look>,
  stillMs: number,
  time: WaitTime = REAL_TIME,
): Promise<void> {
  let last: number | undefined
  let movedAtMs = time.now()
  for (;;) {
    const seen = await Promise.race([look(), time.delay(stillMs).then(() => undefined)])
    if (seen?.isThere) return
    if (seen !== undefined && seen.progress !== last) {
      last = seen.progress
      movedAtMs = time.now()
    }
    if (seen === undefined || time.now() - movedAtMs >= stillMs)
      throw new Error(`${what}: nothing has moved for ${stillMs / 1_000} s, at ${last ?? "no answer"}`)
    await time.delay(LOOK_MS)
  }
}
