import { dirname } from "node:path"
import { CommandError } from "../base/errors.js"
import type { Bitfield } from "../torrent/bitfield.js"
import type { FileSelection } from "../torrent/file-selection.js"
import { syncFolder } from "./atomic-file.js"
import type { Disk } from "./disk.js"
import type { GrowingContent } from "./growing-content.js"
import type { Lock } from "./lock.js"
import type { OnMoved } from "./move-aside.js"
import type { PartPlace } from "./part-place.js"
import type { ResumeRecord } from "./resume-record.js"
import type { WholeContent } from "./whole-content.js"

export type { OnMoved }

/**
 * Time from the first part without a checkpoint to the next checkpoint, ms. Each stalls the writer during the sync (measured: a sync every
 * 64 MiB doubles the time of 1 GiB, one every 2 s costs a tenth), and a killed process needs none: its marks name the parts to hash. Only
 * a power failure loses the parts since the last one.
 */
const CHECKPOINT_MS = 2000

/**
 * Shortest pause between checkpoints as a multiple of the last sync's time: syncing a whole file system, as folders need, writes other
 * programs' data too. Our choice: at most a tenth of the time is spent on syncing.
 */
const SYNC_PAUSES = 10

export interface GrowingDocumentParts {
  readonly disk: Disk
  readonly content: GrowingContent
  readonly record: ResumeRecord
  /** The content has the stamp of the record's newest checkpoint. */
  readonly isStamped: boolean
  readonly lock: Lock
  /** The parts on disk, kept by the store: each checkpoint holds those present at its sync. */
  readonly have: Bitfield
}

/** An unfinished download on disk: its `.part` file or folder, and the record beside it. Rejects with system errors. */
export class GrowingDocument {
  readonly content: GrowingContent
  readonly #parts: GrowingDocumentParts
  readonly #lane: number
  readonly #writes = new Set<Promise<unknown>>()
  /** Parts were written that no checkpoint holds. */
  #unsynced = false
  /** The newest checkpoint has the file's stamp of now. */
  #isStamped: boolean
  #stopCheckpoint: (() => void) | undefined
  #checkpointing: Promise<void> | undefined
  /** The selection of a folder's files is being changed. */
  #selecting: Promise<void> | undefined
  #failure: unknown
  /** How long the newest sync took, by the disk's clock. */
  #syncMs = 0
  /** Parts whose bytes are durable. */
  #synced: Bitfield
  /** Parts whose bytes the running sync makes durable. */
  #syncing: Bitfield | undefined

  constructor(parts: GrowingDocumentParts) {
    this.content = parts.content
    this.#parts = parts
    this.#synced = parts.have.clone()
    this.#isStamped = parts.isStamped
    this.#lane = parts.disk.nextLane()
    const { lost } = parts.lock
    lost.addEventListener("abort", () => {
      this.#failure ??= lost.reason
    })
  }

  /** Aborted with a StoreError once another process may write to it. */
  get lockLost(): AbortSignal {
    return this.#parts.lock.lost
  }

