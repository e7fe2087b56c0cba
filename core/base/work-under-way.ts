/** Work that is under way, also such that nobody waits for any more. */
export class WorkUnderWay {
  readonly #all = new Set<Promise<unknown>>()

  /** Returns `work` itself, whose errors are its caller's. */
  add<T>(work: Promise<T>): Promise<T> {
    this.#all.add(work)
    const forget = (): void => void this.#all.delete(work)
    work.then(forget, forget)
    return work
  }

  /** Settles when nothing is under way, neither what is added meanwhile. Never rejects. */
  async ended(): Promise<void> {
    while (this.#all.size > 0) await Promise.allSettled(this.#all)
  }
}
