import type { Clock } from "../base/clock.js"

interface Timer {
  readonly atMs: number
  act(): void
}

/** A clock that moves only when a test moves it. Timers run as it passes them. */
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

  /** No virtual time passes before it: the real turn of the event loop. */
  soon(act: () => void): void {
    setImmediate(act)
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

  /** Moves time forward, and lets pending promises continue after each timer. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms
    await settled()
    for (let next = this.#first(); next !== undefined && next.atMs <= untilMs; next = this.#first()) {
      this.advance(next.atMs - this.#nowMs)
      await settled()
    }
    this.advance(untilMs - this.#nowMs)
  }

  #first(): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.#timers) if (first === undefined || timer.atMs < first.atMs) first = timer
    return first
  }
}

/** All code that waits for promises alone has continued. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
