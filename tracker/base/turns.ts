/**
 * Long jobs of one caller are done one after the other, so that they wait for each other and other callers do not wait for them. A caller
 * is forgotten with its last job.
 */
export class Turns {
  readonly #lines = new Map<string, { last: Promise<unknown>; waiting: number }>()

  /** Jobs of this caller that are not done. */
  waiting(caller: string): number {
    return this.#lines.get(caller)?.waiting ?? 0
  }

  /** Settles as `job` does, which begins when those before it have ended. */
  async take<Result>(caller: string, job: () => Promise<Result>): Promise<Result> {
    const line = this.#lines.get(caller) ?? { last: Promise.resolve(), waiting: 0 }
    this.#lines.set(caller, line)
    const result = line.last.then(job)
    // One that fails is its own caller's business.
    line.last = result.catch(() => {})
    line.waiting++
    try {
      return await result
    } finally {
      line.waiting--
      if (line.waiting === 0) this.#lines.delete(caller)
    }
  }
}
