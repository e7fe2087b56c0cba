import { isEligible } from "./eligibility.js"
import type { Block } from "./events.js"
import { punish } from "./faults.js"
import { fillOnNews } from "./fill-on-news.js"
import { noteRefusal } from "./refusals.js"
import { disownIfIdle, forgetRequest, releaseParts } from "./request-book.js"
import { fillPipeline } from "./requests.js"
import { blockKey, type SwarmPeer, type Turn } from "./state.js"

/** Suggestions and allowances (BEP 6 means some ten) of one peer that are remembered. */
const MAX_SUGGESTIONS = 64
const MAX_ALLOWED_FAST = 256

/** Without BEP 6 a choke takes back every request; with it, each is refused or served on its own. */
export function onChoke(turn: Turn, peer: SwarmPeer): void {
  peer.peerChoking = true
  peer.suggestions.length = 0
  if (!peer.fast) releaseParts(turn, peer, false)
}

export function onUnchoke(turn: Turn, peer: SwarmPeer): void {
  if (!peer.peerChoking) return
  peer.peerChoking = false
  peer.unchokedUsAtMs = turn.nowMs
  fillOnNews(turn, peer)
}

/** The peer serves this part although it chokes us (BEP 6). */
export function onAllowedFast(turn: Turn, peer: SwarmPeer, index: number): void {
  const { lengths, order, inFlight } = turn.state
  if (index >= lengths.partCount || peer.allowedFast.size >= MAX_ALLOWED_FAST || peer.allowedFast.has(index)) return
  peer.allowedFast.add(index)
  if ((order.includes(index) || inFlight.has(index)) && isEligible(turn, peer, index)) fillOnNews(turn, peer)
}

/** A hint what to ask this peer for next (BEP 6); bounded, the oldest is forgotten. */
export function onSuggest(turn: Turn, peer: SwarmPeer, index: number): void {
  if (index >= turn.state.lengths.partCount || !peer.fast) return
  peer.suggestedAtMs = turn.nowMs
  // Of no use now, and when it is one day nobody remembers why it was suggested.
  if (!peer.have.has(index) || !turn.state.order.includes(index)) return
  if (peer.suggestions.push(index) > MAX_SUGGESTIONS) peer.suggestions.shift()
  fillOnNews(turn, peer)
}

/** A request is refused (BEP 6). */
export function onReject(turn: Turn, peer: SwarmPeer, { index, begin, length }: Block): void {
  const key = blockKey({ index, begin, length })
  const request = peer.requests.get(key)
  if (request === undefined && peer.givenUp.delete(key)) return
  if (request === undefined || request.block.length !== length)
    return punish(turn, peer, "bad_reject", `refused a block of part ${index} that nobody asked for`)
  if (peer.peerChoking) peer.allowedFast.delete(index)
  else noteRefusal(turn.state.config, peer, request, turn.nowMs)
  forgetRequest(turn.state, peer, request)
  disownIfIdle(turn, request.part, peer)
  fillPipeline(turn, peer)
}

/** Payload of blocks came in. */
export function onBytesReceived(turn: Turn, peer: SwarmPeer, byteCount: number): void {
  peer.down.add(byteCount)
  turn.state.down.add(byteCount)
  peer.progressAtMs = turn.nowMs
  if (peer.askedAtMs !== undefined) {
    peer.responseMs = Math.min(peer.responseMs ?? Number.POSITIVE_INFINITY, turn.nowMs - peer.askedAtMs)
    peer.askedAtMs = undefined
  }
  peer.snubbed = false
}
