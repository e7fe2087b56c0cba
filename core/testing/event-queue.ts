interface Entry {
  readonly atMs: number
  readonly turn: number
  readonly run: () => void
}

/**
 * Actions at virtual times, earliest first, in order of entry at the same time. Actions after one of a few fixed delays (the latency of
 * every link, the tick) wait in a queue of their own, which is sorted by construction; a binary heap takes the rest.
 */
export class EventQueue {
  readonly #heap = new EntryHeap()
  readonly #lines = new Map<number, EntryLine>()
  #turns = 0
  #nowMs = 0

  get nowMs(): number {
    return this.#nowMs
  }

  at(atMs: number, run: () => void): void {
    this.#heap.push({ atMs: Math.max(atMs, this.#nowMs), turn: this.#turns++, run })
  }

  /** Meant for delays that come again and again: each different one gets a line. */
  after(delayMs: number, run: () => void): void {
    let line = this.#lines.get(delayMs)
    if (line === undefined) {
      line = new EntryLine()
      this.#lines.set(delayMs, line)
    }
    line.push({ atMs: this.#nowMs + delayMs, turn: this.#turns++, run })
  }

  /** Runs the next action. False when none is left. */
  runNext(): boolean {
    const next = this.#next().shift()
    if (next === undefined) return false
    this.#nowMs = next.atMs
    next.run()
    return true
  }

  /** Does all that is to be done at the next time. False when nothing is left. */
  runMoment(): boolean {
    if (!this.runNext()) return false
    for (let source = this.#next(); source.first?.atMs === this.#nowMs; source = this.#next()) source.shift()?.run()
    return true
  }

  #next(): EntryHeap | EntryLine {
    let first: EntryHeap | EntryLine = this.#heap
    for (const line of this.#lines.values()) if (isBefore(line.first, first.first)) first = line
    return first
  }
}

function isBefore(left: Entry | undefined, right: Entry | undefined): boolean {
  if (left === undefined || right === undefined) return left !== undefined
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.turn < right.turn)
}

/** Entries that are added in order. */
class EntryLine {
  #entries: Entry[] = []
  #start = 0

  get first(): Entry | undefined {
    return this.#entries[this.#start]
  }

  push(entry: Entry): void {
    this.#entries.push(entry)
  }

  shift(): Entry | undefined {
    const first = this.#entries[this.#start++]
    // Finished entries are dropped at times; at half the length each entry is moved once at most on average.
    if (this.#start > 1_024 && this.#start * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#start)
      this.#start = 0
    }
    return first
  }
}

/** Entries that come in any order. */
class EntryHeap {
  readonly #entries: Entry[] = []

  get first(): Entry | undefined {
    return this.#entries[0]
  }

  push(entry: Entry): void {
    let child = this.#entries.push(entry) - 1
    while (child > 0) {
      const parent = (child - 1) >> 1
      if (!isBefore(this.#entries[child], this.#entries[parent])) break
      this.#swap(child, parent)
      child = parent
    }
  }

  shift(): Entry | undefined {
    const first = this.#entries[0]
    const last = this.#entries.pop()
    if (last !== undefined && this.#entries.length > 0) {
      this.#entries[0] = last
      this.#sink()
    }
    return first
  }

  #sink(): void {
    let parent = 0
    for (;;) {
      let first = parent
      for (const child of [2 * parent + 1, 2 * parent + 2])
        if (isBefore(this.#entries[child], this.#entries[first])) first = child
      if (first === parent) return
      this.#swap(first, parent)
      parent = first
    }
  }

  #swap(a: number, b: number): void {
    const [left, right] = [this.#entries[a], this.#entries[b]]
    if (left === undefined || right === undefined) return
    this.#entries[a] = right
    this.#entries[b] = left
  }
}
