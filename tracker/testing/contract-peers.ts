import { type CompactPeer, encodeCompact } from "../peers/compact.js"
import type { Announce, PeerStore } from "../peers/peer-store.js"

/** A store under test, with its time in the test's hand. */
export interface StoreUnderTest {
  /** Its peers expire after `EXPIRY_SECONDS`, and a document has at most `MAX_PEERS`. */
  readonly store: PeerStore
  /** Advances the store's clock. */
  passSeconds(seconds: number): Promise<void>
}

export const EXPIRY_SECONDS = 90
export const MAX_PEERS = 400

/** Two documents of the contract. */
export const documentA = "0b7d3c52-5a3e-4e6a-9c1f-3f0c8a3b9d11"
export const documentB = "1b7d3c52-5a3e-4e6a-9c1f-3f0c8a3b9d11"

/** 10.0.x.y:7000 and [2001:db8::x]:7000 of a number. */
export function peer(number: number): CompactPeer {
  return compact(`10.0.${number >> 8}.${number & 255}`, 7_000)
}

export function peer6(number: number): CompactPeer {
  return compact(`2001:db8::${number.toString(16)}`, 7_000)
}

export function compact(host: string, port: number): CompactPeer {
  const encoded = encodeCompact(host, port)
  if (encoded === undefined) throw new Error(`${host} is no address`)
  return encoded
}

export function announceOf(caller: CompactPeer, more: Partial<Announce> = {}): Announce {
  return { hash: documentA, peer: caller, left: 100, event: undefined, limit: 50, mayAdd: true, ...more }
}
