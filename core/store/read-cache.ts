/** Where a chunk's bytes come from. One object per document; it is the key that the cache knows its chunks by. */
export interface ChunkSource {
  readonly sizeBytes: number
  /** Bytes that are read at a time, at most those of the cache; 0: nothing is kept. Default: those of the cache. */
  readonly chunkBytes?: number | undefined
  /** Fills `target` from `offset` on, or rejects. */
  readInto(target: Uint8Array, offset: number): Promise<void>
}

/** 256 KiB, the largest block that two clients of this project ask for: one block, one read, no copy. */
const CHUNK_BYTES = 256 * 1024

/** Chunks of which none touches two parts: of a folder, files that only the other part is in may be missing. */
export function chunkBytesOfParts(partSizeBytes: number): number {
  if (partSizeBytes <= CHUNK_BYTES) return partSizeBytes
  return partSizeBytes % CHUNK_BYTES === 0 ? CHUNK_BYTES : 0
}

/** Bytes that stay as they are until `release` is called, once. */
export interface BorrowedBytes {
  readonly bytes: Uint8Array
  release(): void
}

interface Chunk {
  readonly source: ChunkSource
  readonly index: number
  readonly buffer: Uint8Array
  readonly loaded: Promise<void>
  isLoaded: boolean
  users: number
  /** No longer found by a lookup: its buffer is free after its last user. */
  detached: boolean
}

export interface ReadCacheOptions {
  /** Default 16 MiB. */
  readonly budgetBytes?: number
  /** Default 256 KiB. */
  readonly chunkBytes?: number
}

/**
 * Reads for serving, shared by all documents. Foreign clients ask for 16 KiB at a time: a whole chunk is read, so the
 * next requests find theirs, and several peers that want the same part share one read. A chunk that a socket still
 * writes is never reused; when all are in such use, reads go past the cache (and the senders' own caps bound them).
 */
export class ReadCache {
  readonly #chunkBytes: number
  readonly #maxBuffers: number
  readonly #chunks = new Map<ChunkSource, Map<number, Chunk>>()
  /** Chunks without a user, the longest unused first. */
  readonly #idle = new Set<Chunk>()
  readonly #freeBuffers: Uint8Array[] = []
  #bufferCount = 0

  constructor(options: ReadCacheOptions = {}) {
    this.#chunkBytes = options.chunkBytes ?? CHUNK_BYTES
    this.#maxBuffers = Math.max(1, Math.floor((options.budgetBytes ?? 16 * 1024 * 1024) / this.#chunkBytes))
  }

