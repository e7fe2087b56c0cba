/** A timer that runs only while it is needed: nothing wakes the process of a client at rest. */
export class Heartbeat {
  readonly #intervalMs: number
  readonly #beat: () => void
  readonly #isNeeded: () => boolean
  #timer: NodeJS.Timeout | undefined
  #closed = false

  /** `beat` is called every `intervalMs` from `wake` on, as long as `isNeeded` says so. */
  constructor(intervalMs: number, beat: () => void, isNeeded: () => boolean) {
    this.#intervalMs = intervalMs
    this.#beat = beat
    this.#isNeeded = isNeeded
  }

  /** Something may need it now. Costs next to nothing while it beats. */
  wake(): void {
    if (this.#timer !== undefined || this.#closed || !this.#isNeeded()) return
    this.#timer = setInterval(() => {
      this.#beat()
      if (!this.#isNeeded()) this.#rest()
    }, this.#intervalMs)
  }

  /** Ends it for good. */
  close(): void {
    this.#closed = true
    this.#rest()
  }

  #rest(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
