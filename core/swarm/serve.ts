import { isBlockInside, partLength } from "../torrent/lengths.js"
import { LARGE_BLOCK_BYTES, STANDARD_BLOCK_BYTES } from "../wire/codec/messages.js"
import type { SwarmConfig } from "./config.js"
import type { Block } from "./events.js"
import { spendFastBytes } from "./fast-parts.js"
import { punish } from "./faults.js"
import type { SwarmPeer } from "./peer.js"
import { onRevealedAsked } from "./reveal.js"
import { blockKey, type SwarmState, send, type Turn } from "./state.js"

/** The requested blocks that a peer has not got yet. */
export interface Owed {
  /** By `blockKey`: they wait. */
  readonly blocks: Map<number, Block>
  /** What those cost that are being read and sent. */
  sendingBytes: number
  sendingBlocks: number
  /** Reading from it is paused because too many of its requests wait. */
  isHeld: boolean
  /** When a block was last sent to it, or when it connected. */
  sentAtMs: number
}

export function createOwed(nowMs: number): Owed {
  return { blocks: new Map(), sendingBytes: 0, sendingBlocks: 0, isHeld: false, sentAtMs: nowMs }
}

/** Fraction of the bound below which a paused peer is read again: reading one message at a time would cost more. */
const READ_AGAIN_BELOW = 0.75

/** A peer asks for a block of at most LARGE_BLOCK_BYTES: the request is queued, or refused. */
export function onRequest(turn: Turn, peer: SwarmPeer, block: Block): void {
  const { state } = turn
  const fault = faultOf(state, block)
  if (fault !== undefined) {
    refuse(turn, peer, block)
    return punish(
      turn,
      peer,
      "bad_request",
      `asked for bytes ${block.begin}+${block.length} of part ${block.index}, ${fault}`,
    )
  }
  if (!state.have.has(block.index)) {
    if (state.lost.has(block.index)) return fail(turn, peer, block)
    refuse(turn, peer, block)
    return punish(turn, peer, "bad_request", `asked for part ${block.index}, which we never offered`)
  }
  // A request that crossed our choke on the way is no fault.
  if (isFull(state.config, peer) || (peer.slot.isChoked && !spendFastBytes(peer, block)))
    return refuse(turn, peer, block)
  peer.owed.blocks.set(blockKey(block), block)
  onRevealedAsked(turn, peer, block.index)
  serveMore(turn, peer)
  holdIfFull(turn, peer)
}

/** The fault of a request, for any peer; undefined when there is none. */
function faultOf({ lengths, config }: SwarmState, { index, begin, length }: Block): string | undefined {
  if (!isBlockInside(lengths, index, begin, length)) return "which are not there"
  if (length > LARGE_BLOCK_BYTES) return `more than the ${LARGE_BLOCK_BYTES} of a block`
  const endsPart = begin + length === partLength(lengths, index)
  if (length < config.minUploadRequestBytes && !endsPart) return `fewer than ${config.minUploadRequestBytes}`
  return undefined
}

/** BEP 6 allows a reject; a peer without it is paused instead, and its requests read before that are accepted. */
function isFull(config: SwarmConfig, peer: SwarmPeer): boolean {
  return peer.fast && peer.owed.blocks.size + peer.owed.sendingBlocks >= config.maxUploadRequests
}

function holdIfFull(turn: Turn, peer: SwarmPeer): void {
  if (peer.fast || peer.owed.isHeld || peer.owed.blocks.size < turn.state.config.maxUnrefusedRequests) return
  peer.owed.isHeld = true
  turn.effects.push({ type: "holdReading", peer: peer.key })
}

function resumeIfRoom(turn: Turn, peer: SwarmPeer): void {
  if (!peer.owed.isHeld || peer.owed.blocks.size > turn.state.config.maxUnrefusedRequests * READ_AGAIN_BELOW) return
  peer.owed.isHeld = false
  turn.effects.push({ type: "resumeReading", peer: peer.key })
}

export function onCancel(turn: Turn, peer: SwarmPeer, block: Block): void {
  const waiting = peer.owed.blocks.get(blockKey(block))
  if (waiting === undefined || waiting.length !== block.length) return
  peer.owed.blocks.delete(blockKey(block))
  refuse(turn, peer, block)
}

export function onBlockSent(turn: Turn, peer: SwarmPeer, block: Block, ok: boolean): void {
  peer.owed.sendingBytes -= costOf(block)
  peer.owed.sendingBlocks--
  if (ok) {
    peer.up.add(block.length)
    turn.state.up.add(block.length)
    peer.owed.sentAtMs = turn.nowMs
  } else fail(turn, peer, block)
  serveMore(turn, peer)
}

/** We choke the peer: its waiting requests are rejected (BEP 6), except blocks already on their way. */
export function refuseWaiting(turn: Turn, peer: SwarmPeer): void {
  for (const block of peer.owed.blocks.values()) refuse(turn, peer, block)
  peer.owed.blocks.clear()
  resumeIfRoom(turn, peer)
}

/** Sends waiting blocks, as many at a time as the window allows: the rest can still be cancelled. */
function serveMore(turn: Turn, peer: SwarmPeer): void {
  const windowBytes = uploadWindow(turn.state.config, peer)
  for (const [key, block] of peer.owed.blocks) {
    if (peer.owed.sendingBlocks > 0 && peer.owed.sendingBytes + costOf(block) > windowBytes) break
    peer.owed.blocks.delete(key)
    peer.owed.sendingBytes += costOf(block)
    peer.owed.sendingBlocks++
    turn.effects.push({ type: "sendBlock", peer: peer.key, ...block })
  }
  resumeIfRoom(turn, peer)
}

/** A block's cost in the window: a small one needs a read, a buffer and a write too. */
function costOf(block: Block): number {
  return Math.max(block.length, STANDARD_BLOCK_BYTES)
}

/**
 * What goes out in `uploadWindowMs` at its last known rate, between the bounds: a slow or limited peer can still take requests back.
 * While no rate is known, what went out so far stands for it.
 */
function uploadWindow(config: SwarmConfig, peer: SwarmPeer): number {
  const { knownBytesPerSecond: rate, totalBytes } = peer.up
  const bytes = ((rate > 0 ? rate : totalBytes) * config.uploadWindowMs) / 1_000
  return Math.min(config.maxUploadWindowBytes, Math.max(config.minUploadWindowBytes, bytes))
}

/** The requested part can't be read. Without BEP 6 the peer would wait indefinitely: after a reconnect the part is not offered. */
function fail(turn: Turn, peer: SwarmPeer, block: Block): void {
  if (peer.fast || peer.slot.isChoked) return refuse(turn, peer, block)
  const why = `asked for part ${block.index}, which can't be read, and supports no reject`
  turn.effects.push({ type: "close", peer: peer.key, code: "part_unreadable", why })
}

function refuse(turn: Turn, peer: SwarmPeer, { index, begin, length }: Block): void {
  if (peer.fast) send(turn, peer, { type: "reject", index, begin, length })
}
