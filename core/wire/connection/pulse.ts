import type { Clock } from "../../base/clock.js"

/**
 * Where everything that waits for a moment is registered, so that one timer serves all connections: its owner calls
 * `tick` about once a second. Deadlines are thus late by up to one tick, which none of them minds.
 */
export class Pulse {
  /** For waits that can't be late by a tick. */
  readonly clock: Clock
  readonly #onWatched: () => void
  /** Connections that are not read at present because their messages took too much of this thread's time. */
  throttledCount = 0
  readonly #checks = new Set<(nowMs: number) => void>()

  /** `onWatched` is called whenever something begins to wait: only then ticks are needed. */
  constructor(clock: Clock, onWatched: () => void = () => {}) {
    this.clock = clock
    this.#onWatched = onWatched
  }

  /** Monotonic milliseconds. */
  now(): number {
    return this.clock.now()
  }

  /** How many wait; 0 when all was given back. */
  get watchCount(): number {
    return this.#checks.size
  }

  /** Calls `check` at every tick until the returned function is called (which may happen more than once). */
  watch(check: (nowMs: number) => void): () => void {
    this.#checks.add(check)
    this.#onWatched()
    return () => void this.#checks.delete(check)
  }

  /** Calls `onExpired` once, at the first tick at least `delayMs` from now, unless it is called off before. */
  after(delayMs: number, onExpired: () => void): () => void {
    const dueMs = this.now() + delayMs
    const callOff = this.watch((nowMs) => {
      if (nowMs < dueMs) return
      callOff()
      onExpired()
    })
    return callOff
  }

  tick(): void {
    const nowMs = this.now()
    for (const check of this.#checks) check(nowMs)
  }
}
