/** How fast one network may knock: an IPv4 address, or a /64 of IPv6, all of which one host may have (our choice). */
export interface AcceptLimits {
  /** Handshakes running at a time, from all callers and from one network. */
  readonly maxPending: number
  readonly maxPendingPerHost: number
  /** Connections one network may open in one go, and how many a second it gets back. */
  readonly burstPerHost: number
  readonly refillPerSecond: number
}

export const defaultAcceptLimits: AcceptLimits = {
  maxPending: 128,
  maxPendingPerHost: 32,
  burstPerHost: 256,
  refillPerSecond: 16,
}

interface HostBudget {
  pending: number
  tokens: number
  refilledAtMs: number
}

/** Decides whether another connection from a network may begin its handshake. Pure; remembers a network only while that matters. */
export class AcceptBudget {
  readonly #limits: AcceptLimits
  readonly #hosts = new Map<string, HostBudget>()
  #pending = 0

  constructor(limits: AcceptLimits) {
    this.#limits = limits
  }

  /** Addresses remembered. */
  get hostCount(): number {
    return this.#hosts.size
  }

  /** As many handshakes as allowed are running: `admit` refuses until one is over. */
  get isFull(): boolean {
    return this.#pending >= this.#limits.maxPending
  }

  /** True when `host` has used up neither its places nor its rate: `admit` lets it in unless the budget is full. */
  isWelcome(host: string, nowMs: number): boolean {
    const budget = this.#refilled(host, nowMs)
    return budget.pending < this.#limits.maxPendingPerHost && budget.tokens >= 1
  }

  /** True when `host` may begin a handshake; then `release` has to follow once that is over. */
  admit(host: string, nowMs: number): boolean {
    const budget = this.#refilled(host, nowMs)
    this.#hosts.set(host, budget)
    if (this.#pending >= this.#limits.maxPending || budget.pending >= this.#limits.maxPendingPerHost) return false
    if (budget.tokens < 1) return false
    budget.tokens--
    budget.pending++
    this.#pending++
    return true
  }

  /** A handshake of `host` is over, well or not. */
  release(host: string): void {
    const budget = this.#hosts.get(host)
    if (budget !== undefined) budget.pending--
    this.#pending--
  }

  /** Forgets the addresses that have their whole budget back. To be called now and then. */
  forget(nowMs: number): void {
    for (const host of this.#hosts.keys()) {
      const budget = this.#refilled(host, nowMs)
      if (budget.pending === 0 && budget.tokens === this.#limits.burstPerHost) this.#hosts.delete(host)
    }
  }

  #refilled(host: string, nowMs: number): HostBudget {
    const { burstPerHost, refillPerSecond } = this.#limits
    const budget = this.#hosts.get(host) ?? { pending: 0, tokens: burstPerHost, refilledAtMs: nowMs }
    const earned = ((nowMs - budget.refilledAtMs) / 1_000) * refillPerSecond
    budget.tokens = Math.min(burstPerHost, budget.tokens + earned)
    budget.refilledAtMs = nowMs
    return budget
  }
}
