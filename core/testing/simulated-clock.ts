import type { Clock } from "../base/clock.js"
import { EventQueue } from "./event-queue.js"

/** Virtual time: timers run in order, and the time is then that of the timer. */
export class SimulatedClock implements Clock {
  readonly #queue = new EventQueue()

  now(): number {
    return this.#queue.nowMs
  }

  after(waitMs: number, act: () => void): () => void {
    let isCalledOff = false
    this.#queue.at(this.#queue.nowMs + waitMs, () => {
      if (!isCalledOff) act()
    })
    return () => {
      isCalledOff = true
    }
  }

  soon(act: () => void): void {
    this.#queue.after(0, act)
  }

  /** Runs one moment after the other until `isOver` or until the time `limitMs`; true when `isOver` held in time. */
  async run(isOver: () => boolean, limitMs: number): Promise<boolean> {
    while (!isOver()) {
      if (this.now() > limitMs) return false
      await promisesSettled()
      if (!this.#queue.runMoment()) return false
    }
    return true
  }
}

/** All code that waits for promises alone has continued: ticks come after all of it. */
function promisesSettled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve))
}
