/** Things to be done at virtual times, earliest first, in order of entry at the same time. A binary heap. */
export class EventQueue {
  readonly #heap: { readonly atMs: number; readonly turn: number; readonly run: () => void }[] = []
  #turns = 0
  #nowMs = 0

  get nowMs(): number {
    return this.#nowMs
  }

  at(atMs: number, run: () => void): void {
    const entry = { atMs: Math.max(atMs, this.#nowMs), turn: this.#turns++, run }
    let child = this.#heap.push(entry) - 1
    while (child > 0) {
      const parent = (child - 1) >> 1
      if (!this.#isBefore(child, parent)) break
      this.#swap(child, parent)
      child = parent
    }
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.#nowMs + delayMs, run)
  }

  /** Does what comes next. False when nothing is left. */
  runNext(): boolean {
    const next = this.#heap[0]
    const last = this.#heap.pop()
    if (next === undefined || last === undefined) return false
    if (this.#heap.length > 0) {
      this.#heap[0] = last
      this.#sink()
    }
    this.#nowMs = next.atMs
    next.run()
    return true
  }

  #sink(): void {
    let parent = 0
    for (;;) {
      let first = parent
      for (const child of [2 * parent + 1, 2 * parent + 2])
        if (child < this.#heap.length && this.#isBefore(child, first)) first = child
      if (first === parent) return
      this.#swap(first, parent)
      parent = first
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [left, right] = [this.#heap[a], this.#heap[b]]
    if (left === undefined || right === undefined) return false
    return left.atMs < right.atMs || (left.atMs === right.atMs && left.turn < right.turn)
  }

  #swap(a: number, b: number): void {
    const [left, right] = [this.#heap[a], this.#heap[b]]
    if (left === undefined || right === undefined) return
    this.#heap[a] = right
    this.#heap[b] = left
  }
}
