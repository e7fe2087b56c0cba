/** Most bytes for far peers (our choice: twice what 1 Gbit/s and a round trip of 200 ms have under way). */
export const MAX_FAR_BYTES = 54 * 1024 * 1024

/**
 * Bounds the bytes of parts in flight (asked for, being checked or written), whatever disk and peers do. One budget is shared
 * by all documents of a client. A document may always hold two parts, so that parts larger than the budget still move; one where
 * parts are so large (up to 256 MiB in foreign torrents) that two would take the memory of a whole machine. What far
 * peers have under way may take more, within a bound: with less, the line to them would stand idle.
 */
export class PartBudget {
  /** Bytes of a part from which a document is granted one only (our choice). */
  static readonly hugePartBytes = 64 * 1024 * 1024
  readonly #nearBytes: number
  #farBytes = 0
  #usedBytes = 0

  /** `nearBytes` is the limit without far peers. */
  constructor(nearBytes: number) {
    this.#nearBytes = nearBytes
  }

  /** What far peers have under way takes the place of what near ones would have, but for a quarter: parts that are checked and written. */
  get limitBytes(): number {
    return Math.max(this.#nearBytes, this.#nearBytes / 4 + Math.min(this.#farBytes, MAX_FAR_BYTES))
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  /** Parts of that length which a document may always hold. */
  static grantedParts(lengthBytes: number): number {
    return lengthBytes >= PartBudget.hugePartBytes ? 1 : 2
  }

  /** Takes `lengthBytes` for one more part of a document that holds `heldParts` already; false when there is no room. */
  take(lengthBytes: number, heldParts: number): boolean {
    if (!this.hasRoom(lengthBytes, heldParts)) return false
    this.#usedBytes += lengthBytes
    return true
  }

  /** Whether `take` would grant it now. */
  hasRoom(lengthBytes: number, heldParts: number): boolean {
    return heldParts < PartBudget.grantedParts(lengthBytes) || this.#usedBytes + lengthBytes <= this.limitBytes
  }

  /** Documents have so many bytes more under way from far peers, or fewer. */
  changeFar(byteCount: number): void {
    this.#farBytes += byteCount
  }

  give(lengthBytes: number): void {
    this.#usedBytes -= lengthBytes
  }
}
