/**
 * Bounds the bytes of parts in flight (asked for, being checked or written), whatever disk and peers do. One budget is shared
 * by all documents of a client. A document may always hold two parts, so that parts larger than the budget still move.
 */
export class PartBudget {
  static readonly alwaysGranted = 2
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
    if (heldParts >= PartBudget.alwaysGranted && this.#usedBytes + lengthBytes > this.limitBytes) return false
    this.#usedBytes += lengthBytes
    return true
  }

  give(lengthBytes: number): void {
    this.#usedBytes -= lengthBytes
  }
}
