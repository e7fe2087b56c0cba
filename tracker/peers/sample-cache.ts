import { type Clock, systemClock } from "../../core/base/clock.js"
import type { PeerSample } from "./peer-sample.js"

/** Most callers, all within one second, that get the same sample; as in a swarm in memory. */
const MAX_USES = 32

/** Fewer peers are chosen as fast as the rest of an announce is done. */
const MIN_PEERS = 50

/** Samples kept, of some 12 kB with their text. The least recently used go first. */
const MAX_SAMPLES = 500

interface Entry {
  /** Undefined until the first is there. */
  sample: PeerSample | undefined
  second: number
  uses: number
  isFetching: boolean
}

/** Where an announce gets its peers: from a sample that is here, or from the store, to be kept or for the caller alone. */
export type PeersFrom = PeerSample | "store, to keep" | "store"

/** Samples of large swarms whose store is elsewhere: to choose 200 of 5,000 costs a Redis five times the rest of an announce. */
export class SampleCache {
  readonly #entries = new Map<string, Entry>()
  readonly #clock: Clock

  constructor(clock: Clock = systemClock) {
    this.#clock = clock
  }

  /** After "store, to keep" the caller must call `keep` or `forget` exactly once, whatever happens. */
  peersFrom(hash: string, limit: number): PeersFrom {
    const key = keyOf(hash, limit)
    const entry = this.#entries.get(key)
    if (entry === undefined) return "store"
    // A map is in the order in which its keys were set: the last one was asked for last.
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    const second = this.#second
    const isFresh = entry.second === second && entry.uses < MAX_USES
    // While the next one is on its way, the last one does.
    const isGoodEnough = isFresh || (entry.isFetching && entry.second >= second - 1)
    if (entry.sample !== undefined && isGoodEnough) {
      entry.uses++
      return entry.sample
    }
    if (entry.isFetching) return "store"
    entry.isFetching = true
    return "store, to keep"
  }

  /** Notes the size of a swarm: samples are kept of one that is larger than an answer. */
  note(hash: string, limit: number, peers: number): void {
    if (limit < MIN_PEERS || peers <= limit + 1) return
    const key = keyOf(hash, limit)
    if (this.#entries.has(key)) return
    if (this.#entries.size >= MAX_SAMPLES) {
      const [leastUsed] = this.#entries.keys()
      if (leastUsed !== undefined) this.#entries.delete(leastUsed)
    }
    this.#entries.set(key, { sample: undefined, second: 0, uses: 0, isFetching: false })
  }

  keep(hash: string, limit: number, sample: PeerSample): void {
    const entry = this.#entries.get(keyOf(hash, limit))
    // Others took its place meanwhile.
    if (entry === undefined) return
    entry.sample = sample
    entry.second = this.#second
    entry.uses = 1
    entry.isFetching = false
  }

  /** The swarm is not that large any more, or could not be asked for. */
  forget(hash: string, limit: number): void {
    this.#entries.delete(keyOf(hash, limit))
  }

  get #second(): number {
    return Math.floor(this.#clock.now() / 1_000)
  }
}

function keyOf(hash: string, limit: number): string {
  return `${limit} ${hash}`
}
