import { STANDARD_BLOCK_BYTES } from "../wire/codec/messages.js"
import { isEligible } from "./eligibility.js"
import type { PartInFlight } from "./part-in-flight.js"
import type { SwarmPeer } from "./peer.js"
import type { SwarmState, Turn } from "./state.js"

/**
 * A part in flight with blocks not yet requested: the one nearest to completion, whose memory is free soonest. For a peer that would
 * otherwise be idle, because there is no memory for one more part or no other part is left.
 */
export function joinPart(turn: Turn, peer: SwarmPeer): PartInFlight | undefined {
  let nearest: PartInFlight | undefined
  for (const part of turn.state.inFlight.values()) {
    if (part.freeUnits === 0 || part.owners.has(peer.key) || !mayShare(turn, peer, part)) continue
    if (nearest !== undefined && nearest.receivedBytes >= part.receivedBytes) continue
    if (isWorthwhile(turn.state, peer, part)) nearest = part
  }
  return nearest
}

/** Whether the peer may work on a part together with its current owners. */
export function mayShare(turn: Turn, peer: SwarmPeer, part: PartInFlight): boolean {
  if (part.verifying || part.fromOneOnly || !isEligible(turn, peer, part.index)) return false
  return !isSuspect(turn.state, peer) && !hasSuspect(turn.state, part)
}

/** Would the peer bring one more block of the part no later than all that are asked for it bring the rest? */
export function isWorthwhile({ peers, config }: SwarmState, peer: SwarmPeer, part: PartInFlight): boolean {
  const rate = peer.down.bytesPerSecond
  if (rate === 0) return true
  let together = part.owners.has(peer.key) ? 0 : rate
  for (const key of part.owners) together += peers.get(key)?.down.bytesPerSecond ?? 0
  const restMs = (part.freeUnits * STANDARD_BLOCK_BYTES * 1_000) / together
  const peerMs = ((peer.asked.bytes + STANDARD_BLOCK_BYTES) * 1_000) / rate
  return peerMs <= Math.max(restMs, config.raceAfterMs)
}

/** A part with its bytes failed and is not verified since: its blocks are not mixed with those of other peers. */
function isSuspect({ suspects }: SwarmState, peer: SwarmPeer): boolean {
  return suspects.size > 0 && suspects.has(peer.contact.address)
}

function hasSuspect(state: SwarmState, part: PartInFlight): boolean {
  if (state.suspects.size === 0) return false
  for (const key of part.owners) {
    const owner = state.peers.get(key)
    if (owner !== undefined && isSuspect(state, owner)) return true
  }
  return false
}