  /** Verifies and writes a part, and adds it to `have`; false when its digest differs. */
  async write(bytes: Uint8Array, place: PartPlace): Promise<boolean> {
    while (this.#selecting) await this.#selecting
    if (this.#failure) throw this.#failure
    this.#isStamped = false
    const writing = this.#write(bytes, place)
    this.#writes.add(writing)
    try {
      return await writing
    } finally {
      this.#writes.delete(writing)
    }
  }

  /** A part that was on disk already was hashed and is good: it is in `have` from now on, and in the next checkpoint. */
  adopt(partIndex: number): void {
    this.#parts.have.add(partIndex)
    this.#unsynced = true
    this.#schedule()
  }

  /** A part that was on disk was hashed and is not good. */
  lose(partIndex: number): void {
    this.#parts.record.lose(partIndex)
  }

  /** Other files of a folder are wanted; undefined: all. Parts are written before it or after it. Rejects as `GrowingContent.select`. */
  async select(selection: FileSelection | undefined, onMoved: OnMoved): Promise<void> {
    while (this.#selecting) await this.#selecting
    const selected = this.#select(selection, onMoved)
    this.#selecting = selected
      .catch((error: unknown) => {
        // After a refusal all is as it was.
        if (!(error instanceof CommandError)) this.#failure ??= error
      })
      .finally(() => {
        this.#selecting = undefined
      })
    await selected
  }

  async #select(selection: FileSelection | undefined, onMoved: OnMoved): Promise<void> {
    await Promise.allSettled([...this.#writes, this.#checkpointing])
    if (this.#failure) throw this.#failure
    await this.#parts.lock.confirm()
    this.#isStamped = false
    await this.content.select(selection, this.#parts.have, onMoved)
    this.#unsynced = true
    this.#schedule()
  }

  /**
   * Syncs the content, then writes a checkpoint. After a failed sync nothing is recorded any more.
   * @throws StoreError "file_changed" when the unfinished file is gone, cut or replaced.
   */
  async checkpoint(isLast = false): Promise<void> {
    while (this.#checkpointing) await this.#checkpointing
    this.#checkpointing = this.#syncAndRecord(isLast).finally(() => {
      this.#checkpointing = undefined
      this.#schedule()
    })
    await this.#checkpointing
  }

  /**
   * Gives the complete content its own name, never in place of another, calls `onNamed`, and makes its bytes durable. A file bears its old
   * name too until `release`: by that, and by its record, the next start knows that a crash came in between. A folder gets its name, and
   * `onNamed` is called, in `release`.
   * @throws CommandError "target_exists" when there is a file of that name by now, StoreError "file_changed" as `checkpoint`.
   */
  async complete(onNamed: () => void): Promise<void> {
    await this.#settle()
    if (this.#failure) throw this.#failure
    await this.#parts.lock.confirm()
    await this.content.finish(() => this.#sync(), onNamed, this.#parts.have)
    // What is missing can be fetched later: the record says what is there.
    if (this.content.isPartial) await this.checkpoint(true)
  }

  /**
   * Removes the old name of the durable content, deletes the record unless parts are unwanted, and closes both. Resolves to the finished
   * content.
   */
  async release(onNamed: () => void): Promise<WholeContent> {
    const { record, lock } = this.#parts
    await lock.confirm()
    const { isPartial } = this.content
    const whole = await this.content.release(onNamed)
    await (isPartial ? record.close() : record.delete())
    // The old name must not come back: beside it the file would be taken for unfinished.
    await syncFolder(dirname(this.content.path))
    await lock.release()
    return whole
  }

  /**
   * Deletes the record and then the bytes, in this order also through a power failure: a file without its record must not hold bytes that
   * can't be distinguished from another owner's. After a failure halfway, no bytes are left that could be believed without their record.
   */
  async discard(): Promise<void> {
    const { record, lock } = this.#parts
    await this.#settle()
    try {
      await lock.confirm()
      await this.content.empty()
      await record.delete()
      await syncFolder(dirname(this.content.path))
      await this.content.delete()
    } finally {
      await this.#letGo()
    }
  }

  /**
   * Writes a last checkpoint if one is due and closes the files. May be called twice.
   * `mayDiscard`: no data on disk waits to be hashed, so that a file without any part may be deleted.
   */
  async close(mayDiscard: boolean): Promise<void> {
    await this.#settle()
    if (mayDiscard && this.#parts.have.count === 0 && !this.#failure) return this.discard()
    try {
      if ((this.#unsynced || !this.#isStamped) && !this.#failure) await this.checkpoint(true)
    } finally {
      await this.#letGo()
    }
  }

  async #letGo(): Promise<void> {
    const { record, lock } = this.#parts
    await Promise.all([this.content.forget(), record.close()])
    await lock.release()
  }

  async #write(bytes: Uint8Array, place: PartPlace): Promise<boolean> {
    const { record, lock } = this.#parts
    await lock.confirm()
    // A part that could not be read any more is fetched again.
    for (const parts of [this.#synced, this.#syncing]) parts?.remove(place.partIndex)
    const write = (mark: { fd: number; offset: number }) => this.content.write(this.#lane, bytes, place, mark)
    const right = await record.withMark(place.partIndex, write)
    if (right) this.adopt(place.partIndex)
    return right
  }

  /** Sees to it that a checkpoint follows where one is due. No timer runs while nothing is. */
  #schedule(): void {
    if (this.#checkpointing || this.#failure || !this.#unsynced) return
    const waitMs = Math.max(CHECKPOINT_MS, SYNC_PAUSES * this.#syncMs)
    this.#stopCheckpoint ??= this.#parts.disk.clock.after(waitMs, () => this.#checkpointAside())
  }

  /** Runs without a waiting caller: the next write reports its failure. */
  #checkpointAside(): void {
    void this.checkpoint().catch(() => undefined)
  }

  async #syncAndRecord(isLast: boolean): Promise<void> {
    if (this.#failure) throw this.#failure
    this.#stopTimer()
    this.#unsynced = false
    try {
      await this.#parts.lock.confirm()
      await this.#sync()
      // The sync may have taken longer than the lock lasts.
      await this.#parts.lock.confirm()
      // A write that begins from here on changes the stamp, unless it is in it already.
      this.#isStamped = true
      const { stamp, isExact } = await this.content.stamp(isLast)
      this.#isStamped &&= isExact
      await this.#parts.record.checkpoint(this.#synced, stamp)
    } catch (error) {
      this.#failure ??= error
      throw error
    }
  }

  /** Makes the parts in `have` durable. */
  async #sync(): Promise<void> {
    const { have, record, disk } = this.#parts
    const synced = have.clone()
    const startedAtMs = disk.clock.now()
    this.#syncing = synced
    try {
      await this.content.sync()
      this.#syncMs = disk.clock.now() - startedAtMs
      this.#synced = synced
    } catch (error) {
      this.#failure ??= error
      // At once, because the process may end before close; if this fails too, the sync's own failure is reported.
      await record.forgetUnsynced(this.#synced).catch(() => undefined)
      throw error
    } finally {
      this.#syncing = undefined
    }
  }

  #stopTimer(): void {
    this.#stopCheckpoint?.()
    this.#stopCheckpoint = undefined
  }

  /** Waits for the writes that run, so that no descriptor is closed under them. */
  async #settle(): Promise<void> {
    this.#stopTimer()
    while (this.#selecting) await this.#selecting
    await Promise.allSettled([...this.#writes, this.#checkpointing])
    this.#stopTimer()
  }
}
