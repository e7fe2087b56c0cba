import type { Clock } from "../../core/base/clock.js"
import { systemClock } from "../../core/base/clock.js"

/** What one address may use up. */
export interface Budget {
  /** At once, after a time of rest. */
  readonly burst: number
  readonly perSecond: number
}

/** Most addresses that are kept; the least recently used one is dropped for a new one. */
const MAX_ADDRESSES = 50_000

interface Account {
  left: number
  /** Monotonic milliseconds of the last look at it. */
  atMs: number
}

/**
 * A token bucket for each address: bounds what a single host makes the tracker remember, however it goes about it.
 * The memory it takes itself is bounded too.
 */
export class AddressBudget {
  readonly #budget: Budget
  readonly #clock: Clock
  readonly #accounts = new Map<string, Account>()

  constructor(budget: Budget, clock: Clock = systemClock) {
    this.#budget = budget
    this.#clock = clock
  }

  /** Is there anything left for this address? */
  has(address: string): boolean {
    const account = this.#accounts.get(address)
    return account === undefined || account.left >= 1 || this.#refilled(account) >= 1
  }

  /** Subtracts `count`; the account may become negative, because the cost of an admitted request is known only afterwards. */
  take(address: string, count = 1): void {
    const account = this.#accounts.get(address)
    if (account === undefined) this.#open(address, count)
    else {
      account.left = this.#refilled(account) - count
      // A Map keeps the order of insertion: an address that uses budget moves to its end.
      this.#accounts.delete(address)
      this.#accounts.set(address, account)
    }
  }

  /** Whole seconds, at least 1, until `has` says yes. */
  secondsUntilAny(address: string): number {
    const account = this.#accounts.get(address)
    if (account === undefined) return 1
    const missing = 1 - this.#refilled(account)
    return Math.max(1, Math.ceil(missing / Math.max(this.#budget.perSecond, Number.MIN_VALUE)))
  }

  #refilled(account: Account): number {
    const nowMs = this.#clock.now()
    const gained = ((nowMs - account.atMs) / 1_000) * this.#budget.perSecond
    account.left = Math.min(this.#budget.burst, account.left + gained)
    account.atMs = nowMs
    return account.left
  }

  #open(address: string, count: number): void {
    if (this.#accounts.size >= MAX_ADDRESSES) {
      const [oldest] = this.#accounts.keys()
      if (oldest !== undefined) this.#accounts.delete(oldest)
    }
    this.#accounts.set(address, { left: this.#budget.burst - count, atMs: this.#clock.now() })
  }
}
