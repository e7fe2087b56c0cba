import { STANDARD_BLOCK_BYTES } from "../wire/codec/messages.js"
import type { Block, PeerKey, SwarmEffect } from "./events.js"
import { isFullyReceived, keepRequested, type PartInFlight, releaseBlock } from "./part-in-flight.js"
import type { SwarmPeer } from "./peer.js"
import { blockKey, type SwarmState } from "./state.js"

/** A block we asked a peer for. */
export interface Request {
  readonly block: Block
  /** The attempt at the part: blocks of an earlier attempt must not count for a later one. */
  readonly part: PartInFlight
  /** Its payload has begun to arrive in the part's buffer. */
  begun: boolean
  readonly askedAtMs: number
}

/** The pending requests to a peer. */
export interface Asked {
  /** Largest block it serves in one request, and how many requests it takes at once. */
  blockBytes: number
  maxRequests: number
  /** By `blockKey`, the oldest first. */
  readonly requests: Map<number, Request>
  /** Of all requests. */
  bytes: number
  /** Keys of cancelled requests that may still be answered. */
  readonly givenUp: Set<number>
  /** Parts in flight that are asked from it, and the index of the last one; -1 before the first. */
  readonly parts: Set<PartInFlight>
  lastPart: number
}

/** A peer, as far as the book is concerned. */
export type Asker = Pick<SwarmPeer, "key" | "asked">

/** The state of a swarm that the book reads and changes. */
export interface BookTurn {
  readonly state: Pick<SwarmState, "inFlight" | "budget" | "have" | "history" | "order" | "forgone"> & {
    readonly peers: ReadonlyMap<PeerKey, Asker>
  }
  readonly effects: SwarmEffect[]
}

/** Pending requests to one peer, whatever it advertises (libtorrent: 2,000). */
const MAX_REQUESTS = 2_000

/** A queue shorter than this is not believed: a block may be refused for other reasons than their number (our choice). */
const LEAST_QUEUE = 64

export function createAsked(): Asked {
  return {
    blockBytes: STANDARD_BLOCK_BYTES,
    maxRequests: 250, // BEP 10's reqq default, as libtorrent documents it
    requests: new Map(),
    bytes: 0,
    givenUp: new Set(),
    parts: new Set(),
    lastPart: -1,
  }
}

/** The peer's BEP 10 handshake sets the size and number of requests. */
export function agreeOnRequests({ asked }: Asker, blockBytes: number, maxRequests: number): void {
  asked.blockBytes = blockBytes
  asked.maxRequests = Math.min(maxRequests, MAX_REQUESTS)
}

/** It refused one of its requests: no more are made at a time than it had taken. */
export function askLess({ asked }: Asker): void {
  const waiting = asked.requests.size
  if (waiting > LEAST_QUEUE) asked.maxRequests = Math.max(LEAST_QUEUE, Math.floor(waiting * 0.9))
}

/** A block is asked of a peer. */
export function addRequest(peer: Asker, part: PartInFlight, block: Block, nowMs: number): void {
  peer.asked.requests.set(blockKey(block), { block, part, begun: false, askedAtMs: nowMs })
  peer.asked.bytes += block.length
}

/** True when an answer for a block that was taken back has come: it is expected no longer. */
export function wasGivenUp(peer: Asker, key: number): boolean {
  return peer.asked.givenUp.delete(key)
}

/** A part is asked of this peer from now on. */
export function own(part: PartInFlight, peer: Asker): void {
  part.owners.add(peer.key)
  peer.asked.parts.add(part)
  peer.asked.lastPart = part.index
}

/** Forgets a request: answered, refused, or not to be answered any more. */
export function forgetRequest(state: BookTurn["state"], peer: Asker, request: Request): void {
  if (!peer.asked.requests.delete(blockKey(request.block))) return
  peer.asked.bytes -= request.block.length
  const { part } = request
  if (!isCurrent(state, part) || part.verifying) return
  releaseBlock(part, request.block, request.begun)
  if (part.racers.size > 0) keepRivalsRequests(state, part)
}

/** A raced block is asked of several peers: what one gives up is not free, or another would be asked for it twice. */
function keepRivalsRequests(state: BookTurn["state"], part: PartInFlight): void {
  for (const key of part.owners) {
    const requests = state.peers.get(key)?.asked.requests.values() ?? []
    for (const request of requests) if (request.part === part) keepRequested(part, request.block)
  }
}

/** False when the part was given up, or begun anew, since. */
export function isCurrent(state: BookTurn["state"], part: PartInFlight): boolean {
  return state.inFlight.get(part.index) === part
}

/** Cancels a request. Its block may be on its way already and arrive without fault of the peer. */
export function giveUpRequest(turn: BookTurn, peer: Asker, request: Request): void {
  turn.effects.push({ type: "send", peer: peer.key, message: { type: "cancel", ...request.block } })
  forgetRequest(turn.state, peer, request)
  if (peer.asked.givenUp.size >= peer.asked.maxRequests) peer.asked.givenUp.clear()
  peer.asked.givenUp.add(blockKey(request.block))
}

/** The peer gives up all it was asked for (it left, choked, or was snubbed): others may take it over. */
export function releaseParts(turn: BookTurn, peer: Asker, cancel: boolean): void {
  for (const request of [...peer.asked.requests.values()]) {
    if (cancel) giveUpRequest(turn, peer, request)
    else forgetRequest(turn.state, peer, request)
  }
  for (const part of [...peer.asked.parts]) disown(turn, part, peer)
}

/** Takes a peer off a part. Without bytes worth keeping, the part is missing again. */
export function disown(turn: BookTurn, part: PartInFlight, peer: Asker): void {
  part.owners.delete(peer.key)
  peer.asked.parts.delete(part)
  if (part.verifying || part.owners.size > 0 || isFullyReceived(part)) return
  if (part.receivedBytes === 0 || part.fromOneOnly) closePart(turn, part)
}

/** Ends a part in flight: its buffer and memory are released; a wanted part without its bytes is missing again. */
export function closePart(turn: BookTurn, part: PartInFlight): void {
  const { state } = turn
  for (const key of part.owners) state.peers.get(key)?.asked.parts.delete(part)
  state.inFlight.delete(part.index)
  state.budget.give(part.lengthBytes)
  turn.effects.push({ type: "dropPart", index: part.index })
  if (state.have.has(part.index)) return
  const history = state.history.get(part.index) ?? { retries: 0, fromOneOnly: false }
  history.retries++
  state.history.set(part.index, history)
  if (!state.forgone.has(part.index)) state.order.add(part.index)
}
