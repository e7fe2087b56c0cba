import { partLength } from "../torrent/lengths.js"
import type { Block } from "./events.js"
import { type SwarmPeer, send, type Turn } from "./state.js"

/** Only newcomers get parts for nothing: who has this many can trade (BEP 6 suggests as many as the set has). */
const NEWCOMER_PARTS = 10

/** Bytes given to one choked peer at most, but always one part (our choice: enough to trade with, whatever the part size). */
const MAX_FAST_BYTES = 8 * 1024 * 1024

/**
 * Offers a newcomer that has to wait for its turn a few parts meanwhile (BEP 6, allowed fast), so that it has something to trade.
 * Who was given a turn at once needs none, and parts from its own set would only be sent twice.
 */
export function offerFastParts(turn: Turn, peer: SwarmPeer): void {
  const { state } = turn
  if (!peer.fast || !peer.amChoking || peer.have.count >= NEWCOMER_PARTS || peer.offeredFast.size > 0) return
  for (const index of peer.fastParts) {
    if (!state.have.has(index) || peer.have.has(index)) continue
    const lengthBytes = partLength(state.lengths, index)
    if (peer.offeredFast.size > 0 && peer.fastBytesLeft + lengthBytes > MAX_FAST_BYTES) return
    peer.offeredFast.add(index)
    peer.fastBytesLeft += lengthBytes
    send(turn, peer, { type: "allowedFast", index })
  }
}

/** May a choked peer have this block? Each byte is given once: asked for again, it has to wait for its turn. */
export function spendFastBytes(peer: SwarmPeer, block: Block): boolean {
  if (!peer.offeredFast.has(block.index) || block.length > peer.fastBytesLeft) return false
  peer.fastBytesLeft -= block.length
  return true
}
