import { performance } from "node:perf_hooks"

/** Where time comes from. Monotonic milliseconds: never jumps when the wall clock is set. */
export interface Clock {
  /** Milliseconds since an arbitrary origin, monotonic. */
  now(): number
  /** Calls `act` once after `waitMs` milliseconds, unless the returned function is called before. */
  after(waitMs: number, act: () => void): () => void
  /** Calls `act` once, before any time passes, after the ready callbacks of this turn of the event loop. */
  soon(act: () => void): void
}

/** Where chance comes from: a number in [0, 1). Seeded in tests and simulations. */
export type Random = () => number

/** The process's own monotonic clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(waitMs, act) {
    const timer = setTimeout(act, waitMs)
    return () => clearTimeout(timer)
  },
  soon: (act) => void setImmediate(act),
}
