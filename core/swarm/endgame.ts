import type { SwarmConfig } from "./config.js"
import type { Block, PeerKey } from "./events.js"
import { type PartInFlight, raceBlock } from "./part-in-flight.js"
import type { SwarmPeer } from "./peer.js"
import { racePays, requestBytes } from "./pipeline.js"
import { own } from "./request-book.js"
import { blockKey } from "./state.js"

/** A peer, as far as races are concerned. */
export type Racer = Pick<SwarmPeer, "key" | "asked" | "down" | "response">

/** The inputs of a race between peers. */
export interface EndgameView {
  readonly config: Pick<SwarmConfig, "raceAfterMs">
  readonly peers: ReadonlyMap<PeerKey, Racer>
  readonly nowMs: number
  /** Whether the peer may work on the part together with its current owners. */
  mayShare(part: PartInFlight): boolean
}

/** Every block that may be asked for is asked for: one of those the slowest peer owes, the last of them first. */
export function endgameBlock(view: EndgameView, peer: Racer): Block | undefined {
  const slowest = [...view.peers.values()].filter((owner) => owner !== peer && owner.asked.requests.size > 0)
  slowest.sort((a, b) => owedSeconds(b) - owedSeconds(a))
  for (const owner of slowest) {
    if (owedSeconds(owner) * 1_000 <= view.config.raceAfterMs) return undefined
    const block = raceOwner(view, peer, owner)
    if (block !== undefined) return block
  }
  return undefined
}

function raceOwner(view: EndgameView, peer: Racer, owner: Racer): Block | undefined {
  const { config } = view
  const outruns = (other: PeerKey) => doesOutrun(view, peer, view.peers.get(other))
  const racer = { key: peer.key, blockBytes: requestBytes(peer), outruns }
  let owedBytes = owner.asked.bytes
  for (const { block, part, begun } of [...owner.asked.requests.values()].reverse()) {
    const ownerSeconds = secondsFor(owner, owedBytes)
    if (!racePays(config, ownerSeconds, peer.asked.bytes + block.length, peer.down.bytesPerSecond)) return undefined
    owedBytes -= block.length
    if (begun || !view.mayShare(part)) continue
    const raced = peer.asked.requests.has(blockKey(block)) ? undefined : raceBlock(part, block, racer)
    if (raced === undefined) continue
    own(part, peer)
    return raced
  }
  return undefined
}

/** Twice as fast as a peer that was asked later than others; one that has brought nothing yet needs as long again at least. */
function doesOutrun({ config, nowMs }: EndgameView, peer: Racer, other: Racer | undefined): boolean {
  if (other === undefined) return true
  const isUnknown = other.down.bytesPerSecond === 0
  const seconds = isUnknown ? (nowMs - other.response.progressAtMs) / 1_000 : owedSeconds(other)
  return racePays(config, seconds, 2 * peer.asked.bytes, peer.down.bytesPerSecond)
}

function owedSeconds(owner: Racer): number {
  return secondsFor(owner, owner.asked.bytes)
}

/** Seconds that a peer needs for `byteCount` bytes at its present rate. */
export function secondsFor(owner: Racer, byteCount: number): number {
  return owner.response.isSnubbed ? Number.POSITIVE_INFINITY : byteCount / Math.max(1, owner.down.bytesPerSecond)
}
