import type { Random } from "../base/clock.js"
import type { Bitfield } from "../torrent/bitfield.js"

const ABSENT = -1

/**
 * Parts that are tried one by one for a peer, rarest first and then among its own (our choice). Nearly always one of the first fits; a
 * peer that has none of thousands is not worth more time of this thread.
 */
const MAX_LOOKS = 1_024

/**
 * The parts that no peer was asked for yet, ordered by how many connected peers have them, rarest first and at random among
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
  /** Which parts are in the order, in the layout of a Bitfield. */
  readonly #included: Uint8Array
  readonly #start: number[] = [0]
  readonly #random: Random
  #size = 0

  /** Starts empty. `partCount` as in Lengths. */
  constructor(partCount: number, random: Random) {
    this.#availability = new Uint16Array(partCount)
    this.#order = new Uint32Array(partCount)
    this.#position = new Int32Array(partCount).fill(ABSENT)
    this.#included = new Uint8Array(Math.ceil(partCount / 8))
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
    this.#included[part >>> 3] = (this.#included[part >>> 3] ?? 0) | (0x80 >>> (part & 7))
    this.#shuffleInRun(part)
  }

  /**
   * Puts parts into an empty order, before any peer has one. The outcome is that of `add` of each, random numbers included, in a third of
   * the time: with 1,000,000 parts `add` would keep the thread for 0.2 s.
   */
  fill(parts: Uint32Array): void {
    if (this.#size > 0 || this.#start.length > 1) throw new Error("the order is in use")
    const order = this.#order
    const random = this.#random
    for (let at = 0; at < parts.length; at++) {
      const place = Math.floor(random() * (at + 1))
      order[at] = order[place] ?? 0
      order[place] = parts[at] ?? 0
    }
    const position = this.#position
    for (let at = 0; at < parts.length; at++) position[order[at] ?? 0] = at
    const included = this.#included
    for (const part of parts) included[part >>> 3] = (included[part >>> 3] ?? 0) | (0x80 >>> (part & 7))
    this.#size = parts.length
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
    this.#included[part >>> 3] = (this.#included[part >>> 3] ?? 0) & ~(0x80 >>> (part & 7))
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
   *
   * Where none of the MAX_LOOKS rarest fits, the rarest of as many of `among`, which only parts of it can fit, from a random place on: so
   * that a pick costs O(MAX_LOOKS + bytes of `among`) whatever a peer has.
   */
  pick(fits: (part: number) => boolean, neighbour = ABSENT, among?: Bitfield): number | undefined {
    const looks = among === undefined ? this.#size : Math.min(this.#size, MAX_LOOKS)
    for (let at = 0; at < looks; at++) {
      const part = this.#order[at] ?? 0
      if (!fits(part)) continue
      const asRare = this.includes(neighbour) && this.availability(neighbour) === this.availability(part)
      return asRare && fits(neighbour) ? neighbour : part
    }
    return among === undefined || looks === this.#size ? undefined : this.rarestOf(this.#someOf(among), fits)
  }

  /** The rarest of `parts` that is in the order and for which `fits` holds, or undefined. */
  rarestOf(parts: Iterable<number>, fits: (part: number) => boolean): number | undefined {
    let rarest: number | undefined
    for (const part of parts) {
      if (!this.includes(part) || !fits(part)) continue
      if (rarest === undefined || this.availability(part) < this.availability(rarest)) rarest = part
    }
    return rarest
  }

  /** At most about MAX_LOOKS parts that are in `set` and in the order, from a random place on. */
  #someOf({ bytes }: Bitfield): number[] {
    const found: number[] = []
    const first = Math.floor(this.#random() * bytes.length)
    for (let step = 0; step < bytes.length && found.length < MAX_LOOKS; step++) {
      const at = (first + step) % bytes.length
      const bits = (bytes[at] ?? 0) & (this.#included[at] ?? 0)
      if (bits === 0) continue
      for (let bit = 0; bit < 8; bit++) if ((bits & (0x80 >>> bit)) !== 0) found.push(at * 8 + bit)
    }
    return found
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

  /** Fills the hole at `to`. An empty run passes the hole on unchanged. */
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
