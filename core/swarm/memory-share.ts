import { STANDARD_BLOCK_BYTES } from "../wire/codec/messages.js"
import { PartBudget } from "./part-budget.js"
import type { SwarmPeer } from "./peer.js"
import type { SwarmState } from "./state.js"

/** Of the memory for parts in flight the share which may be asked for at a time: the rest holds what has come of parts that are not whole (our choice, simulated). */
const SHARE_ASKED = 0.5

/** A peer, as far as its rate is concerned. */
interface Paced {
  readonly down: Pick<SwarmPeer["down"], "bytesPerSecond">
}

/** A peer's pipeline, as deep as its pace asks for. */
export interface Demand {
  readonly peer: Paced
  readonly bytes: number
}

/**
 * For how long ahead a peer may be asked, ms: as the memory for parts in flight lasts at the rate of all peers together. Without it the first
 * to be asked would get all blocks of the few parts that fit, and the others would stand idle. Infinite while there is memory for all.
 */
export function memoryMs(
  state: Pick<SwarmState, "budget" | "inFlight" | "lengths">,
  demands: readonly Demand[],
): number {
  const mostBytes = SHARE_ASKED * bytesForParts(state)
  let demandedBytes = 0
  let bytesPerSecond = 0
  for (const { peer, bytes } of demands) {
    demandedBytes += bytes
    bytesPerSecond += peer.down.bytesPerSecond
  }
  if (demandedBytes <= mostBytes || bytesPerSecond === 0) return Number.POSITIVE_INFINITY
  return (mostBytes * 1_000) / bytesPerSecond
}

/** The most that a peer may be asked for at a time: what it sends in so many ms, or one block. */
export function sharedBytes(peer: Paced, aheadMs: number): number {
  if (aheadMs === Number.POSITIVE_INFINITY) return aheadMs
  return Math.max(STANDARD_BLOCK_BYTES, (peer.down.bytesPerSecond * aheadMs) / 1_000)
}

/** Whole parts only: what is left beside them can't be asked for. */
function bytesForParts({ budget, inFlight, lengths }: Pick<SwarmState, "budget" | "inFlight" | "lengths">): number {
  let ownBytes = 0
  for (const part of inFlight.values()) ownBytes += part.lengthBytes
  const bytes = ownBytes + Math.max(0, budget.limitBytes - budget.usedBytes)
  const { partSizeBytes } = lengths
  return Math.max(PartBudget.grantedParts(partSizeBytes), Math.floor(bytes / partSizeBytes)) * partSizeBytes
}
