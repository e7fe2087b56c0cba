import { StoreError } from "../base/errors.js"
import type { Bitfield } from "../torrent/bitfield.js"
import type { FileSelection } from "../torrent/file-selection.js"
import { isBlockInside, type Lengths, partLength, partOffset } from "../torrent/lengths.js"
import type { Torrent } from "../torrent/torrent-file.js"
import type { CheckHooks } from "./check-parts.js"
import type { Disk } from "./disk.js"
import { storeErrorOf } from "./disk-errors.js"
import type { DocumentStoreParts } from "./document-store-parts.js"
import type { FileIdentity } from "./file-identity.js"
import { GrowingDocument, type OnMoved } from "./growing-document.js"
import { PartChecks } from "./part-checks.js"
import { partPlace } from "./part-place.js"
import { type BorrowedBytes, type ChunkSource, chunkBytesOfParts } from "./read-cache.js"
import { readServed } from "./read-served.js"
import { Reverification } from "./reverification.js"
import { isPartGone, RunningReads } from "./running-reads.js"
import { hasAllWanted, wantedBytesMissing, wantedCountIn } from "./wanted-parts.js"
import type { WholeContent } from "./whole-content.js"

/** After this many changes before its first complete check, a served file counts as being written to. */
const MAX_CHANGES = 5

/**
 * The parts of one document on disk. Made by `openDownload` and `openSeed`. Rejects with StoreError: "disk_full", "not_writable",
 * "disk_failed", "file_changed". After a failed `put` the document is stopped: close the store and open it again when the disk is well.
 */
export class DocumentStore {
  readonly lengths: Lengths
  /** Absolute path of the file when it is complete. */
  readonly filePath: string
  /** Verified parts on disk. Changed by this store alone. */
  readonly have: Bitfield
  readonly recordProblem: string | undefined
  /** Parts that hold a byte of a wanted file; undefined: all. Changed by `select` alone. */
  wanted: Bitfield | undefined
  readonly #disk: Disk
  readonly #torrent: Torrent
  readonly #checks: PartChecks
  /** The read cache's key for this document. */
  readonly #source: ChunkSource
  #file: GrowingDocument | WholeContent
  #reusedCount: number
  #doubtful: readonly number[]
  #completing: Promise<void> | undefined
  /** Set while the `.part` file is being renamed: reads wait, for neither path is guaranteed to exist. */
  #releasing: Promise<WholeContent> | undefined
  readonly #closing = new AbortController()
  #checking: Promise<void> | undefined
  #closed = false
  readonly #onIdentity: ((identity: FileIdentity) => void) | undefined
  /** Of a finished file that looks like another one. */
  #reverification: Reverification | undefined
  #changeCount = 0
  /** `close` waits for them. */
  readonly #reads = new RunningReads()

  constructor(parts: DocumentStoreParts) {
    this.lengths = parts.lengths
    this.filePath = parts.filePath
    this.have = parts.have
    this.#reusedCount = wantedCountIn(parts.have, parts.wanted)
    this.recordProblem = parts.recordProblem
    this.#doubtful = parts.doubtful ?? []
    this.wanted = parts.wanted
    this.#disk = parts.disk
    this.#torrent = parts.torrent
    this.#checks = new PartChecks(parts)
    this.#file = parts.file
    this.#onIdentity = parts.onIdentity
    const chunkBytes = parts.torrent.files && chunkBytesOfParts(this.lengths.partSizeBytes)
    const readInto = (target: Uint8Array, offset: number) => this.#readInto(target, offset)
    this.#source = { sizeBytes: this.lengths.sizeBytes, chunkBytes, readInto }
  }

  /** True until the file has its own name. */
  get isGrowing(): boolean {
    return this.#file instanceof GrowingDocument
  }

