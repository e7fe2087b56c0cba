import { STANDARD_BLOCK_BYTES } from "../wire/codec/messages.js"
import type { SwarmConfig } from "./config.js"
import type { SwarmPeer } from "./peer.js"

/** The inputs of a peer's pipeline depth. */
export interface PeerPace {
  readonly bytesPerSecond: number
  /** How long it takes from a request to its answer when nothing else waits: the way there and back, the disk, and the peer's own pulse. */
  readonly responseMs: number
  /** What came in the first moments, when no rate is known yet, or may come in the next burst: the pipeline grows by it. */
  readonly startBytes: number
  /** What a far peer has under way, see `farBytes`; 0 for a near one. */
  readonly farBytes: number
}

/** More than one response time is asked for, so that the rate can still grow where answers take long (our choice, simulated). */
export const RESPONSES_AHEAD = 1.5

/**
 * Bytes to request from a peer at a time: what it sends in `pipelineMs`, or in one and a half times its response time, between the two
 * bounds. As little as keeps it busy: requests waiting at one peer can't be sent to another, idle peer.
 */
export function pipelineBytes(config: SwarmConfig, pace: PeerPace): number {
  const aheadMs = Math.max(config.pipelineMs, RESPONSES_AHEAD * pace.responseMs)
  const nearBytes = Math.max((pace.bytesPerSecond * aheadMs) / 1_000, config.minPipelineBytes + pace.startBytes)
  return Math.max(Math.min(config.maxPipelineBytes, nearBytes), Math.min(config.maxFarPipelineBytes, pace.farBytes))
}

/**
 * Whether a block should be requested from a second peer too: only when the first needs long in absolute terms, so that the last parts of
 * a fast transfer are not sent twice, and the second would be faster: `racerBytes` are the bytes it owes by then. A peer of unknown
 * rate counts as fast.
 */
export function racePays(
  config: Pick<SwarmConfig, "raceAfterMs">,
  ownerSeconds: number,
  racerBytes: number,
  racerBytesPerSecond: number,
): boolean {
  if (ownerSeconds * 1_000 <= config.raceAfterMs) return false
  return racerBytesPerSecond === 0 || racerBytes / racerBytesPerSecond < ownerSeconds
}

/** Blocks pass in about this time: few messages where it is fast, a finely divided pipeline where it is slow. */
const BLOCK_MS = 125

/** Share of what a peer of unknown rate has sent that one block of it may have: few are small, and the pipeline holds two (our choice, measured). */
const START_SHARE = 0.5

/** The inputs of the size of a request to a peer. */
interface RequestPace {
  readonly down: Pick<SwarmPeer["down"], "knownBytesPerSecond" | "totalBytes">
  readonly asked: Pick<SwarmPeer["asked"], "blockBytes">
}

/** Requests that a short pipeline holds: with fewer it would be much deeper than memory allows (our choice, simulated). */
const SHORT_PIPELINE_BLOCKS = 4

/**
 * Bytes of one request: a power of two from 16 KiB to the size agreed with the peer. While the rate is unknown, the bytes received so far
 * replace it. `aheadMs`: for how long the peer may be asked ahead.
 */
export function requestBytes({ down, asked }: RequestPace, aheadMs = Number.POSITIVE_INFINITY): number {
  const { knownBytesPerSecond: rate, totalBytes } = down
  const blockMs = Math.min(BLOCK_MS, aheadMs / SHORT_PIPELINE_BLOCKS)
  const fitting = rate > 0 ? (rate * blockMs) / 1_000 : totalBytes * START_SHARE
  const most = Math.min(asked.blockBytes, fitting)
  let bytes = STANDARD_BLOCK_BYTES
  while (bytes * 2 <= most) bytes *= 2
  return bytes
}
