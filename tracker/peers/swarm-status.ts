import type { MachineState } from "../../core/announce/shapes.js"
import type { CompactPeer } from "./compact.js"

/** One peer of a document as its last announce left it. */
export interface MachineStatus {
  /** The reader's own bytes. */
  readonly peer: CompactPeer
  readonly state: MachineState
  /** Bytes it lacks; undefined when it did not say. */
  readonly left: number | undefined
  /** Between its last two announces. */
  readonly bytesPerSecond: number
  readonly heardSecondsAgo: number
}

/** How far the peers of a document are, those of the last day that left included. */
export interface SwarmStatus {
  /** Unfinished ones first, those that lack most before others; as many as were asked for. */
  readonly machines: readonly MachineStatus[]
  readonly complete: number
  readonly downloading: number
  readonly silent: number
}

/** Intervals without an announce after which a peer is silent; after three it has expired. */
export const SILENT_INTERVALS = 2
export const EXPIRY_INTERVALS = 3

/** Peers that did not say how much they lack stand behind those that did, and before the complete ones. */
const UNKNOWN_RANK = 0.5

/** Orders peers for a status: the higher comes first. */
export function rankOf(left: number): number {
  return left < 0 ? UNKNOWN_RANK : left
}

/** Most first; of equals by address. */
export function inOrder(machines: MachineStatus[]): MachineStatus[] {
  return machines.sort(
    (one, other) => rankOf(other.left ?? -1) - rankOf(one.left ?? -1) || Buffer.compare(one.peer, other.peer),
  )
}

/** The lowest rank among the `limit` highest; sorts `ranks`. */
export function lowestShown(ranks: Float64Array, limit: number): number {
  if (limit >= ranks.length) return 0
  return ranks.sort()[ranks.length - limit] ?? 0
}