  /** The bytes [offset, offset + length) of a source, inside its size. Rejects as the source does. */
  async read(source: ChunkSource, offset: number, length: number): Promise<BorrowedBytes> {
    const chunkBytes = this.#chunkBytesOf(source)
    if (chunkBytes === 0) return readPast(source, offset, length)
    const index = Math.floor(offset / chunkBytes)
    const start = offset - index * chunkBytes
    if (start + length > chunkBytes) return this.#readAcross(source, offset, length)
    const chunk = this.#borrow(source, index)
    if (!chunk) return readPast(source, offset, length)
    try {
      await chunk.loaded
    } catch (error) {
      this.#giveBack(chunk)
      throw error
    }
    return { bytes: chunk.buffer.subarray(start, start + length), release: once(() => this.#giveBack(chunk)) }
  }

  /** True where all these bytes were read before: a read of them asks the source for none. */
  has(source: ChunkSource, offset: number, length: number): boolean {
    const chunkBytes = this.#chunkBytesOf(source)
    if (chunkBytes === 0) return false
    const chunks = this.#chunks.get(source)
    const last = Math.floor((offset + length - 1) / chunkBytes)
    for (let index = Math.floor(offset / chunkBytes); index <= last; index++)
      if (chunks?.get(index)?.isLoaded !== true) return false
    return true
  }

  /** Drops cached bytes of [offset, offset + length) after a write. Lent bytes stay unchanged. */
  forgetRange(source: ChunkSource, offset: number, length: number): void {
    const chunks = this.#chunks.get(source)
    if (!chunks) return
    const chunkBytes = this.#chunkBytesOf(source)
    const last = Math.floor((offset + length - 1) / chunkBytes)
    for (let index = Math.floor(offset / chunkBytes); index <= last; index++) {
      const chunk = chunks.get(index)
      if (chunk) this.#detach(chunk)
    }
  }

  /** Drops all that is cached of a source. */
  forget(source: ChunkSource): void {
    for (const chunk of [...(this.#chunks.get(source)?.values() ?? [])]) this.#detach(chunk)
  }

  /** A range over several chunks (blocks of odd part sizes) is put together as a copy, which needs no giving back. */
  async #readAcross(source: ChunkSource, offset: number, length: number): Promise<BorrowedBytes> {
    const bytes = new Uint8Array(length)
    const chunkBytes = this.#chunkBytesOf(source)
    for (let done = 0; done < length; ) {
      const position = offset + done
      const step = Math.min(length - done, chunkBytes - (position % chunkBytes))
      const piece = await this.read(source, position, step)
      bytes.set(piece.bytes, done)
      piece.release()
      done += step
    }
    return { bytes, release: () => undefined }
  }

  #chunkBytesOf(source: ChunkSource): number {
    return Math.min(source.chunkBytes ?? this.#chunkBytes, this.#chunkBytes)
  }

  #borrow(source: ChunkSource, index: number): Chunk | undefined {
    const chunk = this.#chunks.get(source)?.get(index) ?? this.#load(source, index)
    if (!chunk) return undefined
    chunk.users++
    this.#idle.delete(chunk)
    return chunk
  }

  #load(source: ChunkSource, index: number): Chunk | undefined {
    const buffer = this.#takeBuffer()
    if (!buffer) return undefined
    const chunkBytes = this.#chunkBytesOf(source)
    const offset = index * chunkBytes
    const filled = buffer.subarray(0, Math.min(chunkBytes, source.sizeBytes - offset))
    const loaded = source.readInto(filled, offset)
    const chunk: Chunk = { source, index, buffer, loaded, isLoaded: false, users: 0, detached: false }
    const chunks = this.#chunks.get(source) ?? new Map<number, Chunk>()
    this.#chunks.set(source, chunks)
    chunks.set(index, chunk)
    // Readers see the error themselves; the chunk must not stay as if it were loaded.
    loaded.then(
      () => (chunk.isLoaded = true),
      () => this.#detach(chunk),
    )
    return chunk
  }

  #takeBuffer(): Uint8Array | undefined {
    if (this.#freeBuffers.length === 0 && this.#bufferCount < this.#maxBuffers) {
      this.#bufferCount++
      return sharedBytes(this.#chunkBytes)
    }
    const [oldest] = this.#idle
    if (this.#freeBuffers.length === 0 && oldest) this.#detach(oldest)
    return this.#freeBuffers.pop()
  }

  #giveBack(chunk: Chunk): void {
    chunk.users--
    if (chunk.users > 0) return
    if (chunk.detached) this.#freeBuffers.push(chunk.buffer)
    else this.#idle.add(chunk)
  }

  #detach(chunk: Chunk): void {
    if (chunk.detached) return
    chunk.detached = true
    this.#idle.delete(chunk)
    const chunks = this.#chunks.get(chunk.source)
    chunks?.delete(chunk.index)
    if (chunks?.size === 0) this.#chunks.delete(chunk.source)
    if (chunk.users === 0) this.#freeBuffers.push(chunk.buffer)
  }
}

async function readPast(source: ChunkSource, offset: number, length: number): Promise<BorrowedBytes> {
  const bytes = sharedBytes(length)
  await source.readInto(bytes, offset)
  return { bytes, release: () => undefined }
}

/** Shared, so that a thread fills it in place. */
function sharedBytes(length: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(length))
}

/** A second release would let a buffer be reused while another socket still sends it. */
function once(release: () => void): () => void {
  let released = false
  return () => {
    if (released) return
    released = true
    release()
  }
}
