import type { CompactPeer } from "./compact.js"
import type { Announce, PeerStore, StoreTotals, SwarmCounts, SwarmView } from "./peer-store.js"
import { Swarms, type SwarmsOptions } from "./swarms.js"

/** How often and how many swarms are swept, so that 1,000,000 of them never hold up a request. */
const SWEEP_EVERY_MS = 1_000
const SWARMS_PER_SWEEP = 10_000

/** Keeps everything in this process and forgets it with it. */
export class MemoryStore implements PeerStore {
  readonly #swarms: Swarms
  readonly #sweeper: NodeJS.Timeout

  constructor(options: SwarmsOptions) {
    this.#swarms = new Swarms(options)
    this.#sweeper = setInterval(() => this.#swarms.sweepSome(SWARMS_PER_SWEEP, false), SWEEP_EVERY_MS).unref()
  }

  async register(hash: string, peer: CompactPeer): Promise<void> {
    this.#swarms.register(hash, peer)
  }

  async announce(announce: Announce): Promise<SwarmView | undefined> {
    const swarm = this.#swarms.get(announce.hash)
    return swarm === undefined ? undefined : this.#swarms.announce(swarm, announce)
  }

  async count(hash: string): Promise<SwarmCounts | undefined> {
    const swarm = this.#swarms.get(hash)
    return swarm === undefined ? undefined : this.#swarms.count(swarm)
  }

  totals(): StoreTotals {
    return { documents: this.#swarms.size, peers: this.#swarms.countPeers() }
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper)
    this.#swarms.clear()
  }
}
