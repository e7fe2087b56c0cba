import type { Clock } from "../core/clock.js"
import { systemClock } from "../core/clock.js"

/** What one address may use up. */
export interface Budget {
  /** At once, after a time of rest. */
  readonly burst: number
  readonly perSecond: number
}

/** So many addresses are remembered. Whoever is forgotten for others has rested the longest, or is one of a crowd. */
const MAX_ADDRESSES = 50_000

interface Account {
  left: number
  /** Monotonic milliseconds of the last look at it. */
  atMs: number
}

/**
 * A token bucket for each address: bounds what a single host makes the tracker remember, however it goes about it
 * (hostile.md 42). The memory it takes itself is bounded too.
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

  /** Uses up one; what is not there is owed, for who was let in before must be counted after. */
  take(address: string): void {
    const account = this.#accounts.get(address)
    if (account === undefined) this.#open(address)
    else account.left = this.#refilled(account) - 1
  }

  #refilled(account: Account): number {
    const nowMs = this.#clock.now()
    const gained = ((nowMs - account.atMs) / 1_000) * this.#budget.perSecond
    account.left = Math.min(this.#budget.burst, account.left + gained)
    account.atMs = nowMs
    return account.left
  }

  #open(address: string): void {
    if (this.#accounts.size >= MAX_ADDRESSES) {
      const [oldest] = this.#accounts.keys()
      if (oldest !== undefined) this.#accounts.delete(oldest)
    }
    this.#accounts.set(address, { left: this.#budget.burst - 1, atMs: this.#clock.now() })
  }
}
