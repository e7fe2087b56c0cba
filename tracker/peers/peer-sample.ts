import type { Random } from "../../core/base/clock.js"
import { COMPACT4_BYTES, COMPACT6_BYTES, type CompactPeer } from "./compact.js"
import { PeerListText, placeOf } from "./peer-list-text.js"
import type { PeersText } from "./peer-store.js"

/** Peers of a swarm, one more than an answer has, so that each of them can be answered the others. */
export class PeerSample {
  readonly #peers4: Uint8Array
  readonly #peers6: Uint8Array
  readonly #limit: number
  #list: PeerListText | undefined

  /** Compact peers, `limit` + 1 at most. */
  constructor(peers4: Uint8Array, peers6: Uint8Array, limit: number) {
    this.#peers4 = peers4
    this.#peers6 = peers6
    this.#limit = limit
  }

  /** All but `peer`; without a random one too many, when it is not among more than the limit. The reader's own bytes. */
  without(peer: CompactPeer, random: Random): { readonly peers4: Uint8Array; readonly peers6: Uint8Array } {
    const count4 = this.#peers4.length / COMPACT4_BYTES
    const count = count4 + this.#peers6.length / COMPACT6_BYTES
    let left = this.#memberOf(peer, count4)
    if (left === -1 && count > this.#limit) left = Math.floor(random() * count)
    return {
      peers4: withoutMember(this.#peers4, COMPACT4_BYTES, left < count4 ? left : -1),
      peers6: withoutMember(this.#peers6, COMPACT6_BYTES, left < count4 ? -1 : left - count4),
    }
  }

  textWithout(peer: CompactPeer, random: Random): PeersText {
    this.#list ??= new PeerListText(this.#peers4, this.#peers6)
    return { text: this.#list.without(peer, this.#limit, random), hasLoopback: this.#list.hasLoopback }
  }

  /** IPv4 peers come first. */
  #memberOf(peer: CompactPeer, count4: number): number {
    if (peer.length === COMPACT4_BYTES) return placeOf(peer, this.#peers4)
    const place = placeOf(peer, this.#peers6)
    return place === -1 ? -1 : place + count4
  }
}

function withoutMember(peers: Uint8Array, peerBytes: number, member: number): Uint8Array {
  // A copy; the slice of a Buffer, which is what Redis answers, would be none.
  if (member === -1) return Uint8Array.from(peers)
  const out = new Uint8Array(peers.length - peerBytes)
  out.set(peers.subarray(0, member * peerBytes))
  out.set(peers.subarray((member + 1) * peerBytes), member * peerBytes)
  return out
}
