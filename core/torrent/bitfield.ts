/** A set of part indices, one bit each, most significant bit first (the layout of BEP 3's bitfield message). */
export class Bitfield {
  readonly partCount: number
  /** Uint8Array, ceil(partCount / 8) bytes; padding bits are zero. */
  readonly bytes: Uint8Array
  #count = 0

  constructor(partCount: number) {
    this.partCount = partCount
    this.bytes = new Uint8Array(Math.ceil(partCount / 8))
  }

  /**
   * Reads a bitfield as it stands on the wire or on disk; the bytes are copied.
   * Returns undefined when the length is wrong or a padding bit is set (BEP 3).
   */
  static fromBytes(partCount: number, bytes: Uint8Array): Bitfield | undefined {
    const field = new Bitfield(partCount)
    if (bytes.length !== field.bytes.length) return undefined
    const paddingBits = bytes.length * 8 - partCount
    const last = bytes.at(-1) ?? 0
    if ((last & ((1 << paddingBits) - 1)) !== 0) return undefined
    field.bytes.set(bytes)
    for (const byte of bytes) field.#count += popCount(byte)
    return field
  }

  /** Every part present. */
  static full(partCount: number): Bitfield {
    const field = new Bitfield(partCount)
    field.bytes.fill(0xff)
    const paddingBits = field.bytes.length * 8 - partCount
    if (paddingBits > 0) field.bytes[field.bytes.length - 1] = (0xff << paddingBits) & 0xff
    field.#count = partCount
    return field
  }

  /** How many parts are in the set. */
  get count(): number {
    return this.#count
  }

  get isFull(): boolean {
    return this.#count === this.partCount
  }

  /** `partIndex` out of range is simply not in the set. */
  has(partIndex: number): boolean {
    return ((this.bytes[partIndex >>> 3] ?? 0) & (0x80 >>> (partIndex & 7))) !== 0
  }

  /** True when every part of `other`, a set of the same size, is in this one too. */
  hasAllOf(other: Bitfield): boolean {
    return other.bytes.every((byte, at) => (byte & ~(this.bytes[at] ?? 0)) === 0)
  }

  /** The parts that are in this set and in `other`, a set of the same size. */
  overlap(other: Bitfield): Bitfield {
    const both = new Bitfield(this.partCount)
    for (let at = 0; at < both.bytes.length; at++) {
      const byte = (this.bytes[at] ?? 0) & (other.bytes[at] ?? 0)
      both.bytes[at] = byte
      both.#count += popCount(byte)
    }
    return both
  }

  /** Calls `visit` with every part that is in this set and not in `known`, a set of the same size. Costs O(bytes + parts visited). */
  forEachBeyond(known: Bitfield | undefined, visit: (partIndex: number) => void): void {
    for (let at = 0; at < this.bytes.length; at++) {
      const bits = (this.bytes[at] ?? 0) & ~(known?.bytes[at] ?? 0)
      if (bits === 0) continue
      for (let bit = 0; bit < 8; bit++) if ((bits & (0x80 >>> bit)) !== 0) visit(at * 8 + bit)
    }
  }

  /** Adds a part, 0-based, < partCount (RangeError otherwise). Returns false when it was there already. */
  add(partIndex: number): boolean {
    this.#check(partIndex)
    if (this.has(partIndex)) return false
    this.bytes[partIndex >>> 3] = (this.bytes[partIndex >>> 3] ?? 0) | (0x80 >>> (partIndex & 7))
    this.#count++
    return true
  }

  /** Removes a part, 0-based, < partCount (RangeError otherwise). Returns false when it was not set. */
  remove(partIndex: number): boolean {
    this.#check(partIndex)
    if (!this.has(partIndex)) return false
    this.bytes[partIndex >>> 3] = (this.bytes[partIndex >>> 3] ?? 0) & ~(0x80 >>> (partIndex & 7))
    this.#count--
    return true
  }

  clone(): Bitfield {
    const copy = new Bitfield(this.partCount)
    copy.bytes.set(this.bytes)
    copy.#count = this.#count
    return copy
  }

  #check(partIndex: number): void {
    if (!(partIndex >= 0 && partIndex < this.partCount))
      throw new RangeError(`part index ${partIndex} is outside 0..${this.partCount - 1}`)
  }
}

function popCount(byte: number): number {
  let bits = 0
  for (let rest = byte; rest !== 0; rest &= rest - 1) bits++
  return bits
}
