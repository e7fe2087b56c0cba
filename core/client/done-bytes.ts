import type { Bitfield } from "../torrent/bitfield.js"
import { type Lengths, partLength } from "../torrent/lengths.js"

/** How many bytes of a range of a document are in verified parts. Takes a step per part when parts came, and none per range. */
export class DoneBytes {
  readonly #lengths: Lengths
  /** Bytes of verified parts before each part, and at the end the bytes of all. */
  #before: Float64Array | undefined
  #of: Bitfield | undefined
  #count = 0

  constructor(lengths: Lengths) {
    this.#lengths = lengths
  }

  /** `have`: undefined while the parts are unknown, which counts as none. */
  of(have: Bitfield | undefined, offset: number, length: number): number {
    if (have === undefined || length === 0) return 0
    const before = this.#bytesBefore(have)
    return this.#upTo(offset + length, have, before) - this.#upTo(offset, have, before)
  }

  #upTo(offset: number, have: Bitfield, before: Float64Array): number {
    const part = Math.floor(offset / this.#lengths.partSizeBytes)
    const inPart = have.has(part) ? offset - part * this.#lengths.partSizeBytes : 0
    return (before[part] ?? 0) + inPart
  }

  #bytesBefore(have: Bitfield): Float64Array {
    if (this.#before !== undefined && this.#of === have && this.#count === have.count) return this.#before
    const { partCount } = this.#lengths
    const before = new Float64Array(partCount + 1)
    for (let part = 0; part < partCount; part++)
      before[part + 1] = (before[part] ?? 0) + (have.has(part) ? partLength(this.#lengths, part) : 0)
    this.#before = before
    this.#of = have
    this.#count = have.count
    return before
  }
}
