import { setTimeout as delay } from "node:timers/promises"

/** A rest before each run, because a shared machine gives less CPU after a busy program. */
const REST_MS = 3_000

/**
 * Runs every contender in turn, again and again, each time another one first, so that a machine whose speed drifts is the same to all.
 * Returns each contender's samples, in the order of the runs.
 */
export async function inTurns<C, S>(
  contenders: readonly C[],
  runs: number,
  sampleOf: (contender: C, run: number) => Promise<S>,
): Promise<S[][]> {
  const samples = contenders.map((): S[] => [])
  for (let run = 0; run < runs; run++) {
    for (const [place, contender] of rotated([...contenders.entries()], run)) {
      await delay(REST_MS)
      samples[place]?.push(await sampleOf(contender, run))
    }
  }
  return samples
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const first = by % Math.max(1, items.length)
  return [...items.slice(first), ...items.slice(0, first)]
}
