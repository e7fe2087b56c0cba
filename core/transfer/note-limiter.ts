import type { Clock } from "../base/clock.js"
import type { SwarmEffect } from "../swarm/index.js"

type SwarmNote = Extract<SwarmEffect, { readonly type: "note" }>

/** Notes of one name per minute (our choice): enough for diagnosis, and a log file covers days. */
const MAX_NOTES = 20
const MINUTE_MS = 60_000

interface Tally {
  readonly sinceMs: number
  admitted: number
  suppressed: number
}

/**
 * Keeps peers from filling a log: limits the notes of each name per minute and counts the others. Peers that send wrong parts and
 * reconnect from another address would otherwise push all older notes out of the log.
 */
export class NoteLimiter {
  readonly #clock: Clock
  readonly #tallies = new Map<string, Tally>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether another note of this name is logged; a refused one is counted. */
  admits(name: string): boolean {
    const tally = this.#tallies.get(name) ?? { sinceMs: this.#clock.now(), admitted: 0, suppressed: 0 }
    this.#tallies.set(name, tally)
    if (tally.admitted >= MAX_NOTES) {
      tally.suppressed++
      return false
    }
    tally.admitted++
    return true
  }

  /** What there is to say of the notes that were suppressed in a minute that is over. To be called periodically. */
  takeSummaries(): readonly SwarmNote[] {
    return this.takeSuppressed().map(([name, count]) => ({
      type: "note",
      level: "warn",
      name,
      message: `${count} more notes of this kind in one minute`,
      facts: { more: count },
    }))
  }

  /** Names with suppressed notes in a minute that is over, with their number; each once. To be called periodically. */
  takeSuppressed(): readonly (readonly [name: string, count: number])[] {
    const nowMs = this.#clock.now()
    const over = [...this.#tallies].filter(([, { sinceMs }]) => nowMs - sinceMs >= MINUTE_MS)
    for (const [name] of over) this.#tallies.delete(name)
    return over.flatMap(([name, { suppressed }]) => (suppressed > 0 ? [[name, suppressed] as const] : []))
  }
}
