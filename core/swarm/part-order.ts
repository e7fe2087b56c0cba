import type { Random } from "../clock.js"

const ABSENT = -1

/**
 * The parts that nobody was asked for yet, ordered by how many connected peers have them, rarest first and at random among
 * equals. Every change costs O(1) for availability and O(number of distinct availabilities) for adding and removing, so that
 * a `have` from each of hundreds of peers stays cheap with 1,000,000 parts.
 *
 * Layout: `#order` holds the parts sorted by availability; `#start[a]` is where the run with availability a begins (the run
 * ends where the next one begins).
 */
export class PartOrder {
  readonly #availability: Uint16Array
  readonly #order: Uint32Array
  readonly #position: Int32Array
  readonly #start: number[] = [0]
  readonly #random: Random
  #size = 0

  /** Starts empty. `partCount` as in Lengths. */
  constructor(partCount: number, random: Random) {
    this.#availability = new Uint16Array(partCount)
    this.#order = new Uint32Array(partCount)
    this.#position = new Int32Array(partCount).fill(ABSENT)
    this.#random = random
  }

  /** Parts in the order. */
  get size(): number {
    return this.#size
  }

  includes(part: number): boolean {
    return (this.#position[part] ?? ABSENT) !== ABSENT
  }

  /** Connected peers, full seeds not counted, that have the part. Kept for parts outside the order too. */
  availability(part: number): number {
    return this.#availability[part] ?? 0
  }

  /** Puts a part in. Does nothing when it is in already. */
  add(part: number): void {
    if (this.includes(part)) return
    const run = this.availability(part)
    this.#ensureRun(run)
    // Open a hole at the end of the run by moving the first part of every later run to that run's end.
    let hole = this.#size++
    for (let later = this.#start.length - 1; later > run; later--) {
      const first = this.#start[later] ?? 0
      this.#move(first, hole)
      hole = first
      this.#start[later] = first + 1
    }
    this.#put(part, hole)
    this.#shuffleInRun(part)
  }

  /** Takes a part out. Does nothing when it is not in. */
  remove(part: number): void {
    if (!this.includes(part)) return
    const run = this.availability(part)
    let hole = this.#position[part] ?? 0
    for (let current = run; current < this.#start.length; current++) {
      const last = this.#end(current) - 1
      this.#move(last, hole)
      hole = last
      if (current + 1 < this.#start.length) this.#start[current + 1] = last
    }
    this.#position[part] = ABSENT
    this.#size--
  }

  /** One more connected peer has the part. */
  increase(part: number): void {
    const run = this.availability(part)
    this.#availability[part] = run + 1
    if (!this.includes(part)) return
    this.#ensureRun(run + 1)
    const last = this.#end(run) - 1
    this.#swap(part, last)
    this.#start[run + 1] = last
    this.#shuffleInRun(part)
  }

  /** One peer fewer has the part. */
  decrease(part: number): void {
    const run = this.availability(part)
    if (run === 0) return
    this.#availability[part] = run - 1
    if (!this.includes(part)) return
    const first = this.#start[run] ?? 0
    this.#swap(part, first)
    this.#start[run] = first + 1
    this.#shuffleInRun(part)
  }

  /**
   * The rarest part for which `fits` holds, or undefined. `neighbour`, the part after the last one asked of the same peer, is
   * taken when it is as rare as the rarest fitting one: disks on both sides then read and write in sequence.
   */
  pick(fits: (part: number) => boolean, neighbour = ABSENT): number | undefined {
    for (let at = 0; at < this.#size; at++) {
      const part = this.#order[at] ?? 0
      if (!fits(part)) continue
      const asRare = this.includes(neighbour) && this.availability(neighbour) === this.availability(part)
      return asRare && fits(neighbour) ? neighbour : part
    }
    return undefined
  }

  /** Parts in order, rarest first. For tests and the simulation. */
  toArray(): number[] {
    return [...this.#order.subarray(0, this.#size)]
  }

  #end(run: number): number {
    return this.#start[run + 1] ?? this.#size
  }

  #ensureRun(run: number): void {
    while (this.#start.length <= run) this.#start.push(this.#size)
  }

  #put(part: number, at: number): void {
    this.#order[at] = part
    this.#position[part] = at
  }

  /** Refills the hole at `to`. An empty run hands on the very hole it was given: nothing moves then. */
  #move(from: number, to: number): void {
    if (from === to) return
    this.#put(this.#order[from] ?? 0, to)
  }

  #swap(part: number, at: number): void {
    const from = this.#position[part] ?? 0
    const other = this.#order[at] ?? 0
    this.#put(part, at)
    this.#put(other, from)
  }

  #shuffleInRun(part: number): void {
    const run = this.availability(part)
    const first = this.#start[run] ?? 0
    this.#swap(part, first + Math.floor(this.#random() * (this.#end(run) - first)))
  }
}
