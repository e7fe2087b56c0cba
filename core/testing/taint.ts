import type { Block } from "../swarm/index.js"
import { type Lengths, partLength } from "../torrent/lengths.js"
import { STANDARD_BLOCK_BYTES } from "../wire/codec/messages.js"

/** Which bytes of the parts in flight are wrong, in a simulation that moves no bytes: by part, its 16 KiB units that a liar sent. */
export class Taint {
  readonly #lengths: Lengths
  readonly #units = new Map<number, Set<number>>()

  constructor(lengths: Lengths) {
    this.#lengths = lengths
  }

  /** Bytes of a block fall into its part's buffer. */
  write({ index, begin, length }: Block, areWrong: boolean): void {
    const units = this.#units.get(index) ?? new Set()
    if (areWrong) this.#units.set(index, units)
    for (let unit = begin / STANDARD_BLOCK_BYTES; unit * STANDARD_BLOCK_BYTES < begin + length; unit++) {
      if (areWrong) units.add(unit)
      else units.delete(unit)
    }
  }

  outcomeOf(index: number): "stored" | "mismatch" {
    return (this.#units.get(index)?.size ?? 0) > 0 ? "mismatch" : "stored"
  }

  /** A digest of one byte for every unit of a part. */
  unitDigests(index: number): Uint8Array {
    const unitCount = Math.ceil(partLength(this.#lengths, index) / STANDARD_BLOCK_BYTES)
    return Uint8Array.from({ length: unitCount }, (_, unit) => (this.#units.get(index)?.has(unit) === true ? 1 : 0))
  }

  /** The part's buffer is begun anew, or not needed any more. */
  clear(index: number): void {
    this.#units.delete(index)
  }
}
