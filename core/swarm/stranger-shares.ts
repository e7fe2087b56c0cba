import type { KnownPeer } from "./known-peer.js"

/**
 * Addresses from untrusted peers only: by the network of the peer that named them, oldest first. When there are too many, the network
 * that named most loses its oldest, so that no network can displace the addresses of others.
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

  /** The next to remove: of the largest share that has one, the oldest address that is neither connected nor being dialled. */
  expendable(): KnownPeer | undefined {
    const largestFirst = [...this.#shares.values()].sort((a, b) => b.size - a.size)
    for (const share of largestFirst) for (const peer of share) if (peer.state === "idle") return peer
    return undefined
  }
}
