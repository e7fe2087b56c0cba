/**
 * Bounds the bytes of parts in flight (asked for, being checked or written), whatever disk and peers do. One budget is shared
 * by all documents of a client. A document may always hold two parts, so that parts larger than the budget still move; one where
 * parts are so large (up to 256 MiB in foreign torrents) that two would take the memory of a whole machine.
 */
export class PartBudget {
  /** Bytes of a part from which a document is granted one only (our choice). */
  static readonly hugePartBytes = 64 * 1024 * 1024
  readonly limitBytes: number
  #usedBytes = 0

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  /** Takes `lengthBytes` for one more part of a document that holds `heldParts` already; false when there is no room. */
  take(lengthBytes: number, heldParts: number): boolean {
    const granted = lengthBytes >= PartBudget.hugePartBytes ? 1 : 2
    if (heldParts >= granted && this.#usedBytes + lengthBytes > this.limitBytes) return false
    this.#usedBytes += lengthBytes
    return true
  }

  give(lengthBytes: number): void {
    this.#usedBytes -= lengthBytes
  }
}
