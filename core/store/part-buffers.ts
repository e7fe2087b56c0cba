/** Capacities are rounded up to this, so that the shorter last part of a document finds a buffer to reuse. */
const CAPACITY_STEP_BYTES = 64 * 1024

/** As much as a client's parts in flight take at a time (our choice): a transfer at full speed allocates nothing anew. */
const DEFAULT_KEPT_BYTES = 10 * 1024 * 1024

/** Two parts of 16 MiB, an upload's largest: a document holds two of any size, and memory that threads share is freed late (our choice). */
const KEPT_PAIR_BYTES = 32 * 1024 * 1024

/**
 * Buffers for parts on their way from the socket to the disk, in shared memory so that the hash workers see them without
 * a copy. One pool for all documents. It bounds what lies unused; how much is in use at a time is for the swarm's PartBudget.
 */
export class PartBuffers {
  readonly #keptBytes: number
  readonly #lent = new Set<SharedArrayBuffer>()
  readonly #free: SharedArrayBuffer[] = []
  #freeBytes = 0

  constructor(keptBytes = DEFAULT_KEPT_BYTES) {
    this.#keptBytes = keptBytes
  }

  /** A buffer of exactly `length` bytes (its content is anything). `length` >= 1. */
  acquire(length: number): Uint8Array {
    const capacity = Math.ceil(length / CAPACITY_STEP_BYTES) * CAPACITY_STEP_BYTES
    const memory = this.#takeFree(capacity) ?? new SharedArrayBuffer(capacity)
    this.#lent.add(memory)
    return new Uint8Array(memory, 0, length)
  }

  /** Takes back what `acquire` returned (or any view of it). It must not be read or written afterwards. */
  release(bytes: Uint8Array): void {
    const memory = bytes.buffer
    if (!(memory instanceof SharedArrayBuffer) || !this.#lent.delete(memory))
      throw new Error("a part buffer was released twice, or belongs to another pool")
    this.#free.push(memory)
    this.#freeBytes += memory.byteLength
    // The longest unused go first.
    while (this.#keepsTooMuch) this.#freeBytes -= this.#free.shift()?.byteLength ?? this.#freeBytes
  }

  get #keepsTooMuch(): boolean {
    return this.#freeBytes > (this.#free.length > 2 ? this.#keptBytes : Math.max(this.#keptBytes, KEPT_PAIR_BYTES))
  }

  #takeFree(capacity: number): SharedArrayBuffer | undefined {
    const index = this.#free.findLastIndex((memory) => memory.byteLength === capacity)
    if (index < 0) return undefined
    this.#freeBytes -= capacity
    return this.#free.splice(index, 1)[0]
  }
}
