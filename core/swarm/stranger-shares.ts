import type { KnownPeer } from "./known-peer.js"

/**
 * Addresses that strangers named and nobody vouches for: by the network of who named them, oldest first. When there are too many, the
 * network that named most loses its oldest, so that nobody can put out what others told.
 */
export class StrangerShares {
  readonly #shares = new Map<string, Set<KnownPeer>>()
  readonly #max: number
  #size = 0

  constructor(max: number) {
    this.#max = max
  }

  get isFull(): boolean {
    return this.#size >= this.#max
  }

  add(peer: KnownPeer): void {
    if (peer.vouched || peer.namedBy === undefined) return
    const share = this.#shares.get(peer.namedBy) ?? new Set()
    this.#shares.set(peer.namedBy, share)
    share.add(peer)
    this.#size++
  }

  /** Vouched for, banned, or forgotten. */
  remove(peer: KnownPeer): void {
    if (peer.namedBy === undefined) return
    const share = this.#shares.get(peer.namedBy)
    if (share?.delete(peer) !== true) return
    this.#size--
    if (share.size === 0) this.#shares.delete(peer.namedBy)
  }

  /** Who leaves first: of the largest share that has one, the oldest that is neither connected nor being dialled. */
  expendable(): KnownPeer | undefined {
    const largestFirst = [...this.#shares.values()].sort((a, b) => b.size - a.size)
    for (const share of largestFirst) for (const peer of share) if (peer.state === "idle") return peer
    return undefined
  }
}
