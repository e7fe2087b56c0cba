import { partLength } from "../torrent/lengths.js"
import type { SwarmPeer } from "./peer.js"
import { type SwarmState, send, type Turn } from "./state.js"

/**
 * Bytes of pending suggestions of a peer, enough until the next ones reach it: what it takes in this time, between two bounds, and one part more
 * where parts take less. More keeps parts from faster peers, and a slow line has none to spare (our choice, simulated).
 */
const SUGGESTED_MS = 1_000
const MIN_SUGGESTED_BYTES = 256 * 1024
const MAX_SUGGESTED_BYTES = 1024 * 1024
const MAX_SUGGESTED_PARTS = 32

/** The parts that we, as a seed, leave to a peer: they are suggested to no other. */
export interface Revealed {
  /** Suggested parts that it has not asked for yet. */
  readonly unasked: Set<number>
  /** All parts that it does not have yet: suggested, or its own choice before any other peer's. */
  readonly parts: Set<number>
}

export function createRevealed(): Revealed {
  return { unasked: new Set(), parts: new Set() }
}

/** Suggests parts to a peer that is about to fetch, until enough of them wait. None when its turn is over: it ends with the parts that it fetches. */
export function revealMore(turn: Turn, peer: SwarmPeer): void {
  const { state } = turn
  if (!state.have.isFull || !peer.fast || peer.has.isSeed || !peer.slot.isWanted) return
  if (isTurnOver(turn, peer)) return
  const enough = suggestedParts(turn, peer)
  while (peer.revealed.unasked.size < enough) {
    const index = state.superSeeding.next((part) => isLeftToAny(state, part))
    if (index === undefined) return
    peer.revealed.unasked.add(index)
    peer.revealed.parts.add(index)
    send(turn, peer, { type: "suggest", index })
  }
}

/** The peer asks for a part: if it was suggested, it is time for another suggestion; if no other peer has it, it is left to this one. */
export function onRevealedAsked(turn: Turn, peer: SwarmPeer, index: number): void {
  if (peer.revealed.unasked.delete(index)) return revealMore(turn, peer)
  // A part is asked for in many blocks.
  if (peer.revealed.parts.has(index)) return
  if (turn.state.have.isFull && !isTurnOver(turn, peer) && !isLeftToAny(turn.state, index))
    peer.revealed.parts.add(index)
}

/** We are a seed and have parts that were not suggested to any peer yet. */
export function isSuggesting({ have, superSeeding }: SwarmState): boolean {
  return have.isFull && !superSeeding.isOver
}

/** A peer has the part, or it is left to one. */
function isLeftToAny(state: SwarmState, index: number): boolean {
  if (state.order.availability(index) > 0) return true
  for (const { revealed } of state.peers.values()) if (revealed.parts.has(index)) return true
  return false
}

/** The peer fetches a part that no other peer will get from us. */
export function isFetchingRevealed({ revealed }: SwarmPeer): boolean {
  return revealed.parts.size > revealed.unasked.size
}

/** The peer has a part. If its turn is over, it was waited for. */
export function onRevealedHad({ state, nowMs }: Turn, { revealed, slot }: SwarmPeer, index: number): void {
  revealed.unasked.delete(index)
  if (!revealed.parts.delete(index) || revealed.parts.size > 0 || slot.isChoked) return
  if (nowMs - slot.unchokedAtMs >= state.config.turnMs) state.rechokeAtMs = nowMs
}

/** The peer is choked or gone: what was left to it and it did not get is for others. */
export function takeBackRevealed(state: SwarmState, peer: SwarmPeer): void {
  for (const index of peer.revealed.parts) state.superSeeding.giveBack(index)
  peer.revealed.parts.clear()
  peer.revealed.unasked.clear()
}

/** It was served as long as others wait for. */
function isTurnOver({ state, nowMs }: Turn, peer: SwarmPeer): boolean {
  if (nowMs - peer.slot.unchokedAtMs < state.config.turnMs) return false
  for (const { slot } of state.peers.values()) if (slot.isChoked && slot.isWanted) return true
  return false
}

function suggestedParts({ state }: Turn, { up }: SwarmPeer): number {
  const partBytes = Math.max(1, partLength(state.lengths, 0))
  const bytes = (up.knownBytesPerSecond * SUGGESTED_MS) / 1_000
  const parts = Math.ceil(Math.min(MAX_SUGGESTED_BYTES, Math.max(MIN_SUGGESTED_BYTES, bytes)) / partBytes)
  return Math.min(MAX_SUGGESTED_PARTS, bytes < partBytes ? parts : parts + 1)
}
