import { partLength } from "../torrent/lengths.js"
import type { SwarmPeer } from "./peer.js"
import { type SwarmState, send, type Turn } from "./state.js"

/** Bytes of pending suggestions of a peer: enough until the next ones reach it, and never fewer than two parts. */
const SUGGESTED_BYTES = 1024 * 1024
const MAX_SUGGESTED_PARTS = 32

/** The parts that we, as a seed, suggested to a peer. */
export interface Revealed {
  /** Parts that it has not asked for yet. */
  readonly unasked: Set<number>
  /** All parts that it does not have yet. */
  readonly parts: Set<number>
}

export function createRevealed(): Revealed {
  return { unasked: new Set(), parts: new Set() }
}

/** Suggests parts to a peer that is about to fetch, until enough of them wait. */
export function revealMore(turn: Turn, peer: SwarmPeer): void {
  const { state } = turn
  if (!state.have.isFull || !peer.fast || peer.has.isSeed || !peer.slot.isWanted) return
  const enough = suggestedParts(state)
  while (peer.revealed.unasked.size < enough) {
    const index = state.superSeeding.next((part) => state.order.availability(part) > 0)
    if (index === undefined) return
    peer.revealed.unasked.add(index)
    peer.revealed.parts.add(index)
    send(turn, peer, { type: "suggest", index })
  }
}

/** The peer asks for a part: if it was suggested, it is time for another suggestion. */
export function onRevealedAsked(turn: Turn, peer: SwarmPeer, index: number): void {
  if (peer.revealed.unasked.delete(index)) revealMore(turn, peer)
}

/** The peer is choked: suggested parts that it has not requested are free for others. */
export function takeBackUnasked(state: SwarmState, peer: SwarmPeer): void {
  for (const index of peer.revealed.unasked) {
    peer.revealed.parts.delete(index)
    state.superSeeding.giveBack(index)
  }
  peer.revealed.unasked.clear()
}

/** The peer has a part. */
export function onRevealedHad(peer: SwarmPeer, index: number): void {
  peer.revealed.parts.delete(index)
}

/** The peer is gone: suggested parts that it did not get are free for others. */
export function takeBackRevealed(state: SwarmState, peer: SwarmPeer): void {
  for (const index of peer.revealed.parts) state.superSeeding.giveBack(index)
  peer.revealed.parts.clear()
  peer.revealed.unasked.clear()
}

function suggestedParts(state: SwarmState): number {
  const parts = Math.ceil(SUGGESTED_BYTES / Math.max(1, partLength(state.lengths, 0)))
  return Math.min(MAX_SUGGESTED_PARTS, Math.max(2, parts))
}
