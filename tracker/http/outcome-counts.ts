/** Number of requests to one path with the same outcome. */
export interface Outcome {
  readonly path: string
  readonly status: number
  /** The code of the error; undefined when the request was not refused. */
  readonly refused: string | undefined
  count: number
}

/**
 * Counts requests by how they ended, in plain numbers: to look the labels of three Prometheus counters up for every
 * request costs more than the swarm does. Paths, statuses and codes are the tracker's own words, so there are few.
 */
export class OutcomeCounts {
  readonly #byPath = new Map<string, Outcome[]>()

  add(path: string, status: number, refused: string | undefined): void {
    let outcomes = this.#byPath.get(path)
    if (outcomes === undefined) {
      outcomes = []
      this.#byPath.set(path, outcomes)
    }
    for (const outcome of outcomes) {
      if (outcome.status !== status || outcome.refused !== refused) continue
      outcome.count++
      return
    }
    outcomes.push({ path, status, refused, count: 1 })
  }

  all(): readonly Outcome[] {
    return [...this.#byPath.values()].flat()
  }
}
