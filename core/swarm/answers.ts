import { disownIfIdle, isEligible } from "./eligibility.js"
import type { Block } from "./events.js"
import { punish } from "./faults.js"
import type { SwarmPeer } from "./peer.js"
import { noteRefusal } from "./refusals.js"
import { askLess, forgetRequest, releaseParts, wasGivenUp } from "./request-book.js"
import { fillOnNews, fillPipeline } from "./requests.js"
import { noteBytes } from "./response.js"
import { blockKey, type Turn } from "./state.js"
import { forgetSuggestions, noteSuggestion } from "./suggestions.js"

/** Allowances of one peer that are remembered; BEP 6 means some ten. */
const MAX_ALLOWED_FAST = 256

/** The requests that a peer allows. */
export interface Allows {
  isChoking: boolean
  /** When it last unchoked us. */
  unchokedAtMs: number
  /** Payload that it had sent by then. */
  bytesAtUnchoke: number
  /** Parts it may be asked for while it chokes us (BEP 6). */
  readonly fastParts: Set<number>
}

export function createAllows(nowMs: number): Allows {
  return {
    isChoking: true,
    unchokedAtMs: nowMs,
    bytesAtUnchoke: 0,
    fastParts: new Set(),
  }
}

/** Without BEP 6 a choke takes back every request; with it, each is refused or served on its own. */
export function onChoke(turn: Turn, peer: SwarmPeer): void {
  peer.allows.isChoking = true
  forgetSuggestions(peer)
  if (!peer.fast) releaseParts(turn, peer, false)
}

export function onUnchoke(turn: Turn, peer: SwarmPeer): void {
  if (!peer.allows.isChoking) return
  peer.allows.isChoking = false
  peer.allows.unchokedAtMs = turn.nowMs
  peer.allows.bytesAtUnchoke = peer.down.totalBytes
  fillOnNews(turn, peer)
}

/** The peer serves this part although it chokes us (BEP 6). */
export function onAllowedFast(turn: Turn, peer: SwarmPeer, index: number): void {
  const { lengths, order, inFlight } = turn.state
  if (index >= lengths.partCount || peer.allows.fastParts.size >= MAX_ALLOWED_FAST || peer.allows.fastParts.has(index))
    return
  peer.allows.fastParts.add(index)
  if ((order.includes(index) || inFlight.has(index)) && isEligible(turn, peer, index)) fillOnNews(turn, peer)
}

/** A hint what to ask this peer for next (BEP 6); bounded, the oldest is forgotten. */
export function onSuggest(turn: Turn, peer: SwarmPeer, index: number): void {
  if (index >= turn.state.lengths.partCount || !peer.fast) return
  const isOfUse = peer.has.parts.has(index) && turn.state.order.includes(index)
  noteSuggestion(peer, index, isOfUse, turn.nowMs)
  if (isOfUse) fillOnNews(turn, peer)
}

/** A request is refused (BEP 6). */
export function onReject(turn: Turn, peer: SwarmPeer, { index, begin, length }: Block): void {
  const key = blockKey({ index, begin, length })
  const request = peer.asked.requests.get(key)
  if (request === undefined && wasGivenUp(peer, key)) return
  if (request === undefined || request.block.length !== length)
    return punish(turn, peer, "bad_reject", `refused a block of part ${index} that was not requested`)
  if (peer.allows.isChoking) peer.allows.fastParts.delete(index)
  else {
    askLess(peer)
    noteRefusal(turn.state.config, peer, request, turn.nowMs)
  }
  forgetRequest(turn.state, peer, request)
  disownIfIdle(turn, request.part, peer)
  fillPipeline(turn, peer)
}

/** Payload of blocks came in. */
export function onBytesReceived(turn: Turn, peer: SwarmPeer, byteCount: number): void {
  peer.down.add(byteCount)
  turn.state.down.add(byteCount)
  noteBytes(peer, turn.nowMs)
}
