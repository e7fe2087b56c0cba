import { RunningReads } from "./running-reads.js"

/** Reads that wait while files are moved under them. */
export class GatedReads {
  readonly #running = new RunningReads()
  #moving: Promise<void> | undefined

  async during<T>(read: () => Promise<T>): Promise<T> {
    while (this.#moving !== undefined) await this.#moving
    return this.#running.during(read)
  }

  /** Runs `move` once the running reads have ended, before any other begins. One call at a time. */
  async pausedFor(move: () => Promise<void>): Promise<void> {
    let open = (): void => undefined
    this.#moving = new Promise((resolve) => {
      open = resolve
    })
    try {
      await this.#running.ended()
      await move()
    } finally {
      this.#moving = undefined
      open()
    }
  }
}
