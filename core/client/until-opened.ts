import type { Clock } from "../base/clock.js"

/** Longest wait for hashing, ms, because it may take minutes and its progress is displayed anyway. Our choice: a user waits a second for a list. */
const WAIT_MS = 1_000

/** Settles when all of these openings have ended, or when it was waited for long enough. Never rejects. */
export function untilOpened(openings: Iterable<Promise<unknown>>, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const stop = clock.after(WAIT_MS, resolve)
    // Why a document did not open is shown in the list.
    void Promise.allSettled(openings).then(() => {
      stop()
      resolve()
    })
  })
}
