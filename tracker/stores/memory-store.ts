import { TrackerError } from "../../core/base/errors.js"
import type { CompactPeer } from "../peers/compact.js"
import { MemoryDocuments, type MemoryDocumentsOptions } from "../peers/memory-documents.js"
import {
  type Announce,
  DEFAULT_FORGET_SECONDS,
  type DocumentCounts,
  FULL_FORGET_SECONDS,
  type PeerStore,
  type StoreTotals,
  type SwarmView,
} from "../peers/peer-store.js"
import type { SwarmStatus } from "../peers/swarm-status.js"

/** How often and how many swarms are swept, so that 1,000,000 of them never hold up a request. */
const SWEEP_EVERY_MS = 1_000
const SWARMS_PER_SWEEP = 10_000

/** A document without peers takes some 300 bytes: a tracker inside a client is bounded, too. */
const DEFAULT_MAX_DOCUMENTS = 200_000

export interface MemoryStoreOptions extends MemoryDocumentsOptions {
  /** A document without use for this time is removed; default 90 days. */
  readonly forgetSeconds?: number
  /** Default 200,000. */
  readonly maxDocuments?: number
}

/** Keeps everything in this process and forgets it with it. */
export class MemoryStore implements PeerStore {
  readonly #swarms: MemoryDocuments
  readonly #sweeper: NodeJS.Timeout
  readonly #forgetSeconds: number
  readonly #maxDocuments: number

  constructor(options: MemoryStoreOptions) {
    this.#swarms = new MemoryDocuments(options)
    this.#forgetSeconds = options.forgetSeconds ?? DEFAULT_FORGET_SECONDS
    this.#maxDocuments = options.maxDocuments ?? DEFAULT_MAX_DOCUMENTS
    this.#sweeper = setInterval(() => this.sweep(), SWEEP_EVERY_MS).unref()
  }

  async register(hash: string, peer: CompactPeer): Promise<void> {
    if (this.#isFull && this.#swarms.get(hash) === undefined)
      throw new TrackerError("store_full", "the tracker has as many documents as it may have")
    this.#swarms.register(hash, peer)
  }

  /** Expires peers, and removes unused documents. A timer calls it once a second. */
  sweep(): void {
    this.#swarms.sweepSome(SWARMS_PER_SWEEP, this.#isFull ? FULL_FORGET_SECONDS : this.#forgetSeconds)
  }

  get #isFull(): boolean {
    return this.#swarms.size >= this.#maxDocuments
  }

  async announce(announce: Announce): Promise<SwarmView | undefined> {
    const swarm = this.#swarms.get(announce.hash)
    if (swarm === undefined) return undefined
    const view = this.#swarms.announce(swarm, announce)
    if (view.completes) swarm.completions++
    return view
  }

  async count(hash: string): Promise<DocumentCounts | undefined> {
    const swarm = this.#swarms.get(hash)
    return swarm === undefined ? undefined : { ...this.#swarms.count(swarm), completions: swarm.completions }
  }

  async status(hash: string, limit: number): Promise<SwarmStatus | undefined> {
    const swarm = this.#swarms.get(hash)
    return swarm === undefined ? undefined : this.#swarms.status(swarm, limit)
  }

  async probe(): Promise<string | undefined> {
    return undefined
  }

  totals(): StoreTotals {
    return { documents: this.#swarms.size, peers: this.#swarms.countPeers() }
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper)
    this.#swarms.clear()
  }
}
