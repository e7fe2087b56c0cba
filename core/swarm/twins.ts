import { hostOf } from "../address/host-of.js"
import type { NewPeer } from "./events.js"
import type { SwarmPeer } from "./peer.js"
import type { SwarmState } from "./state.js"

/**
 * The connected peer that a new connection leads to as well. A peer id alone does not prove that: some clients share one id, and any peer
 * may copy it. A stranger that copied the id of the only seed and connected first would shut the seed out, so a stranger at two addresses
 * (IPv4 and IPv6) stays two peers. Of a stranger, the connection has to come from the same host, and the peer must not be known to listen on another port there.
 */
export function twinOf(state: SwarmState, facts: NewPeer): SwarmPeer | undefined {
  for (const peer of state.peers.values())
    if (peer.peerId === facts.peerId && (isSameAddress(peer, facts) || isSameClient(peer, facts))) return peer
  return undefined
}

function isSameAddress({ contact }: SwarmPeer, { address, direction }: NewPeer): boolean {
  const listensElsewhere = contact.isDialable && direction === "outgoing" && contact.address !== address
  return hostOf(contact.address) === hostOf(address) && !listensElsewhere
}

/**
 * One client is often found at several of its addresses at once (loopback, IPv4, IPv6). Of two connections that it dialled it closes one,
 * because only it knows which it takes for the older.
 */
function isSameClient(peer: SwarmPeer, { isTrusted, isOwnKind, direction }: NewPeer): boolean {
  return peer.isTrusted && isTrusted && isOwnKind && (direction === "outgoing" || peer.direction === "outgoing")
}

/**
 * Which of two connections between the same two peers ends? Two of this project's clients keep the one dialled by the peer with the larger
 * id, so that they never close each other's. Other clients (aria2, Transmission) keep the older one: so do we with them, or both would
 * be closed, and so we do with two in the same direction.
 */
export function staysInstead(state: SwarmState, older: SwarmPeer, newer: NewPeer): boolean {
  if (!newer.isOwnKind || older.direction === newer.direction) return true
  const dialledByUs = state.selfId > newer.peerId ? "outgoing" : "incoming"
  return older.direction === dialledByUs
}
