import { STANDARD_BLOCK_BYTES } from "../wire/codec/messages.js"
import { adoptPart, startPart } from "./begin-part.js"
import { farBytes } from "./delivery.js"
import { isEligible, mayAsk } from "./eligibility.js"
import { endgameBlock } from "./endgame.js"
import type { Block } from "./events.js"
import { memoryMs, sharedBytes } from "./memory-share.js"
import { type PartInFlight, takeBlock } from "./part-in-flight.js"
import type { SwarmPeer } from "./peer.js"
import { pipelineBytes, requestBytes } from "./pipeline.js"
import { isRefusing } from "./refusals.js"
import { addRequest, own } from "./request-book.js"
import { noteFirstRequest } from "./response.js"
import { isWorthwhile, joinPart, mayShare } from "./sharing.js"
import { isLeeching, send, type Turn } from "./state.js"
import { takeOver } from "./take-over.js"

/** Requests go out in rows: one for every block that arrives would cost both sides a system call each (our choice, measured). */
const REFILL_BELOW = 0.75

/** Pipeline refills between two ticks; after these the next block or the next tick asks for more (our choice). */
const MAX_FILLS_PER_TICK = 32

/** Number of refills that messages of a peer have triggered since the last tick. */
export interface News {
  /** How often it was looked for more to ask the peer for since the last tick. */
  fills: number
}

export function createNews(): News {
  return { fills: 0 }
}

/** Asks a peer for as many blocks as its pipeline takes. Safe to call at any time; does nothing when there is nothing to ask. */
export function fillPipeline(turn: Turn, peer: SwarmPeer): void {
  if (!isLeeching(turn.state) || peer.interest.wanted === 0 || !mayAsk(turn, peer)) return
  const depth = pipelineDepth(turn, peer)
  if (peer.asked.bytes > depth * REFILL_BELOW) return
  while (peer.asked.bytes < depth && peer.asked.requests.size < peer.asked.maxRequests) {
    const block = nextBlock(turn, peer)
    const part = block && turn.state.inFlight.get(block.index)
    if (block === undefined || part === undefined) return
    request(turn, peer, part, block)
  }
}

/**
 * A message of a peer may allow further requests. A refill costs more than the few bytes of that message, so a peer that sends such
 * messages without end does not trigger one each time.
 */
export function fillOnNews(turn: Turn, peer: SwarmPeer): void {
  if (peer.news.fills >= MAX_FILLS_PER_TICK) return
  peer.news.fills++
  fillPipeline(turn, peer)
}

/** A tick: messages of the peer trigger refills again. */
export function forgetNews({ news }: SwarmPeer): void {
  news.fills = 0
}

/** A tick: the memory for parts is divided among the peers that are asked for them. */
export function divideMemory(turn: Turn): void {
  const { state } = turn
  const demands = [...state.peers.values()]
    .filter((peer) => peer.interest.wanted > 0 && mayAsk(turn, peer))
    .map((peer) => ({ peer, bytes: demandedBytes(turn, peer) }))
  state.aheadMs = demands.length < 2 ? Number.POSITIVE_INFINITY : memoryMs(state, demands)
}

function pipelineDepth(turn: Turn, peer: SwarmPeer): number {
  return Math.max(Math.min(demandedBytes(turn, peer), sharedBytes(peer, turn.state.aheadMs)), farBytes(peer))
}

/** How deep the pipeline of a peer would be with memory for all. */
function demandedBytes(turn: Turn, peer: SwarmPeer): number {
  if (peer.response.isSnubbed || isRefusing(peer)) return STANDARD_BLOCK_BYTES
  const { config } = turn.state
  // Our own kind, which takes larger blocks, answers at once: its pauses are those of a line that many share, and deeper would be too deep.
  const mayPulse = peer.asked.blockBytes === STANDARD_BLOCK_BYTES
  const isStarting = turn.nowMs - peer.allows.unchokedAtMs < config.slowStartMs
  return pipelineBytes(config, {
    bytesPerSecond: peer.down.bytesPerSecond,
    responseMs: Math.max(peer.response.shortestMs ?? 0, mayPulse ? peer.response.pace.waitMs : 0),
    startBytes: Math.max(
      isStarting ? peer.down.totalBytes - peer.allows.bytesAtUnchoke : 0,
      mayPulse ? peer.response.pace.burstBytes(turn.nowMs) : 0,
    ),
    farBytes: farBytes(peer),
  })
}

/** Fills every peer's pipeline, those with the emptiest first: parts went back to the pool, or memory was given back. */
export function fillAll(turn: Turn): void {
  if (!isLeeching(turn.state)) return
  const waiting = [...turn.state.peers.values()].filter((peer) => peer.interest.wanted > 0 && mayAsk(turn, peer))
  waiting.sort((a, b) => a.asked.bytes - b.asked.bytes)
  for (const peer of waiting) fillPipeline(turn, peer)
}

function request(turn: Turn, peer: SwarmPeer, part: PartInFlight, block: Block): void {
  if (peer.asked.requests.size === 0) noteFirstRequest(peer, turn.nowMs)
  addRequest(peer, part, block, turn.nowMs)
  send(turn, peer, { type: "request", ...block })
}

/** The next block to ask a peer for: of a part it is at already, of one that others left, of the rarest missing one, or one shared with others. */
function nextBlock(turn: Turn, peer: SwarmPeer): Block | undefined {
  for (const part of peer.asked.parts) {
    const block = mayGoOn(turn, peer, part) ? takeBlock(part, requestBytes(peer, turn.state.aheadMs)) : undefined
    if (block !== undefined) return block
  }
  const part = adoptPart(turn, peer) ?? startPart(turn, peer)
  if (part !== undefined && part !== "full") return beginWith(turn, part, peer)
  const { order, doubtful } = turn.state
  const isEndgame = order.size === 0 && doubtful.size === 0
  return part === "full" || isEndgame ? sharedBlock(turn, peer) : undefined
}

function mayGoOn(turn: Turn, peer: SwarmPeer, part: PartInFlight): boolean {
  if (part.verifying || part.freeUnits === 0 || !isEligible(turn, peer, part.index)) return false
  return part.owners.size === 1 || isWorthwhile(turn.state, peer, part)
}

function beginWith(turn: Turn, part: PartInFlight, peer: SwarmPeer): Block | undefined {
  own(part, peer)
  return takeBlock(part, requestBytes(peer, turn.state.aheadMs))
}

/** The peer would stand idle: it helps others with their parts. */
function sharedBlock(turn: Turn, peer: SwarmPeer): Block | undefined {
  const part = joinPart(turn, peer)
  if (part !== undefined) return beginWith(turn, part, peer)
  const { config, peers } = turn.state
  const view = { config, peers, nowMs: turn.nowMs, mayShare: (shared: PartInFlight) => mayShare(turn, peer, shared) }
  const block = endgameBlock(view, peer)
  if (block !== undefined) return block
  const left = takeOver(turn, peer)
  const anew = left === undefined ? undefined : startPart(turn, peer, left.index)
  return anew === undefined || anew === "full" ? undefined : beginWith(turn, anew, peer)
}
