import type { ClientSnapshot } from "../../../core/index.js"

/** Seconds between two samples, and how many are kept: two minutes, the width of a wide terminal's sparkline. */
const SAMPLE_INTERVAL_MS = 1_000
const KEPT_SAMPLES = 120

export interface RateHistory {
  /** Bytes per second, oldest first, one sample a second. */
  readonly down: readonly number[]
  readonly up: readonly number[]
}

export interface RateHistories {
  readonly sampledAtMs: number
  readonly byDocument: ReadonlyMap<string, RateHistory>
}

export const NO_HISTORIES: RateHistories = { sampledAtMs: Number.NEGATIVE_INFINITY, byDocument: new Map() }

/**
 * The histories with a sample of `snapshot` put behind. No snapshots come while nothing changes: the seconds without
 * one count as standing still.
 */
export function sampleRates(histories: RateHistories, snapshot: ClientSnapshot): RateHistories {
  const elapsedMs = snapshot.takenAtMs - histories.sampledAtMs
  if (elapsedMs < SAMPLE_INTERVAL_MS) return histories
  const skipped = Math.min(KEPT_SAMPLES, Math.max(0, Math.floor(elapsedMs / SAMPLE_INTERVAL_MS) - 1))
  const gap = Number.isFinite(elapsedMs) ? new Array<number>(skipped).fill(0) : []
  const byDocument = new Map<string, RateHistory>()
  for (const { id, downBytesPerSecond, upBytesPerSecond } of snapshot.documents) {
    const before = histories.byDocument.get(id)
    // A document that never moved has no history to keep: with a thousand seeded ones that is most of them.
    if (before === undefined && downBytesPerSecond === 0 && upBytesPerSecond === 0) continue
    byDocument.set(id, {
      down: [...(before?.down ?? []), ...gap, downBytesPerSecond].slice(-KEPT_SAMPLES),
      up: [...(before?.up ?? []), ...gap, upBytesPerSecond].slice(-KEPT_SAMPLES),
    })
  }
  return { sampledAtMs: snapshot.takenAtMs, byDocument }
}
