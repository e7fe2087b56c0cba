import { setImmediate } from "node:timers/promises"
import pLimit from "p-limit"
import { systemClock } from "./clock.js"
import { processWaits } from "./process-waits.js"

/** Items per slice before other work gets its turn: about 1 ms on a local disk. Our choice. */
const SLICE = 64

/**
 * A slower slice means a remote or busy disk, ms, if the process has also waited once for each item: a busy processor makes a slice slow too,
 * and the threads that help to collect garbage wait up to 40 times meanwhile (measured). Our choice.
 */
const SLOW_SLICE_MS = 16
const WAITS = SLICE

/** Items that are then processed in parallel before the next attempt in place. Our choice. */
const ASIDE = 1_024
const ASIDE_AT_ONCE = 32

/** What `inPlace` answers where the item would hold this thread for too long. */
export const LATER = Symbol("later")

/**
 * Looks at many files: `inPlace` with synchronous calls while the disk answers at once, `aside` through Node's threads while it does not. Through
 * the threads each file costs ten times as much (100,000 files: 9.6 s of CPU against 1.2 s). Results are in the order of the items. `LATER` of
 * `inPlace`: this item is processed aside.
 */
export async function mapInPlaceOrAside<T, R>(
  items: readonly T[],
  inPlace: (item: T) => R | typeof LATER,
  aside: (item: T) => Promise<R>,
  signal?: AbortSignal,
): Promise<R[]> {
  const results: R[] = []
  while (results.length < items.length) {
    signal?.throwIfAborted()
    const startedAtMs = systemClock.now()
    const waitsBefore = processWaits()
    const slice = items.slice(results.length, results.length + SLICE)
    const found = slice.map(inPlace)
    const isSlow = systemClock.now() - startedAtMs >= SLOW_SLICE_MS && hasWaitedSince(waitsBefore)
    await setImmediate()
    for (const [index, item] of slice.entries()) {
      const result = found[index] as R | typeof LATER
      results.push(result === LATER ? await aside(item) : result)
    }
    if (!isSlow) continue
    const slow = items.slice(results.length, results.length + ASIDE)
    for (const result of await pLimit(ASIDE_AT_ONCE).map(slow, aside)) results.push(result)
  }
  return results
}

/** Where waits are not counted, a slow slice is the disk's. */
function hasWaitedSince(before: number | undefined): boolean {
  const now = processWaits()
  return now === undefined || before === undefined || now - before >= WAITS
}
