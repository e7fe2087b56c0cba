import type { PeerReason } from "../api/why.js"
import type { NewPeer } from "./events.js"
import type { SwarmPeer } from "./peer.js"
import type { SwarmState, Turn } from "./state.js"

/** Where a peer is reached. */
export interface Contact {
  /** "host:port" */
  address: string
  /** `address` is where it listens, not only where it called from. */
  isDialable: boolean
}

/** Why a connection failed or ended, for the peer's link and for the book. `why`: a clause to show after the address. */
export interface Ended {
  readonly code: string
  readonly why: string
}

export function createContact({ address, direction }: NewPeer): Contact {
  return { address, isDialable: direction === "outgoing" }
}

/** From now on a peer goes by the address at which it can be dialled. */
export function learnAddress(state: SwarmState, peer: SwarmPeer, address: string): void {
  if (!peer.contact.isDialable) {
    peer.contact.address = address
    peer.contact.isDialable = true
  }
  if (peer.contact.address === address) noteConnected(state, address, peer.direction)
}

export function noteConnected(state: SwarmState, address: string, direction: "incoming" | "outgoing"): void {
  // One that was dialled is in the book, unless it was forgotten meanwhile.
  const known = state.book.note(address, "incoming")
  if (known !== undefined) state.book.connected(known, direction === "outgoing")
}

/** A dial or connection failed. The address is dialled again later, unless a peer is connected there. */
export function noteFailed(turn: Turn, address: string, ended: Ended): void {
  if (!isConnected(turn.state, address)) turn.state.book.failed(address, reasonOf(ended), turn.nowMs)
}

export function reasonOf({ code, why }: Ended): PeerReason {
  return { code: "failed", error: { code, message: why } }
}

/** Is a peer connected that goes by this address? */
export function isConnected(state: SwarmState, address: string): boolean {
  for (const peer of state.peers.values()) if (peer.contact.address === address) return true
  return false
}
