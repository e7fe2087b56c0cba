import type { Clock } from "../base/clock.js"
import { EventQueue } from "./event-queue.js"

/** Virtual time: what waits is run in order, and time is then what it waited for. */
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

  /** Runs moment after moment until `isOver` or until time has come to `limitMs`; true when it was over in time. */
  async run(isOver: () => boolean, limitMs: number): Promise<boolean> {
    while (!isOver()) {
      if (this.now() > limitMs) return false
      await promisesSettled()
      if (!this.#queue.runMoment()) return false
    }
    return true
  }
}

/** Everything that waits for promises alone has gone on: ticks come after all of them. */
function promisesSettled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve))
}
