type Step = () => unknown

/** Resources to close, in the order in which they were opened. */
export class Closing {
  readonly #steps: Step[] = []
  #closed: Promise<void> | undefined

  /** `step` runs when all that is deferred later has been closed. */
  defer(step: Step): void {
    this.#steps.push(step)
  }

  /** Closes the last first. Every step is taken, whatever the others met; rejects with the first failure in the end. May be called twice. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    const failures: unknown[] = []
    for (const step of this.#steps.reverse())
      try {
        await step()
      } catch (error) {
        failures.push(error)
      }
    if (failures.length > 0) throw failures[0]
  }
}
