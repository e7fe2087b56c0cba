import type { SwarmPeer, SwarmState } from "./state.js"

/** Does the peer serve us anything at all? */
export function mayAsk(peer: SwarmPeer): boolean {
  return !peer.peerChoking || peer.allowedFast.size > 0
}

/** May this part be asked of this peer now? */
export function isEligible(state: SwarmState, peer: SwarmPeer, index: number): boolean {
  if (!peer.have.has(index) || peer.refused.has(index)) return false
  if (peer.peerChoking && !peer.allowedFast.has(index)) return false
  return state.book.get(peer.address)?.badParts.has(index) !== true
}