  /** What to remember, so that the complete file need not be hashed at the next start; undefined while it is not complete. */
  get identity(): FileIdentity | undefined {
    const isVerified = this.isComplete && this.#reverification === undefined
    if (this.#file instanceof GrowingDocument || !isVerified) return undefined
    return this.have.isFull && this.#file.isWhole ? this.#file.identity : { ...this.#file.identity, partial: true }
  }

  /** Every wanted part is there. */
  get isComplete(): boolean {
    return hasAllWanted(this.have, this.wanted)
  }

  /** Verified wanted parts that were found on disk, when the store was opened and by `checkDoubtful`. */
  get reusedCount(): number {
    return this.#reusedCount
  }

  /** Of an unfinished file: aborted with a StoreError once another process may write to it. */
  get lockLost(): AbortSignal | undefined {
    return this.#file instanceof GrowingDocument ? this.#file.lockLost : undefined
  }

  /** Parts that may be on disk: unknown until `checkDoubtful` has hashed them. 0-based, ascending. */
  get doubtful(): readonly number[] {
    return this.#doubtful
  }

  /** Bytes of the wanted parts that are missing. */
  get missingBytes(): number {
    return wantedBytesMissing(this.lengths, this.have, this.wanted)
  }

  /** Of an unfinished folder: other files are wanted; undefined: all. @throws as `GrowingContent.select`. */
  async select(selection: FileSelection | undefined, onMoved: OnMoved = () => undefined): Promise<void> {
    const file = this.#requireGrowing()
    await this.#naming(file.content.path, () => file.select(selection, onMoved))
    this.wanted = selection?.parts(this.lengths)
  }

  /**
   * Checks a part against its digest and stores it. `bytes`: the whole part, best in shared memory; it must not change
   * until this settles. "mismatch": the digest differs, nothing was written.
   */
  async put(partIndex: number, bytes: Uint8Array): Promise<"stored" | "mismatch"> {
    const file = this.#requireGrowing()
    if (this.have.has(partIndex)) return "stored"
    if (bytes.length !== partLength(this.lengths, partIndex))
      throw new RangeError(`part ${partIndex} has ${partLength(this.lengths, partIndex)} bytes, got ${bytes.length}`)
    const place = partPlace(this.#torrent, this.lengths, partIndex)
    if (!(await this.#naming(file.content.path, () => file.write(bytes, place)))) return "mismatch"
    // A chunk that was read for a neighbouring part may hold old bytes of this range.
    this.#disk.cache.forgetRange(this.#source, place.offset, bytes.length)
    return "stored"
  }

  /**
   * Lends bytes of a present part; release them once they are sent. A part that can't be read any more is removed from `have`, unless
   * only a descriptor was lacking. @throws RangeError for a range outside of the part, StoreError "part_missing" for a missing one,
   * "store_closed" after `close`.
   */
  async read(partIndex: number, offset: number, length: number): Promise<BorrowedBytes> {
    if (!isBlockInside(this.lengths, partIndex, offset, length))
      throw new RangeError(`there is no block ${partIndex}:${offset}+${length} to read`)
    if (this.#closed) throw new StoreError("store_closed", `${this.filePath}: the file is closed`)
    if (!this.have.has(partIndex))
      throw new StoreError("part_missing", `${this.filePath}: part ${partIndex} is missing`)
    return this.#reads.during(() => this.#read(partIndex, offset, length))
  }

  async #read(partIndex: number, offset: number, length: number): Promise<BorrowedBytes> {
    await this.requireUnchanged()
    const run = { source: this.#source, offset: partOffset(this.lengths, partIndex) + offset, length }
    try {
      await this.#reverification?.require(partIndex)
      return await readServed(this.#disk.cache, run, this.#file, () => this.#requireUnchangedFiles(partIndex))
    } catch (error) {
      const failure = storeErrorOf(error, this.filePath, 0)
      if (isPartGone(error, failure)) this.have.remove(partIndex)
      throw failure
    }
  }

  /** Of a folder, one file that changed takes its parts with it; the others are served on. @throws StoreError "file_differs". */
  async #requireUnchangedFiles(partIndex: number): Promise<void> {
    if (this.#file instanceof GrowingDocument) return
    const change = await this.#file.changesIn(partOffset(this.lengths, partIndex), partLength(this.lengths, partIndex))
    if (change === undefined) return
    this.#disk.cache.forget(this.#source)
    if (!this.have.has(partIndex)) throw change
  }

  /**
   * Looks at a finished file, at most once a second. One that has its old size and looks like another is hashed again, while it is served.
   * @throws StoreError "file_changed" when it is not the one that was verified.
   */
  async requireUnchanged(): Promise<void> {
    const file = this.#file
    if (file instanceof GrowingDocument) return
    const identity = await file.otherIdentity()
    // Others that look at the same time see the same.
    if (identity === undefined || this.#file !== file || this.#closed) return
    if (++this.#changeCount > MAX_CHANGES) throw await file.declareChanged("it changes again and again")
    const before = this.#reverification
    this.#reverify(file.as(identity))
    await Promise.all([before?.close(), file.forget()])
  }

  /**
   * Hashes the doubtful parts, once, while others are stored. A good one is in `have` before `onPart` is called. Resolves early when the
   * store is closed meanwhile.
   */
  async checkDoubtful(onPart: (partIndex: number, good: boolean) => void = () => undefined): Promise<void> {
    if (this.#doubtful.length === 0 || this.#closed) return
    this.#checking ??= this.#checkDoubtful(this.#requireGrowing(), onPart)
    await this.#checking
  }

  /** Hashes everything on disk again and corrects `have`. No `put` may run meanwhile. */
  async check(hooks: CheckHooks = {}): Promise<void> {
    await this.#reverification?.close()
    this.#reverification = undefined
    const file = this.#file
    this.#disk.cache.forget(this.#source)
    this.#doubtful = []
    if (file instanceof GrowingDocument) await this.#checks.growing(file, hooks, this.have)
    else this.#file = await this.#checks.whole(file, hooks, this.have)
    this.#reusedCount = wantedCountIn(this.have, this.wanted)
  }

  /**
   * All wanted parts are present: the file gets its final name and stays readable. `onNamed` is called as soon as the file can be used; it is
   * durable when this resolves. After a crash in between it is an unfinished download with the synced parts.
   * @throws CommandError "target_exists" when a file of that name exists by now.
   */
  async complete(onNamed: () => void = () => undefined): Promise<void> {
    const file = this.#requireGrowing()
    if (!this.isComplete) throw new Error(`${this.missingBytes} bytes of the wanted parts are missing`)
    this.#completing = this.#naming(this.filePath, () => this.#finish(file, onNamed))
    await this.#completing
  }

  /** Deletes the bytes of an unfinished download and closes. Finished content always stays. */
  async discard(): Promise<void> {
    await this.#end((growing) => growing.discard())
  }

  /** Writes a last record and closes the content; an unfinished file without any part is deleted. Waits for reads. May be called twice. */
  async close(): Promise<void> {
    await this.#end((growing) => growing.close(this.#doubtful.length === 0))
  }

  async #end(endGrowing: (growing: GrowingDocument) => Promise<void>): Promise<void> {
    if (this.#closed) return
    await this.#leave()
    const file = this.#file
    await this.#naming(this.filePath, () => (file instanceof GrowingDocument ? endGrowing(file) : file.forget()))
  }

  /** Its errors name the path, and a full disk the missing bytes. */
  async #naming<T>(path: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw storeErrorOf(error, path, this.missingBytes)
    }
  }

  async #leave(): Promise<void> {
    this.#closed = true
    this.#disk.cache.forget(this.#source)
    this.#closing.abort()
    // The callers that started these tasks have received their errors.
    await Promise.allSettled([this.#checking, this.#completing, this.#reverification?.close()])
    await this.#reads.ended()
  }

  #reverify(file: WholeContent): void {
    this.#file = file
    // These chunks were read before the change.
    this.#disk.cache.forget(this.#source)
    const onDone = () => {
      this.#reverification = undefined
      this.#changeCount = 0
      this.#onIdentity?.(file.identity)
    }
    const { partCount } = this.lengths
    this.#reverification = new Reverification({ checks: this.#checks, partCount, file, have: this.have, onDone })
  }

  async #finish(file: GrowingDocument, onNamed: () => void): Promise<void> {
    await file.complete(onNamed)
    const releasing = file.release(onNamed)
    this.#releasing = releasing
    try {
      this.#file = await releasing
    } finally {
      this.#releasing = undefined
    }
  }

  async #readInto(target: Uint8Array, offset: number): Promise<void> {
    // `complete` reports whether that succeeded.
    await this.#releasing?.catch(() => undefined)
    const file = this.#file
    await (file instanceof GrowingDocument ? file.content : file).readInto(target, offset)
  }

  #checkDoubtful(file: GrowingDocument, onPart: (partIndex: number, good: boolean) => void): Promise<void> {
    return this.#checks.doubtful(file, this.#doubtful, this.#closing.signal, (partIndex, good) => {
      if (good && this.wanted?.has(partIndex) !== false) this.#reusedCount++
      onPart(partIndex, good)
    })
  }

  #requireGrowing(): GrowingDocument {
    if (this.#closed) throw new Error("the store is closed")
    if (!(this.#file instanceof GrowingDocument)) throw new Error("the file is complete")
    return this.#file
  }
}
