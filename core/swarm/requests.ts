import { STANDARD_BLOCK_BYTES } from "../wire/codec/messages.js"
import { isEligible, mayAsk } from "./eligibility.js"
import { endgameBlock, takeOver } from "./endgame.js"
import type { Block } from "./events.js"
import { type PartInFlight, takeBlock } from "./part-in-flight.js"
import { adoptPart, startPart } from "./picker.js"
import { pipelineBytes } from "./pipeline.js"
import { isRefusing } from "./refusals.js"
import { own } from "./request-book.js"
import { requestBytes } from "./request-bytes.js"
import { isWorthwhile, joinPart } from "./sharing.js"
import { blockKey, isLeeching, type SwarmPeer, send, type Turn } from "./state.js"

/** Requests go out in rows: one for every block that arrives would cost both sides a system call each (our choice, measured). */
const REFILL_BELOW = 0.75

/** Asks a peer for as many blocks as its pipeline takes. Safe to call at any time; does nothing when there is nothing to ask. */
export function fillPipeline(turn: Turn, peer: SwarmPeer): void {
  if (!isLeeching(turn.state) || peer.wanted === 0 || !mayAsk(turn, peer)) return
  const depth = pipelineDepth(turn, peer)
  if (peer.requestedBytes > depth * REFILL_BELOW) return
  while (peer.requestedBytes < depth && peer.requests.size < peer.maxRequests) {
    const block = nextBlock(turn, peer)
    const part = block && turn.state.inFlight.get(block.index)
    if (block === undefined || part === undefined) return
    request(turn, peer, part, block)
  }
}

function pipelineDepth(turn: Turn, peer: SwarmPeer): number {
  if (peer.snubbed || isRefusing(peer)) return STANDARD_BLOCK_BYTES
  const { config } = turn.state
  // Our own kind, which takes larger blocks, answers at once: its pauses are those of a line that many share, and deeper would be too deep.
  const mayPulse = peer.blockBytes === STANDARD_BLOCK_BYTES
  const isStarting = turn.nowMs - peer.unchokedUsAtMs < config.slowStartMs
  return pipelineBytes(config, {
    bytesPerSecond: peer.down.bytesPerSecond,
    responseMs: Math.max(peer.responseMs ?? 0, mayPulse ? peer.pace.waitMs : 0),
    startBytes: Math.max(isStarting ? peer.down.totalBytes : 0, mayPulse ? peer.pace.burstBytes(turn.nowMs) : 0),
  })
}

/** Fills every peer's pipeline, those with the emptiest first: parts went back to the pool, or memory was given back. */
export function fillAll(turn: Turn): void {
  if (!isLeeching(turn.state)) return
  const waiting = [...turn.state.peers.values()].filter((peer) => peer.wanted > 0 && mayAsk(turn, peer))
  waiting.sort((a, b) => a.requestedBytes - b.requestedBytes)
  for (const peer of waiting) fillPipeline(turn, peer)
}

function request(turn: Turn, peer: SwarmPeer, part: PartInFlight, block: Block): void {
  if (peer.requests.size === 0) {
    peer.progressAtMs = turn.nowMs
    peer.askedAtMs = turn.nowMs
  }
  peer.requests.set(blockKey(block), { block, part, begun: false, askedAtMs: turn.nowMs })
  peer.requestedBytes += block.length
  send(turn, peer, { type: "request", ...block })
}

/** The next block to ask a peer for: of a part it is at already, of one that others left, of the rarest missing one, or one shared with others. */
function nextBlock(turn: Turn, peer: SwarmPeer): Block | undefined {
  for (const part of peer.parts) {
    const block = mayGoOn(turn, peer, part) ? takeBlock(part, requestBytes(peer)) : undefined
    if (block !== undefined) return block
  }
  const part = adoptPart(turn, peer) ?? startPart(turn, peer)
  if (part !== undefined && part !== "full") return beginWith(part, peer)
  const { order, doubtful } = turn.state
  const isEndgame = order.size === 0 && doubtful.size === 0
  return part === "full" || isEndgame ? sharedBlock(turn, peer) : undefined
}

function mayGoOn(turn: Turn, peer: SwarmPeer, part: PartInFlight): boolean {
  if (part.verifying || part.freeUnits === 0 || !isEligible(turn, peer, part.index)) return false
  return part.owners.size === 1 || isWorthwhile(turn.state, peer, part)
}

function beginWith(part: PartInFlight, peer: SwarmPeer): Block | undefined {
  own(part, peer)
  return takeBlock(part, requestBytes(peer))
}

/** The peer would stand idle: it helps others with their parts. */
function sharedBlock(turn: Turn, peer: SwarmPeer): Block | undefined {
  const part = joinPart(turn, peer)
  if (part !== undefined) return beginWith(part, peer)
  const block = endgameBlock(turn, peer)
  if (block !== undefined) return block
  const left = takeOver(turn, peer)
  const anew = left === undefined ? undefined : startPart(turn, peer, left.index)
  return anew === undefined || anew === "full" ? undefined : beginWith(anew, peer)
}
