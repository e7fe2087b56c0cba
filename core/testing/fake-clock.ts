import type { Clock } from "../base/clock.js"

interface Timer {
  readonly atMs: number
  act(): void
}

/** A clock that stands still until it is told to move. Timers run as it passes them. */
export class FakeClock implements Clock {
  #nowMs: number
  readonly #timers = new Set<Timer>()

  constructor(startMs = 0) {
    this.#nowMs = startMs
  }

  now(): number {
    return this.#nowMs
  }

  after(waitMs: number, act: () => void): () => void {
    const timer = { atMs: this.#nowMs + Math.max(0, waitMs), act }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  /** Timers that wait. */
  get timerCount(): number {
    return this.#timers.size
  }

  /** Moves time forward by `ms` milliseconds, `ms` >= 0. */
  advance(ms: number): void {
    if (!(ms >= 0)) throw new RangeError(`a clock moves forward only, got ${ms} ms`)
    const untilMs = this.#nowMs + ms
    for (let next = this.#first(); next !== undefined && next.atMs <= untilMs; next = this.#first()) {
      this.#timers.delete(next)
      this.#nowMs = next.atMs
      next.act()
    }
    this.#nowMs = untilMs
  }

  #first(): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.#timers) if (first === undefined || timer.atMs < first.atMs) first = timer
    return first
  }
}
