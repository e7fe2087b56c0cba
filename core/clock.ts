import { performance } from "node:perf_hooks"

/** Where time comes from. Monotonic milliseconds: never jumps when the wall clock is set. */
export interface Clock {
  /** Milliseconds since an arbitrary origin, monotonic. */
  now(): number
}

/** Where chance comes from: a number in [0, 1). Seeded in tests and simulations. */
export type Random = () => number

/** The process's own monotonic clock. */
export const systemClock: Clock = { now: () => performance.now() }

/** Waits that a test can end at once. */
export interface Timers {
  /** Calls `act` once after so many milliseconds, unless the function that is handed back is called first. */
  after(waitMs: number, act: () => void): () => void
}

/** Timers of this process. */
export const systemTimers: Timers = {
  after(waitMs, act) {
    const timer = setTimeout(act, waitMs)
    return () => clearTimeout(timer)
  },
}
