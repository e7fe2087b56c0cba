import type { Random } from "../clock.js"
import { partLength } from "../torrent/lengths.js"
import { type SwarmPeer, type SwarmState, send, type Turn } from "./state.js"

/**
 * A seed's uplink is what a young swarm waits for: every part it sends twice before it has sent each once makes everybody
 * wait longer (Kumar and Ross's F / u_s). Downloaders can't know what others were asked for a moment ago, nor see more of a
 * large swarm than their neighbours; the seed does. So it deals its parts out: each unchoked peer is suggested parts that
 * nobody has and nobody else was suggested (BEP 6 made Suggest Piece for this: "super-seeding without throughput
 * reduction"). It hides nothing, and peers that don't care for suggestions fetch as they like.
 */
export class HandOut {
  readonly #partCount: number
  /** Where the round began: anywhere, so that two seeds deal out different parts. It runs in sequence, so that disks do. */
  readonly #firstPart: number
  /** Parts of the round so far: dealt out, or found with somebody. */
  #passedCount = 0
  /** Dealt out to peers that left without having fetched them. */
  readonly #returned: number[] = []

  constructor(partCount: number, random: Random) {
    this.#partCount = partCount
    this.#firstPart = Math.floor(random() * partCount)
  }

  /** The next part that nobody has according to `isOut`, or undefined when all are out. */
  take(isOut: (index: number) => boolean): number | undefined {
    for (let index = this.#returned.pop(); index !== undefined; index = this.#returned.pop())
      if (!isOut(index)) return index
    while (this.#passedCount < this.#partCount) {
      const index = (this.#firstPart + this.#passedCount++) % this.#partCount
      if (!isOut(index)) return index
    }
    return undefined
  }

  giveBack(index: number): void {
    this.#returned.push(index)
  }
}

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
