import { isEligible } from "./eligibility.js"
import type { Block } from "./events.js"
import { type PartInFlight, raceBlock } from "./part-in-flight.js"
import { racePays } from "./pipeline.js"
import { own } from "./request-book.js"
import { requestBytes } from "./request-bytes.js"
import { blockKey, type SwarmPeer, type SwarmState, type Turn } from "./state.js"

/** Every part is asked for: join the peer that would take longest, working towards it from the part's end. */
export function endgameBlock(turn: Turn, peer: SwarmPeer): Block | undefined {
  const { state } = turn
  if (state.order.size > 0 || state.doubtful.size > 0) return undefined
  const isMine = (block: Block) => peer.requests.has(blockKey(block))
  const blockBytes = requestBytes(peer)
  for (const part of peer.parts) {
    const block = part.owners.size === 2 ? raceBlock(part, blockBytes, isMine) : undefined
    if (block !== undefined) return block
  }
  const part = slowestPart(turn, peer)
  if (part === undefined) return undefined
  const block = raceBlock(part, blockBytes, isMine)
  if (block !== undefined) own(part, peer)
  return block
}

function slowestPart(turn: Turn, peer: SwarmPeer): PartInFlight | undefined {
  const { state } = turn
  let slowest: PartInFlight | undefined
  let longestSeconds = 0
  for (const part of state.inFlight.values()) {
    if (part.verifying || part.fromOneOnly || part.owners.size !== 1 || part.owners.has(peer.key)) continue
    if (!isEligible(turn, peer, part.index)) continue
    const seconds = ownerSeconds(state, part)
    if (seconds <= longestSeconds || !racePays(state.config, seconds, restBytes(part), peer.down.bytesPerSecond))
      continue
    longestSeconds = seconds
    slowest = part
  }
  return slowest
}

function restBytes(part: PartInFlight): number {
  return part.lengthBytes - part.receivedBytes
}

/** Seconds its owner would need for the rest of a part at its present rate. */
function ownerSeconds(state: SwarmState, part: PartInFlight): number {
  const [ownerKey] = part.owners
  const owner = ownerKey === undefined ? undefined : state.peers.get(ownerKey)
  if (owner === undefined || owner.snubbed) return Number.POSITIVE_INFINITY
  return restBytes(part) / Math.max(1, owner.down.bytesPerSecond / Math.max(1, owner.parts.size))
}
