import { isLoopback, networkOf } from "../address/host-of.js"

/** How fast addresses may be dialled (our choice). A tracker or a peer could otherwise aim its whole swarm at one host. */
export interface DialLimits {
  /** Dials of one network (an IPv4 address, an IPv6 /64) in one go, and how many it gets back a second. */
  readonly burstPerNetwork: number
  readonly networkPerSecond: number
  /** Cost of an address that only an untrusted peer has named. */
  readonly strangerCost: number
  /** Dials of such addresses over all networks, in the same way. */
  readonly strangersBurst: number
  readonly strangersPerSecond: number
}

const defaultDialLimits: DialLimits = {
  burstPerNetwork: 20,
  networkPerSecond: 0.5,
  strangerCost: 4,
  strangersBurst: 30,
  strangersPerSecond: 5,
}

/** Networks and addresses remembered, at most; the oldest are forgotten. */
const MAX_NETWORKS = 2_000
const MAX_PROVEN = 1_000

interface Bucket {
  tokens: number
  refilledAtMs: number
}

/**
 * Bounds the dials of a client, over all its documents, by network and by the peer that named the address. Addresses dialled with
 * success before and loopback addresses are not counted: a thousand documents may have the same peer. Pure; time is an argument.
 */
export class DialPace {
  readonly #limits: DialLimits
  readonly #networks = new Map<string, Bucket>()
  readonly #proven = new Set<string>()
  readonly #strangers: Bucket

  constructor(limits: DialLimits = defaultDialLimits) {
    this.#limits = limits
    this.#strangers = { tokens: limits.strangersBurst, refilledAtMs: 0 }
  }

  /** Networks remembered. */
  get networkCount(): number {
    return this.#networks.size
  }

  /** A dial of this address came to a connection. */
  proved(address: string): void {
    this.#proven.delete(address)
    this.#proven.add(address)
    if (this.#proven.size > MAX_PROVEN) forgetOldest(this.#proven)
  }

  /** True when `address` may be dialled now; then that dial is counted. `vouched`: from a trusted source, or connected before. */
  admit(address: string, vouched: boolean, nowMs: number): boolean {
    if (this.#proven.has(address) || isLoopback(address)) return true
    const { burstPerNetwork, networkPerSecond, strangerCost, strangersBurst, strangersPerSecond } = this.#limits
    const network = networkOf(address)
    const bucket = this.#networks.get(network) ?? { tokens: burstPerNetwork, refilledAtMs: nowMs }
    refill(bucket, burstPerNetwork, networkPerSecond, nowMs)
    refill(this.#strangers, strangersBurst, strangersPerSecond, nowMs)
    const cost = vouched ? 1 : strangerCost
    if (bucket.tokens < cost || (!vouched && this.#strangers.tokens < 1)) return false
    bucket.tokens -= cost
    if (!vouched) this.#strangers.tokens--
    // Used last, forgotten last: nearly always it has its whole budget back by then.
    this.#networks.delete(network)
    this.#networks.set(network, bucket)
    if (this.#networks.size > MAX_NETWORKS) forgetOldest(this.#networks)
    return true
  }
}

function refill(bucket: Bucket, burst: number, perSecond: number, nowMs: number): void {
  bucket.tokens = Math.min(burst, bucket.tokens + ((nowMs - bucket.refilledAtMs) / 1_000) * perSecond)
  bucket.refilledAtMs = nowMs
}

function forgetOldest<Key>(keys: { keys(): Iterator<Key>; delete(key: Key): boolean }): void {
  const oldest = keys.keys().next()
  if (oldest.done !== true) keys.delete(oldest.value)
}
