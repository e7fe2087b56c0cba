import type { Bitfield } from "../torrent/bitfield.js"
import { punish } from "./faults.js"
import { fillAll, fillPipeline } from "./requests.js"
import { isLeeching, type SwarmPeer, type SwarmState, send, type Turn } from "./state.js"

/**
 * What a peer says it has, all at once: as its first word, or again later when it has more (aria2 does that instead of sending
 * many `have`s). One that takes a part back is broken or lies; one that tells nothing new only makes us work.
 */
export function onPeerHas(turn: Turn, peer: SwarmPeer, has: Bitfield): void {
  if (!has.hasAllOf(peer.have)) {
    turn.effects.push({
      type: "close",
      peer: peer.key,
      code: "bad_bitfield",
      why: "took back parts that it had offered",
    })
    return
  }
  if (has.count === peer.have.count && has.count > 0)
    return punish(turn, peer, "duplicate_bitfield", "told again which parts it has")
  forgetParts(turn.state, peer)
  peer.have = has
  countParts(turn.state, peer)
  afterChange(turn, peer)
}

/** A peer got one more part. */
export function onHave(turn: Turn, peer: SwarmPeer, index: number): void {
  const { state } = turn
  if (index >= state.lengths.partCount || !peer.have.add(index)) return
  if (!state.have.has(index)) peer.wanted++
  state.order.increase(index)
  peer.dealt.delete(index)
  if (peer.have.isFull) becomeSeed(state, peer)
  updateInterest(turn, peer)
  leaveIfBothSeeds(turn, peer)
  // One part more is worth a look only when it is one that we miss: there are many `have`s.
  if (!state.have.has(index)) fillPipeline(turn, peer)
}

/** We got one more part: tell everybody, and stop being interested in who has nothing else for us. */
export function onPartHad(turn: Turn, index: number): void {
  for (const peer of turn.state.peers.values()) {
    send(turn, peer, { type: "have", index })
    if (peer.have.has(index)) peer.wanted--
    peer.refused.delete(index)
    updateInterest(turn, peer)
    leaveIfBothSeeds(turn, peer)
  }
}

/** A part can't be read any more. Peers are not told; a request for it is refused, and is no fault of theirs. */
export function onPartLost(turn: Turn, index: number, refetch: boolean): void {
  const { state } = turn
  if (!state.have.remove(index)) return
  state.lost.add(index)
  if (!refetch) return
  state.order.add(index)
  for (const peer of state.peers.values()) {
    if (peer.have.has(index)) peer.wanted++
    updateInterest(turn, peer)
  }
  fillAll(turn)
}

/** The peer is gone: its parts are rarer now. */
export function forgetParts(state: SwarmState, peer: SwarmPeer): void {
  if (peer.isSeed) {
    peer.isSeed = false
    state.seedCount--
    return
  }
  for (let index = 0; index < state.lengths.partCount; index++) if (peer.have.has(index)) state.order.decrease(index)
}

/** How many connected peers have a part. */
export function availability(state: SwarmState, index: number): number {
  return state.seedCount + state.order.availability(index)
}

function countParts(state: SwarmState, peer: SwarmPeer): void {
  const { partCount } = state.lengths
  peer.isSeed = peer.have.isFull && partCount > 0
  peer.wanted = peer.isSeed ? partCount - state.have.count : 0
  if (peer.isSeed) {
    state.seedCount++
    return
  }
  for (let index = 0; index < partCount; index++) {
    if (!peer.have.has(index)) continue
    state.order.increase(index)
    if (!state.have.has(index)) peer.wanted++
  }
}

function becomeSeed(state: SwarmState, peer: SwarmPeer): void {
  for (let index = 0; index < state.lengths.partCount; index++) state.order.decrease(index)
  peer.isSeed = true
  state.seedCount++
}

function afterChange(turn: Turn, peer: SwarmPeer): void {
  updateInterest(turn, peer)
  leaveIfBothSeeds(turn, peer)
  fillPipeline(turn, peer)
}

/**
 * Interest is told at once; that it is over, only when nothing new came for a while. Where parts come one by one, most of what a
 * peer has is had by us a moment later: each change of mind would cost four messages and a way there and back before the next request.
 */
export function updateInterest(turn: Turn, peer: SwarmPeer): void {
  const { state, nowMs } = turn
  const interested = peer.wanted > 0 && isLeeching(state)
  if (interested) peer.wantedAtMs = nowMs
  if (interested === peer.amInterested) return
  if (!interested && isLeeching(state) && nowMs - peer.wantedAtMs < state.config.interestMs) return
  peer.amInterested = interested
  send(turn, peer, { type: interested ? "interested" : "notInterested" })
}

function leaveIfBothSeeds(turn: Turn, peer: SwarmPeer): void {
  if (!peer.isSeed || !turn.state.have.isFull) return
  turn.effects.push({ type: "close", peer: peer.key, code: "both_seeds", why: "both have every part" })
}
