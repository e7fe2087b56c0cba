import { partLength } from "../torrent/lengths.js"
import type { Block } from "./events.js"
import type { SwarmPeer } from "./peer.js"
import { send, type Turn } from "./state.js"

/** Only newcomers get parts for nothing: who has this many can trade (BEP 6 suggests as many as the set has). */
const NEWCOMER_PARTS = 10

/** Bytes given to one choked peer at most, but always one part (our choice: enough to trade with, whatever the part size). */
const MAX_FAST_BYTES = 8 * 1024 * 1024

/** What a peer may have while it is choked (BEP 6, allowed fast). */
export interface FastOffer {
  /** Its allowed-fast set, and those of it that it was offered. */
  readonly parts: readonly number[]
  readonly offered: Set<number>
  /** Bytes of the offered parts that it has not asked for yet. */
  bytesLeft: number
}

export function createFastOffer(parts: readonly number[]): FastOffer {
  return { parts, offered: new Set(), bytesLeft: 0 }
}

/**
 * Offers a newcomer that has to wait for its turn a few parts meanwhile (BEP 6, allowed fast), so that it has something to trade.
 * Who was given a turn at once needs none, and parts from its own set would only be sent twice.
 */
export function offerFastParts(turn: Turn, peer: SwarmPeer): void {
  const { state } = turn
  if (!peer.fast || !peer.slot.isChoked || peer.has.parts.count >= NEWCOMER_PARTS || peer.fastOffer.offered.size > 0)
    return
  for (const index of peer.fastOffer.parts) {
    if (!state.have.has(index) || peer.has.parts.has(index)) continue
    const lengthBytes = partLength(state.lengths, index)
    if (peer.fastOffer.offered.size > 0 && peer.fastOffer.bytesLeft + lengthBytes > MAX_FAST_BYTES) return
    peer.fastOffer.offered.add(index)
    peer.fastOffer.bytesLeft += lengthBytes
    send(turn, peer, { type: "allowedFast", index })
  }
}

/** May a choked peer have this block? Each byte is given once: asked for again, it has to wait for its turn. */
export function spendFastBytes(peer: SwarmPeer, block: Block): boolean {
  if (!peer.fastOffer.offered.has(block.index) || block.length > peer.fastOffer.bytesLeft) return false
  peer.fastOffer.bytesLeft -= block.length
  return true
}
