import { isRefused } from "./refusals.js"
import type { SwarmPeer, Turn } from "./state.js"

/** May the peer be asked for anything at all now? */
export function mayAsk({ nowMs }: Turn, peer: SwarmPeer): boolean {
  return (!peer.peerChoking || peer.allowedFast.size > 0) && peer.askAgainAtMs <= nowMs
}

/** May this part be asked of this peer now? */
export function isEligible({ state, nowMs }: Turn, peer: SwarmPeer, index: number): boolean {
  if (!peer.have.has(index) || isRefused(peer, index, nowMs)) return false
  if (peer.peerChoking && !peer.allowedFast.has(index)) return false
  return state.book.get(peer.address)?.badParts.has(index) !== true
}
