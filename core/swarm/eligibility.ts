import type { PartInFlight } from "./part-in-flight.js"
import type { SwarmPeer } from "./peer.js"
import { isRefused } from "./refusals.js"
import { disown } from "./request-book.js"
import type { Turn } from "./state.js"

/** Whether any request may be sent to the peer now. */
export function mayAsk({ nowMs }: Turn, peer: SwarmPeer): boolean {
  return (!peer.allows.isChoking || peer.allows.fastParts.size > 0) && peer.refusals.askAgainAtMs <= nowMs
}

/** May this part be asked of this peer now? */
export function isEligible({ state, nowMs }: Turn, peer: SwarmPeer, index: number): boolean {
  if (!peer.has.parts.has(index) || isRefused(peer, index, nowMs)) return false
  if (peer.allows.isChoking && !peer.allows.fastParts.has(index)) return false
  return state.book.get(peer.contact.address)?.badParts.has(index) !== true
}

/** Removes a peer from a part's owners when it must not be asked for it and no block of it is on its way. */
export function disownIfIdle(turn: Turn, part: PartInFlight, peer: SwarmPeer): void {
  if (!peer.asked.parts.has(part) || isEligible(turn, peer, part.index)) return
  for (const request of peer.asked.requests.values()) if (request.part === part) return
  disown(turn, part, peer)
}
