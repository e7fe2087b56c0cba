import type { Clock } from "../base/clock.js"

/** Notes of one name that are told in a minute (our choice): enough to see what goes on, and a log keeps days of them. */
const MAX_TOLD = 20
const MINUTE_MS = 60_000

interface Tally {
  readonly sinceMs: number
  told: number
  untold: number
}

/**
 * Keeps strangers from filling a log: of each kind of note so many are told in a minute, and then how many more there were. Peers that send
 * wrong parts and come back from another address would otherwise push out whatever the log held before.
 */
export class NoteLimiter {
  readonly #clock: Clock
  readonly #tallies = new Map<string, Tally>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** May another note of this name be told? If not, it is counted. */
  admits(name: string): boolean {
    const tally = this.#tallies.get(name) ?? { sinceMs: this.#clock.now(), told: 0, untold: 0 }
    this.#tallies.set(name, tally)
    if (tally.told >= MAX_TOLD) {
      tally.untold++
      return false
    }
    tally.told++
    return true
  }

  /** Names of which some were not told in a minute that is over, and how many; each once. To be called now and then. */
  takeUntold(): readonly (readonly [name: string, count: number])[] {
    const nowMs = this.#clock.now()
    const over = [...this.#tallies].filter(([, { sinceMs }]) => nowMs - sinceMs >= MINUTE_MS)
    for (const [name] of over) this.#tallies.delete(name)
    return over.flatMap(([name, { untold }]) => (untold > 0 ? [[name, untold] as const] : []))
  }
}
