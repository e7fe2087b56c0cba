import { type Clock, type Random, systemClock } from "../../core/base/clock.js"
import type { CompactPeer } from "./compact.js"
import { GoneRoom, KEEP_GONE_SECONDS } from "./gone-peers.js"
import { MemoryPeers, type MemoryPeersRules, type NotedView } from "./memory-peers.js"
import { type Announce, MAX_PEERS_PER_DOCUMENT, type SwarmCounts } from "./peer-store.js"
import { EXPIRY_INTERVALS, SILENT_INTERVALS, type SwarmStatus } from "./swarm-status.js"

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
  readonly #room = new GoneRoom()
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
    swarm?.sweep(this.#rules())
    return (swarm?.size ?? 0) > 0
  }

  drop(hash: string): void {
    this.#documents.get(hash)?.forgetGone()
    this.#documents.delete(hash)
  }

  announce(swarm: MemoryPeers, announce: Announce): NotedView {
    return swarm.announce(announce, this.#rules(), this.#random)
  }

  #rules(): MemoryPeersRules {
    const { second } = this
    return { second, expiredBefore: second - this.#expirySeconds, maxPeers: this.#maxPeers, room: this.#room }
  }

  /** A client that registers made the document and has all of it; otherwise its next announce corrects that. */
  register(hash: string, peer: CompactPeer): void {
    this.hear(hash, peer, this.second, 0)
  }

  /** Records a peer that was seen in `second`, while there is room. `left`: bytes it lacks, or UNKNOWN_LEFT. */
  hear(hash: string, peer: CompactPeer, second: number, left: number): void {
    const swarm = this.open(hash)
    swarm.sweep(this.#rules())
    swarm.usedSecond = second
    if (swarm.size < this.#maxPeers || swarm.has(peer)) swarm.put(peer, second, left)
  }

  /** A peer left. */
  leave(hash: string, peer: CompactPeer, left: number): void {
    this.#documents.get(hash)?.leave(peer, left, this.#rules())
  }

  /** A peer left earlier. */
  keepGone(hash: string, peer: CompactPeer, left: number): void {
    this.open(hash).keepGone({ peer, second: this.second, left }, this.#rules())
  }

  count(swarm: MemoryPeers): SwarmCounts {
    swarm.sweep(this.#rules())
    return swarm.counts()
  }

  /** `limit`: most machines. */
  status(swarm: MemoryPeers, limit: number): SwarmStatus {
    const silentAfter = Math.floor((this.#expirySeconds * SILENT_INTERVALS) / EXPIRY_INTERVALS)
    return swarm.status(limit, this.second - silentAfter, this.#rules())
  }

  /** Peers that left, of all documents. */
  *gone(): Generator<{ readonly hash: string; readonly peer: CompactPeer; readonly left: number }> {
    for (const [hash, swarm] of this.#documents)
      for (const { peer, left } of swarm.goneRecords()) yield { hash, peer, left }
  }

  /**
   * Expires the peers of the next `count` swarms, because an unused swarm is expired by no announce. Documents without
   * peers are dropped after `unusedSeconds` without use.
   */
  sweepSome(count: number, unusedSeconds: number): void {
    const rules = this.#rules()
    this.#sweeping ??= this.#documents.entries()
    for (let swept = 0; swept < count; swept++) {
      const next = this.#sweeping.next()
      if (next.done === true) {
        this.#sweeping = undefined
        return
      }
      const [hash, swarm] = next.value
      swarm.sweep(rules)
      // What is known of peers that left is worth a day.
      const keptSeconds = swarm.goneCount > 0 ? Math.max(unusedSeconds, KEEP_GONE_SECONDS) : unusedSeconds
      if (swarm.size === 0 && swarm.usedSecond <= this.second - keptSeconds) this.drop(hash)
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
