import type { Clock } from "../clock.js"

/** A clock that stands still until told to move. */
export class FakeClock implements Clock {
  #nowMs: number

  constructor(startMs = 0) {
    this.#nowMs = startMs
  }

  now(): number {
    return this.#nowMs
  }

  /** Moves time forward by `ms` milliseconds, `ms` >= 0. */
  advance(ms: number): void {
    if (!(ms >= 0)) throw new RangeError(`a clock moves forward only, got ${ms} ms`)
    this.#nowMs += ms
  }
}
