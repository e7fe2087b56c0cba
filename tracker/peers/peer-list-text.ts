import type { Random } from "../../core/base/clock.js"
import { peersText } from "./answer-json.js"
import { COMPACT4_BYTES, COMPACT6_BYTES, type CompactPeer } from "./compact.js"
import { hasLoopback } from "./loopback.js"

/**
 * Some peers as the members of a JSON list, for answers to several of them: the list without the asking peer
 * costs two slices of a string, where writing it anew takes 10 µs and more.
 */
export class PeerListText {
  /** A caller from elsewhere can't use it as it is (client-address.ts). */
  readonly hasLoopback: boolean
  readonly #peers4: Uint8Array
  readonly #peers6: Uint8Array
  readonly #text: string
  /** Where each member begins, and last where one more would. */
  readonly #starts: Uint32Array

  constructor(peers4: Uint8Array, peers6: Uint8Array) {
    this.#peers4 = peers4
    this.#peers6 = peers6
    this.#text = peersText(peers4, peers6)
    this.hasLoopback = hasLoopback(peers4, peers6)
    this.#starts = new Uint32Array(this.size + 1)
    for (let member = 1; member <= this.size; member++)
      // Behind each brace, and the comma after it.
      this.#starts[member] = this.#text.indexOf("}", this.#starts[member - 1]) + 2
  }

  get size(): number {
    return this.#peers4.length / COMPACT4_BYTES + this.#peers6.length / COMPACT6_BYTES
  }

  /** All but `peer`; without a random one too many, when it is not among more than `limit`. */
  without(peer: CompactPeer, limit: number, random: Random): string {
    const own = this.#memberOf(peer)
    if (own !== -1) return this.#withoutMember(own)
    return this.size > limit ? this.#withoutMember(Math.floor(random() * this.size)) : this.#text
  }

  #withoutMember(member: number): string {
    const [start = 0, end = 0] = [this.#starts[member], this.#starts[member + 1]]
    if (member < this.size - 1) return this.#text.slice(0, start) + this.#text.slice(end)
    return this.#text.slice(0, Math.max(0, start - 1))
  }

  #memberOf(peer: CompactPeer): number {
    if (peer.length === COMPACT4_BYTES) return placeOf(peer, this.#peers4)
    const place = placeOf(peer, this.#peers6)
    return place === -1 ? -1 : place + this.#peers4.length / COMPACT4_BYTES
  }
}

/** Which of the compact `peers` is `peer`, or -1. From its end, because ports differ where addresses may not. */
export function placeOf(peer: CompactPeer, peers: Uint8Array): number {
  const { length } = peer
  for (let at = 0; at < peers.length; at += length) {
    let byte = length - 1
    while (byte >= 0 && peers[at + byte] === peer[byte]) byte--
    if (byte === -1) return at / length
  }
  return -1
}
