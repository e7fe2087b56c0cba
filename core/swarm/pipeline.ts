import { STANDARD_BLOCK_BYTES } from "../wire/codec/messages.js"
import type { SwarmConfig } from "./config.js"
import type { SwarmPeer } from "./peer.js"

/** What the depth of a peer's pipeline depends on. */
export interface PeerPace {
  readonly bytesPerSecond: number
  /** How long it takes from a request to its answer when nothing else waits: the way there and back, the disk, and the peer's own pulse. */
  readonly responseMs: number
  /** What came in the first moments, when no rate is known yet, or may come in the next burst: the pipeline grows by it. */
  readonly startBytes: number
}

/** More than one response time is asked for, so that the rate can still grow where answers take long (our choice, simulated). */
const RESPONSES_AHEAD = 1.5

/**
 * Bytes to have asked of a peer at a time: what it sends in `pipelineMs`, or while it answers one and a half times, between the
 * two bounds. As little as keeps it busy: whatever waits at one peer can't be fetched from another that has it and stands idle.
 */
export function pipelineBytes(config: SwarmConfig, { bytesPerSecond, responseMs, startBytes }: PeerPace): number {
  const aheadMs = Math.max(config.pipelineMs, RESPONSES_AHEAD * responseMs)
  return Math.min(
    config.maxPipelineBytes,
    Math.max((bytesPerSecond * aheadMs) / 1_000, config.minPipelineBytes + startBytes),
  )
}

/**
 * Should a block be asked of a second peer too? Only when the first takes long for it in absolute terms, so that the last parts of a
 * fast transfer are not sent twice, and the second would bring it sooner: `racerBytes` are what it owes by then. A peer whose rate is
 * unknown gets the benefit of the doubt.
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

/** Bytes of one request: a power of two from 16 KiB up to what was agreed with the peer. While no rate is known, what came so far stands for it. */
export function requestBytes({ down, asked }: Pick<SwarmPeer, "down" | "asked">): number {
  const pace = down.bytesPerSecond > 0 ? down.bytesPerSecond : down.totalBytes
  const most = Math.min(asked.blockBytes, (pace * BLOCK_MS) / 1_000)
  let bytes = STANDARD_BLOCK_BYTES
  while (bytes * 2 <= most) bytes *= 2
  return bytes
}
