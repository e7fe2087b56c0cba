import { type Clock, type Random, systemClock } from "../core/clock.js"
import type { CompactPeer } from "./compact.js"
import type { Announce, PeerStore, SwarmCounts, SwarmView } from "./peer-store.js"
import { Swarm } from "./swarm.js"

export interface MemoryStoreOptions {
  /** A peer that is not heard of for this long is gone. */
  readonly expirySeconds: number
  readonly clock?: Clock
  readonly random?: Random
}

/** Keeps everything in this process and forgets it with it: the fastest, and the core of the embedded store. */
export class MemoryStore implements PeerStore {
  readonly #swarms = new Map<string, Swarm>()
  readonly #expirySeconds: number
  readonly #clock: Clock
  readonly #random: Random

  constructor(options: MemoryStoreOptions) {
    this.#expirySeconds = options.expirySeconds
    this.#clock = options.clock ?? systemClock
    this.#random = options.random ?? Math.random
  }

  async register(hash: string, peer: CompactPeer): Promise<void> {
    let swarm = this.#swarms.get(hash)
    if (swarm === undefined) {
      swarm = new Swarm()
      this.#swarms.set(hash, swarm)
    }
    // Whoever registers has the bytes: it made the document, or holds it while the tracker forgot it.
    swarm.put(peer, this.#second(), true)
  }

  async announce(announce: Announce): Promise<SwarmView | undefined> {
    const second = this.#second()
    return this.#swarms.get(announce.hash)?.announce(announce, second, second - this.#expirySeconds, this.#random)
  }

  async count(hash: string): Promise<SwarmCounts | undefined> {
    const swarm = this.#swarms.get(hash)
    swarm?.sweep(this.#second() - this.#expirySeconds)
    return swarm?.counts()
  }

  async close(): Promise<void> {
    this.#swarms.clear()
  }

  /** Whole seconds: all an expiry of minutes needs, and they fit a table's word. */
  #second(): number {
    return Math.floor(this.#clock.now() / 1_000)
  }
}
