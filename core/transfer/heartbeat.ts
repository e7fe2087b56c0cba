import type { Clock } from "../base/clock.js"

/** Interval at which rates are sampled and time-outs checked while there are transfers or demand, ms; the timer stops otherwise. */
export const TICK_MS = 250

/** How often connections look at their deadlines; without connections never. */
export const PULSE_MS = 1_000

/** A timer that runs only while it is needed: nothing wakes the process of a client at rest. */
export class Heartbeat {
  readonly #clock: Clock
  readonly #intervalMs: number
  readonly #beat: () => void
  readonly #isNeeded: () => boolean
  #stopTimer: (() => void) | undefined
  #closed = false

  /** `beat` is called every `intervalMs` from `wake` on, as long as `isNeeded` says so, which is asked right before each beat. */
  constructor(clock: Clock, intervalMs: number, beat: () => void, isNeeded: () => boolean) {
    this.#clock = clock
    this.#intervalMs = intervalMs
    this.#beat = beat
    this.#isNeeded = isNeeded
  }

  /** Something may need it now. Costs next to nothing: asking `isNeeded` here would be a look at every document at every change of one. */
  wake(): void {
    if (this.#stopTimer !== undefined || this.#closed) return
    this.#arm(this.#clock.now() + this.#intervalMs)
  }

  /** The next beat is due one period after this beat's due time, even if this one was late; a missed beat is not repeated. */
  #arm(dueMs: number): void {
    this.#stopTimer = this.#clock.after(Math.max(0, dueMs - this.#clock.now()), () => {
      if (!this.#isNeeded()) return this.#rest()
      this.#beat()
      if (!this.#closed) this.#arm(Math.max(dueMs, this.#clock.now()) + this.#intervalMs)
    })
  }

  /** Ends it permanently. */
  close(): void {
    this.#closed = true
    this.#rest()
  }

  #rest(): void {
    this.#stopTimer?.()
    this.#stopTimer = undefined
  }
}
