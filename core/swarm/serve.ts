import { isBlockInside } from "../torrent/lengths.js"
import { LARGE_BLOCK_BYTES } from "../wire/messages.js"
import type { SwarmConfig } from "./config.js"
import type { Block } from "./events.js"
import { spendFastBytes } from "./fast-parts.js"
import { punish } from "./faults.js"
import { blockKey, type SwarmPeer, send, type Turn } from "./state.js"
import { onSuggestionTaken } from "./suggest.js"

/** A peer asks for a block, LARGE_BLOCK_BYTES at most whoever asks: it waits in the peer's queue, or is refused. */
export function onRequest(turn: Turn, peer: SwarmPeer, block: Block): void {
  const { state } = turn
  if (!isBlockInside(state.lengths, block.index, block.begin, block.length) || block.length > LARGE_BLOCK_BYTES) {
    refuse(turn, peer, block)
    punish(
      turn,
      peer,
      "bad_request",
      `asked for bytes ${block.begin}+${block.length} of part ${block.index}, which are not there`,
    )
    return
  }
  if (!state.have.has(block.index)) {
    refuse(turn, peer, block)
    if (!state.lost.has(block.index))
      punish(turn, peer, "bad_request", `asked for part ${block.index}, which we never offered`)
    return
  }
  // A request that crossed our choke on the way is no fault.
  if ((peer.amChoking && !spendFastBytes(peer, block)) || peer.uploads.size >= state.config.maxUploadRequests) {
    refuse(turn, peer, block)
    return
  }
  peer.uploads.set(blockKey(block), block)
  onSuggestionTaken(turn, peer, block.index)
  serveMore(turn, peer)
}

export function onCancel(turn: Turn, peer: SwarmPeer, block: Block): void {
  const waiting = peer.uploads.get(blockKey(block))
  if (waiting === undefined || waiting.length !== block.length) return
  peer.uploads.delete(blockKey(block))
  refuse(turn, peer, block)
}

export function onBlockSent(turn: Turn, peer: SwarmPeer, block: Block, ok: boolean): void {
  peer.sendingBytes -= block.length
  peer.sendingBlocks--
  if (ok) {
    peer.up.add(block.length)
    turn.state.up.add(block.length)
  } else refuse(turn, peer, block)
  serveMore(turn, peer)
}

/** We choke the peer: what it waits for is refused (BEP 6), but for what is on its way already. */
export function refuseWaiting(turn: Turn, peer: SwarmPeer): void {
  for (const block of peer.uploads.values()) refuse(turn, peer, block)
  peer.uploads.clear()
}

/** Hands out waiting blocks, as many at a time as the window takes: the rest can still be cancelled. */
function serveMore(turn: Turn, peer: SwarmPeer): void {
  const windowBytes = uploadWindow(turn.state.config, peer)
  for (const [key, block] of peer.uploads) {
    if (peer.sendingBlocks > 0 && peer.sendingBytes + block.length > windowBytes) return
    peer.uploads.delete(key)
    peer.sendingBytes += block.length
    peer.sendingBlocks++
    turn.effects.push({ type: "sendBlock", peer: peer.key, ...block })
  }
}

/**
 * What goes out in `uploadWindowMs` at its present rate, between the bounds: a slow or limited peer can still take requests back.
 * While no rate is known, what went out so far stands for it.
 */
function uploadWindow(config: SwarmConfig, peer: SwarmPeer): number {
  const pace = peer.up.bytesPerSecond > 0 ? peer.up.bytesPerSecond : peer.up.totalBytes
  const bytes = (pace * config.uploadWindowMs) / 1_000
  return Math.min(config.maxUploadWindowBytes, Math.max(config.minUploadWindowBytes, bytes))
}

function refuse(turn: Turn, peer: SwarmPeer, { index, begin, length }: Block): void {
  if (peer.fast) send(turn, peer, { type: "reject", index, begin, length })
}
