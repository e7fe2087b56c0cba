import { type Clock, type Random, systemClock } from "../../core/base/clock.js"
import type { CompactPeer } from "./compact.js"
import { MemoryPeers, type NotedView } from "./memory-peers.js"
import { type Announce, MAX_PEERS_PER_DOCUMENT, type SwarmCounts } from "./peer-store.js"

export interface MemoryDocumentsOptions {
  /** A peer without an announce for this time has expired. */
  readonly expirySeconds: number
  /** Default MAX_PEERS_PER_DOCUMENT. */
  readonly maxPeersPerDocument?: number
  readonly clock?: Clock
  readonly random?: Random
}

/** The documents a process holds in memory, with the time their peers live by. */
export class MemoryDocuments {
  readonly #documents = new Map<string, MemoryPeers>()
  readonly #expirySeconds: number
  readonly #maxPeers: number
  readonly #clock: Clock
  readonly #random: Random
  /** Where the last sweep stopped. */
  #sweeping: Iterator<[string, MemoryPeers]> | undefined

  constructor(options: MemoryDocumentsOptions) {
    this.#expirySeconds = options.expirySeconds
    this.#maxPeers = options.maxPeersPerDocument ?? MAX_PEERS_PER_DOCUMENT
    this.#clock = options.clock ?? systemClock
    this.#random = options.random ?? Math.random
  }

  /** Whole monotonic seconds: all an expiry of minutes needs, and they fit a table's word. */
  get second(): number {
    return Math.floor(this.#clock.now() / 1_000)
  }

  /** Peers last seen before this second are gone. */
  get expiredBefore(): number {
    return this.second - this.#expirySeconds
  }

  get size(): number {
    return this.#documents.size
  }

  get(hash: string): MemoryPeers | undefined {
    return this.#documents.get(hash)
  }

  /** The swarm of a document, empty when it is new here. */
  open(hash: string): MemoryPeers {
    let swarm = this.#documents.get(hash)
    if (swarm === undefined) {
      swarm = new MemoryPeers()
      this.#documents.set(hash, swarm)
    }
    return swarm
  }

  /** Has it any that are not expired? */
  hasPeers(hash: string): boolean {
    const swarm = this.#documents.get(hash)
    swarm?.sweep(this.expiredBefore)
    return (swarm?.size ?? 0) > 0
  }

  drop(hash: string): void {
    this.#documents.delete(hash)
  }

  announce(swarm: MemoryPeers, announce: Announce): NotedView {
    const { second } = this
    const rules = { second, expiredBefore: second - this.#expirySeconds, maxPeers: this.#maxPeers }
    return swarm.announce(announce, rules, this.#random)
  }

  /** A client that registers made the document and has all of it; otherwise its next announce corrects that. */
  register(hash: string, peer: CompactPeer): void {
    this.hear(hash, peer, this.second, true)
  }

  /** Records a peer that was seen in `second`, while there is room. */
  hear(hash: string, peer: CompactPeer, second: number, seeder: boolean): void {
    const swarm = this.open(hash)
    swarm.sweep(this.expiredBefore)
    swarm.usedSecond = second
    if (swarm.size < this.#maxPeers || swarm.has(peer)) swarm.put(peer, second, seeder)
  }

  count(swarm: MemoryPeers): SwarmCounts {
    swarm.sweep(this.expiredBefore)
    return swarm.counts()
  }

  /**
   * Expires the peers of the next `count` swarms, because an unused swarm is expired by no announce. Documents without
   * peers are dropped after `unusedSeconds` without use.
   */
  sweepSome(count: number, unusedSeconds: number): void {
    const unusedSince = this.second - unusedSeconds
    this.#sweeping ??= this.#documents.entries()
    for (let swept = 0; swept < count; swept++) {
      const next = this.#sweeping.next()
      if (next.done === true) {
        this.#sweeping = undefined
        return
      }
      const [hash, swarm] = next.value
      swarm.sweep(this.expiredBefore)
      if (swarm.size === 0 && swarm.usedSecond <= unusedSince) this.#documents.delete(hash)
    }
  }

  /** Walks all of them: for a scrape of the metrics, not for a request. */
  countPeers(): number {
    let peers = 0
    for (const swarm of this.#documents.values()) peers += swarm.size
    return peers
  }

  clear(): void {
    this.#documents.clear()
    this.#sweeping = undefined
  }
}
