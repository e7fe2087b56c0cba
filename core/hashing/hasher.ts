import type { FileSpans } from "./file-spans.js"
import { FolderStats } from "./folder-stats.js"
import { type FolderStampJob, type HashPartsJob, JobKind, type WritePlace } from "./hash-jobs.js"
import { HashThread } from "./hash-thread.js"
import type { FilesToDraft, FilesToPlace } from "./move-files.js"
import type { FilesToSync } from "./sync-files.js"

/** SHA-1 and writing, off the main thread. Its queue is as long as the part buffers and hash runs that callers may hold. */
export interface Hasher {
  /** Worker threads at most. */
  readonly threads: number

  /**
   * Checks a part and, when its digest is right, writes it. True: written; false: the digest differs, nothing written.
   * Rejects with the system error (errno `code`) of a failed write. `bytes` must not change until it settles; it is not
   * copied when it stands in a SharedArrayBuffer.
   */
  verifyAndWrite(write: PartWrite): Promise<boolean>

  /**
   * SHA-1 of the parts [fromPart, toPart) of an open file: 20 bytes per part, fewer when the file ends early. Of a folder, where its files are
   * missing or short, 20 bytes that no part has.
   * Runs to its end, so ask for slices (see hash-file.ts).
   */
  hashParts(range: PartRange): Promise<Uint8Array>

  /** The attributes of a folder's files. Rejects with the system error of an unreadable folder. */
  folderStats(files: Omit<FolderStampJob, "kind">): Promise<FolderStats>

  /**
   * Fills `target` with runs of many files, without a copy where it stands in a SharedArrayBuffer. Resolves to the attributes of the files after
   * that, a row per run, or to undefined where a file is missing or shorter. Rejects with the system error of another fault.
   */
  readFiles(files: FileSpans, target: Uint8Array): Promise<FolderStats | undefined>

  /** Makes files and folders durable. Rejects with the system error, with its `path`. */
  syncFiles(files: FilesToSync): Promise<void>

  /** Makes new files with bytes of another one. Rejects with the system error. */
  draftFiles(files: FilesToDraft): Promise<void>

  /** Gives such files their place below a growing folder. Rejects with the system error. */
  placeFiles(files: FilesToPlace): Promise<void>

  /** Waits for the jobs that run, then ends the threads. May be called twice. */
  close(): Promise<void>
}

export interface PartWrite {
  /**
   * Writes of one lane go through one thread: several writers to one file contend for its lock (measured: 1.2 to 5 s of system time per GiB).
   * Undefined: through any, for a folder, where most parts are in files of their own.
   */
  readonly lane?: number | undefined
  readonly bytes: Uint8Array
  /** SHA-1, 20 bytes. */
  readonly digest: Uint8Array
  readonly place: WritePlace
  /** One byte that is set before the part is written. */
  readonly mark?: { readonly fd: number; readonly offset: number }
}

export interface PartRange {
  readonly from: HashPartsJob["from"]
  readonly sizeBytes: number
  readonly partSizeBytes: number
  /** 0-based; fromPart < toPart <= part count. */
  readonly fromPart: number
  readonly toPart: number
}

/** Two: reading or writing and hashing keep two cores busy, and more threads only take cores from the network. */
const DEFAULT_THREADS = 2

export function createHasher(options: { readonly threads?: number } = {}): Hasher {
  return new ThreadedHasher(options.threads ?? DEFAULT_THREADS)
}

class ThreadedHasher implements Hasher {
  readonly threads: number
  readonly #threads: readonly HashThread[]
  #closed = false

  constructor(threads: number) {
    if (!(threads >= 1)) throw new RangeError(`a hasher needs at least one thread, got ${threads}`)
    this.threads = threads
    this.#threads = Array.from({ length: threads }, () => new HashThread())
  }

  async verifyAndWrite(write: PartWrite): Promise<boolean> {
    const bytes = inSharedMemory(write.bytes)
    const thread = write.lane === undefined ? this.#firstFree() : this.#thread(write.lane % this.threads)
    const result = await thread.run({
      kind: JobKind.verifyAndWrite,
      memory: bytes.buffer,
      memoryOffset: bytes.byteOffset,
      length: bytes.length,
      // A copy: cloning a view to another thread clones all that is behind it, here the digests of every part.
      digest: Uint8Array.from(write.digest),
      place: write.place,
      mark: write.mark,
    })
    return result === true
  }

  hashParts(range: PartRange): Promise<Uint8Array> {
    return this.#bytesOf({ kind: JobKind.hashParts, ...range })
  }

  async folderStats(files: Omit<FolderStampJob, "kind">): Promise<FolderStats> {
    return FolderStats.from(await this.#bytesOf({ kind: JobKind.folderStamp, ...files }))
  }

  async readFiles(files: FileSpans, target: Uint8Array): Promise<FolderStats | undefined> {
    const bytes = isShared(target) ? target : new Uint8Array(new SharedArrayBuffer(target.length))
    const { buffer: memory, byteOffset: memoryOffset, length } = bytes
    const seen = await this.#firstFree().run({ kind: JobKind.readFiles, files, memory, memoryOffset, length })
    if (typeof seen === "boolean") return undefined
    if (bytes !== target) target.set(bytes)
    return FolderStats.from(seen)
  }

  async syncFiles(files: FilesToSync): Promise<void> {
    await this.#idlest().run({ kind: JobKind.syncFiles, ...files })
  }

  async draftFiles(files: FilesToDraft): Promise<void> {
    await this.#idlest().run({ kind: JobKind.draftFiles, ...files })
  }

  async placeFiles(files: FilesToPlace): Promise<void> {
    await this.#idlest().run({ kind: JobKind.placeFiles, ...files })
  }

  async #bytesOf(job: HashPartsJob | FolderStampJob): Promise<Uint8Array> {
    const result = await this.#idlest().run(job)
    if (typeof result === "boolean") throw new TypeError("hash worker answered another job")
    return result
  }

  /** For jobs that come one by one and are short. */
  #firstFree(): HashThread {
    const index = this.#threads.findIndex(({ isBusy }) => !isBusy)
    return index === -1 ? this.#idlest() : this.#thread(index)
  }

  #idlest(): HashThread {
    const idlest = this.#threads.reduce((best, thread) => (thread.load < best.load ? thread : best))
    return this.#thread(this.#threads.indexOf(idlest))
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.#threads.map((thread) => thread.close()))
  }

  #thread(index: number): HashThread {
    const thread = this.#threads[index]
    if (this.#closed || !thread) throw new Error("the hasher is closed")
    return thread
  }
}

function inSharedMemory(bytes: Uint8Array): Uint8Array<SharedArrayBuffer> {
  if (isShared(bytes)) return bytes
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length))
  copy.set(bytes)
  return copy
}

function isShared(bytes: Uint8Array): bytes is Uint8Array<SharedArrayBuffer> {
  return bytes.buffer instanceof SharedArrayBuffer
}
