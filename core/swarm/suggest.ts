import { partLength } from "../torrent/lengths.js"
import { type SwarmPeer, type SwarmState, send, type Turn } from "./state.js"

/** Suggestions a peer has waiting: enough for what it asks for until the next ones reach it, and never fewer than two parts. */
const SUGGESTED_BYTES = 1024 * 1024
const MAX_SUGGESTED_PARTS = 32

/** Suggests parts to a peer that is about to fetch, until enough of them wait. */
export function suggestMore(turn: Turn, peer: SwarmPeer): void {
  const { state } = turn
  if (!state.have.isFull || !peer.fast || peer.isSeed || !peer.peerInterested) return
  const enough = suggestedParts(state)
  while (peer.suggested.size < enough) {
    const index = state.handOut.take((part) => state.order.availability(part) > 0)
    if (index === undefined) return
    peer.suggested.add(index)
    peer.dealt.add(index)
    send(turn, peer, { type: "suggest", index })
  }
}

/** The peer asks for a part: if it was suggested, it is time for another suggestion. */
export function onSuggestionTaken(turn: Turn, peer: SwarmPeer, index: number): void {
  if (peer.suggested.delete(index)) suggestMore(turn, peer)
}

/** The peer is choked: what it was suggested and has not asked for is for others. */
export function takeBackSuggestions(state: SwarmState, peer: SwarmPeer): void {
  for (const index of peer.suggested) {
    peer.dealt.delete(index)
    state.handOut.giveBack(index)
  }
  peer.suggested.clear()
}

/** The peer is gone: what it was dealt and did not get is for others. */
export function takeBackDealt(state: SwarmState, peer: SwarmPeer): void {
  for (const index of peer.dealt) state.handOut.giveBack(index)
  peer.dealt.clear()
  peer.suggested.clear()
}

function suggestedParts(state: SwarmState): number {
  const parts = Math.ceil(SUGGESTED_BYTES / Math.max(1, partLength(state.lengths, 0)))
  return Math.min(MAX_SUGGESTED_PARTS, Math.max(2, parts))
}
