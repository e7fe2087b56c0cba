import { Bitfield } from "../torrent/bitfield.js"
import { punish } from "./faults.js"
import type { SwarmPeer } from "./peer.js"
import { forgetRefusals } from "./refusals.js"
import { fillAll, fillOnNews } from "./requests.js"
import { onRevealedHad } from "./reveal.js"
import { isComplete, isLeeching, isWanted, type SwarmState, send, type Turn, wantedCount } from "./state.js"

/** Parts that a peer has. */
export interface PeerParts {
  parts: Bitfield
  /** All of them; seeds are counted in `seedCount` instead of part by part. */
  isSeed: boolean
  /** It has sent its parts at once, as a bitfield, haveAll or haveNone. */
  isAnnounced: boolean
}

/** Our interest in a peer. */
export interface Interest {
  /** Parts it has and we lack: we are interested while this is above zero. */
  wanted: number
  /** When that was last so. */
  wantedAtMs: number
  /** The peer knows that we are interested. */
  isAnnounced: boolean
}

export function createPeerParts(partCount: number): PeerParts {
  return { parts: new Bitfield(partCount), isSeed: false, isAnnounced: false }
}

export function createInterest(nowMs: number): Interest {
  return { wanted: 0, wantedAtMs: nowMs, isAnnounced: false }
}

/**
 * A peer's complete bitfield, sent first or again later (aria2 does that instead of many `have`s). A peer that takes a part back is
 * broken or lies; one that adds nothing only costs time. Only new parts are processed, so that all bitfields and `have`s of a peer
 * together cost O(bytes sent + parts).
 */
export function onBitfield(turn: Turn, peer: SwarmPeer, has: Bitfield): void {
  if (!has.hasAllOf(peer.has.parts)) return tookBack(turn, peer)
  if (has.count === peer.has.parts.count) return onNothingNew(turn, peer)
  if (has.isFull) return onHaveAll(turn, peer)
  const { state } = turn
  has.forEachBeyond(peer.has.parts, (index) => {
    state.order.increase(index)
    if (isWanted(state, index)) peer.interest.wanted++
  })
  peer.has.parts = has
  afterChange(turn, peer)
}

export function onHaveAll(turn: Turn, peer: SwarmPeer): void {
  const { state } = turn
  if (peer.has.parts.isFull) return onNothingNew(turn, peer)
  peer.interest.wanted = wantedCount(state)
  becomeSeed(state, peer)
  peer.has.parts = Bitfield.full(state.lengths.partCount)
  afterChange(turn, peer)
}

export function onHaveNone(turn: Turn, peer: SwarmPeer): void {
  if (peer.has.parts.count > 0) return tookBack(turn, peer)
  onNothingNew(turn, peer)
}

function tookBack(turn: Turn, peer: SwarmPeer): void {
  const why = "took back parts that it had offered"
  turn.effects.push({ type: "close", peer: peer.key, code: "bad_bitfield", why })
}

/** A message without a new part: the first is accepted, because its parts may have come as `have`s before; a second is a duplicate. */
function onNothingNew(turn: Turn, peer: SwarmPeer): void {
  if (peer.has.isAnnounced) punish(turn, peer, "duplicate_bitfield", "sent its parts again without a new one")
  peer.has.isAnnounced = true
}

/** A peer got one more part. */
export function onHave(turn: Turn, peer: SwarmPeer, index: number): void {
  const { state } = turn
  if (index >= state.lengths.partCount || !peer.has.parts.add(index)) return
  if (isWanted(state, index)) peer.interest.wanted++
  state.order.increase(index)
  onRevealedHad(turn, peer, index)
  if (peer.has.parts.isFull) becomeSeed(state, peer)
  updateInterest(turn, peer)
  leaveIfBothSeeds(turn, peer)
  // One part more is worth a look only when it is one that we miss: there are many `have`s.
  if (state.order.includes(index)) fillOnNews(turn, peer)
}

/** We have one more part: sends `have` to all peers and ends interest in peers without other missing parts. */
export function onPartHad(turn: Turn, index: number): void {
  const wasWanted = !turn.state.forgone.delete(index)
  for (const peer of turn.state.peers.values()) {
    send(turn, peer, { type: "have", index })
    if (wasWanted && peer.has.parts.has(index)) peer.interest.wanted--
    forgetRefusals(peer, index)
    updateInterest(turn, peer)
    leaveIfBothSeeds(turn, peer)
  }
}

/** A part became unreadable. Peers are not notified; a request for it is refused and is no fault of the peer. */
export function onPartLost(turn: Turn, index: number, refetch: boolean): void {
  const { state } = turn
  if (!state.have.remove(index)) return
  state.lost.add(index)
  if (!refetch || state.wanted?.has(index) === false) {
    state.forgone.add(index)
    return
  }
  state.order.add(index)
  for (const peer of state.peers.values()) {
    if (peer.has.parts.has(index)) peer.interest.wanted++
    updateInterest(turn, peer)
  }
  fillAll(turn)
}

/** Other parts are wanted than before. */
export function onWantedChanged(turn: Turn): void {
  for (const peer of [...turn.state.peers.values()]) {
    let wanted = 0
    peer.has.parts.forEachBeyond(turn.state.have, (index) => {
      if (isWanted(turn.state, index)) wanted++
    })
    peer.interest.wanted = wanted
    updateInterest(turn, peer)
    leaveIfBothSeeds(turn, peer)
  }
}

/** The peer is gone: its parts are rarer now. */
export function forgetParts(state: SwarmState, peer: SwarmPeer): void {
  if (peer.has.isSeed) {
    peer.has.isSeed = false
    state.seedCount--
    return
  }
  peer.has.parts.forEachBeyond(undefined, (index) => state.order.decrease(index))
}

/** How many connected peers have a part. */
export function availability(state: SwarmState, index: number): number {
  return state.seedCount + state.order.availability(index)
}

/** Its parts, as they were counted one by one, are counted in `seedCount` from now on. */
function becomeSeed(state: SwarmState, peer: SwarmPeer): void {
  peer.has.parts.forEachBeyond(undefined, (index) => state.order.decrease(index))
  peer.has.isSeed = true
  state.seedCount++
}

function afterChange(turn: Turn, peer: SwarmPeer): void {
  peer.has.isAnnounced = true
  updateInterest(turn, peer)
  leaveIfBothSeeds(turn, peer)
  fillOnNews(turn, peer)
}

/**
 * Interest is sent at once, its end only after a while without a new part. Where parts arrive one by one, we soon have most parts of
 * a peer: each change of interest would cost four messages and a round trip before the next request.
 */
export function updateInterest(turn: Turn, peer: SwarmPeer): void {
  const { state, nowMs } = turn
  const interested = peer.interest.wanted > 0 && isLeeching(state)
  if (interested) peer.interest.wantedAtMs = nowMs
  if (interested === peer.interest.isAnnounced) return
  if (!interested && isLeeching(state) && nowMs - peer.interest.wantedAtMs < state.config.interestMs) return
  peer.interest.isAnnounced = interested
  send(turn, peer, { type: interested ? "interested" : "notInterested" })
}

function leaveIfBothSeeds(turn: Turn, peer: SwarmPeer): void {
  if (!peer.has.isSeed || !isComplete(turn.state)) return
  turn.effects.push({ type: "close", peer: peer.key, code: "both_seeds", why: "both have every part" })
}
