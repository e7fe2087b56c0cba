/** Capacities are rounded up to this, so that the shorter last part of a document finds a buffer to reuse. */
const CAPACITY_STEP_BYTES = 64 * 1024

const DEFAULT_BUDGET_BYTES = 32 * 1024 * 1024

/** However large the parts are, one can arrive while another is verified. */
const ALWAYS_ALLOWED = 2

/**
 * Buffers for parts on their way from the socket to the disk, in shared memory so that the hash workers see them without
 * a copy. One pool for all documents: its budget is what bounds unwritten parts when the disk is slower than the network.
 */
export class PartBuffers {
  readonly budgetBytes: number
  readonly #inUse = new Set<SharedArrayBuffer>()
  readonly #free: SharedArrayBuffer[] = []
  #inUseBytes = 0
  #freeBytes = 0

  constructor(budgetBytes = DEFAULT_BUDGET_BYTES) {
    this.budgetBytes = budgetBytes
  }

  /** Bytes of buffers that are out. */
  get inUseBytes(): number {
    return this.#inUseBytes
  }

  /** A buffer of exactly `length` bytes (its content is anything), or undefined while the budget is used up. `length` >= 1. */
  acquire(length: number): Uint8Array | undefined {
    const capacity = Math.ceil(length / CAPACITY_STEP_BYTES) * CAPACITY_STEP_BYTES
    if (this.#inUse.size >= ALWAYS_ALLOWED && this.#inUseBytes + capacity > this.budgetBytes) return undefined
    const memory = this.#takeFree(capacity) ?? new SharedArrayBuffer(capacity)
    this.#inUse.add(memory)
    this.#inUseBytes += capacity
    this.#dropFree(this.budgetBytes - this.#inUseBytes)
    return new Uint8Array(memory, 0, length)
  }

  /** Gives back what `acquire` returned (or any view of it). Nobody may read or write it afterwards. */
  release(bytes: Uint8Array): void {
    const memory = bytes.buffer
    if (!(memory instanceof SharedArrayBuffer) || !this.#inUse.delete(memory))
      throw new Error("a part buffer was released twice, or is none of this pool")
    this.#inUseBytes -= memory.byteLength
    this.#free.push(memory)
    this.#freeBytes += memory.byteLength
    this.#dropFree(this.budgetBytes - this.#inUseBytes)
  }

  #takeFree(capacity: number): SharedArrayBuffer | undefined {
    const index = this.#free.findLastIndex((memory) => memory.byteLength === capacity)
    if (index < 0) return undefined
    this.#freeBytes -= capacity
    return this.#free.splice(index, 1)[0]
  }

  /** Lets go of the longest unused buffers until at most `keepBytes` are kept. */
  #dropFree(keepBytes: number): void {
    while (this.#freeBytes > Math.max(0, keepBytes))
      this.#freeBytes -= this.#free.shift()?.byteLength ?? this.#freeBytes
  }
}
