/** Where the buffers of parts come from: bounded by the swarm's PartBudget, reused where the sizes agree. */
export interface BufferPool {
  /** SharedArrayBuffer-backed Uint8Array of exactly `lengthBytes`. */
  acquire(lengthBytes: number): Uint8Array
  release(bytes: Uint8Array): void
}

interface Held {
  readonly bytes: Uint8Array
  /** Connections that read into it at this moment. */
  writers: number
  dropped: boolean
}

/**
 * The buffers of one document's parts in flight. A buffer that is given up while a connection still reads into it goes back
 * only when that block is over, so that it never serves two parts at a time.
 */
export class PartMemory {
  readonly #pool: BufferPool
  readonly #held = new Map<number, Held>()

  constructor(pool: BufferPool) {
    this.#pool = pool
  }

  open(index: number, lengthBytes: number): void {
    this.#held.set(index, { bytes: this.#pool.acquire(lengthBytes), writers: 0, dropped: false })
  }

  /** The whole part, to be checked and written. */
  bytesOf(index: number): Uint8Array | undefined {
    return this.#held.get(index)?.bytes
  }

  drop(index: number): void {
    const held = this.#held.get(index)
    if (held === undefined) return
    this.#held.delete(index)
    held.dropped = true
    this.#releaseIfIdle(held)
  }

  /** Lends the place of a block to a connection. `done` is to be called when the block is over, whole or not. */
  reserveBlock(
    index: number,
    begin: number,
    length: number,
  ): { readonly place: Uint8Array; readonly done: () => void } | undefined {
    const held = this.#held.get(index)
    if (held === undefined) return undefined
    held.writers++
    const done = () => {
      held.writers--
      this.#releaseIfIdle(held)
    }
    return { place: held.bytes.subarray(begin, begin + length), done }
  }

  /** Gives everything back; buffers that are being read into follow when their block is over. */
  close(): void {
    for (const index of [...this.#held.keys()]) this.drop(index)
  }

  #releaseIfIdle(held: Held): void {
    if (held.dropped && held.writers === 0) this.#pool.release(held.bytes)
  }
}
