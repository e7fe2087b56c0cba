import { dirname } from "node:path"
import { errnoOf, StoreError } from "../base/errors.js"
import type { Bitfield } from "../torrent/bitfield.js"
import { syncFolder } from "./atomic-file.js"
import type { Disk } from "./disk.js"
import { setMode, syncData, truncate, WRITE_FLAGS } from "./file-io.js"
import { type FileStamp, stampOf } from "./file-stamp.js"
import type { Lock } from "./lock.js"
import { dropOldName, linkWithoutReplacing, moveWithoutReplacing } from "./move-file.js"
import type { ResumeRecord } from "./resume-record.js"
import { statsIfThere, unlinkIfSame } from "./unfinished-file.js"

/**
 * A checkpoint is due this long after the first part that none holds yet. Each one stalls the writer while the disk catches
 * up (measured: a sync every 64 MiB doubles the time of 1 GiB, one every 2 s costs a tenth), and a killed process needs
 * none: its marks tell what to hash. Only a power cut costs what came since.
 */
const CHECKPOINT_MS = 2000

export interface GrowingFileParts {
  readonly disk: Disk
  /** Where the bytes are now, and the name that the file gets when it is complete. */
  readonly partPath: string
  readonly filePath: string
  readonly inode: bigint
  readonly sizeBytes: number
  /** Grows readable by its owner alone, and gets the mode that the umask says with its name. */
  readonly isPrivate: boolean
  readonly record: ResumeRecord
  /** The file is as the record's newest checkpoint says. */
  readonly isStamped: boolean
  readonly lock: Lock
  /** The parts on disk, kept by the store: each checkpoint holds those that it held when the disk was synced. */
  readonly have: Bitfield
}

export interface PartPlace {
  readonly partIndex: number
  readonly fileOffset: number
  /** SHA-1, 20 bytes. */
  readonly digest: Uint8Array
}

/** An unfinished download on disk: its `.part` file and the record beside it. Rejects with system errors. */
export class GrowingFile {
  readonly partPath: string
  readonly #parts: GrowingFileParts
  readonly #lane: number
  readonly #writes = new Set<Promise<unknown>>()
  /** Parts were written that no checkpoint holds. */
  #unsynced = false
  /** The newest checkpoint has the file's stamp of now. */
  #isStamped: boolean
  #stopCheckpoint: (() => void) | undefined
  #checkpointing: Promise<void> | undefined
  #failure: unknown
  #isNamed = false
  /** Parts whose bytes are durable. */
  #synced: Bitfield

  constructor(parts: GrowingFileParts) {
    this.partPath = parts.partPath
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

  /**
   * Syncs the file, then writes a checkpoint. After a failed sync nothing is recorded any more.
   * @throws StoreError "file_changed" when the unfinished file is gone, cut or replaced.
   */
  async checkpoint(): Promise<void> {
    while (this.#checkpointing) await this.#checkpointing
    this.#checkpointing = this.#syncAndRecord().finally(() => {
      this.#checkpointing = undefined
      this.#schedule()
    })
    await this.#checkpointing
  }

  /**
   * Gives the complete file its own name, never in place of another file, calls `onNamed`, and then makes its bytes durable. Where
   * that fails it loses the name again. Until `release` it bears its old name too: by that, and by its record, the next start knows
   * that a crash came in between.
   * @throws CommandError "target_exists" when there is a file of that name by now, StoreError "file_changed" as `checkpoint`.
   */
  async complete(onNamed: () => void): Promise<void> {
    const { partPath, filePath } = this.#parts
    await this.#settle()
    if (this.#failure) throw this.#failure
    await this.#parts.lock.confirm()
    await this.#requireInPlace()
    await this.#openToOthers()
    this.#isNamed = await linkWithoutReplacing(partPath, filePath)
    if (this.#isNamed) onNamed()
    try {
      await this.#sync()
    } catch (error) {
      // What failed first is what counts; should the name stay, the next start takes it away.
      if (this.#isNamed) await unlinkIfSame(filePath, { ino: this.#parts.inode }).catch(() => undefined)
      throw error
    }
  }

  /** Takes the old name from the durable file, deletes the record, and lets go of both. */
  async release(): Promise<void> {
    const { disk, partPath, filePath, inode, record, lock } = this.#parts
    await lock.confirm()
    await disk.files.forget(partPath)
    if (this.#isNamed) await dropOldName(filePath, () => unlinkIfSame(partPath, { ino: inode }))
    else {
      await this.#requireInPlace()
      await moveWithoutReplacing(partPath, filePath)
    }
    await record.delete()
    // The old name must not come back: beside it the file would be taken for unfinished.
    await syncFolder(dirname(filePath))
    await lock.release()
  }

  /**
   * Deletes the record and the bytes, in this order also through a power cut: a file without its record must not hold bytes that can't be
   * told from somebody else's. Should that fail halfway, no bytes are left that might be believed without their record.
   */
  async discard(): Promise<void> {
    const { inode, record, lock } = this.#parts
    await this.#settle()
    try {
      await lock.confirm()
      await this.#use(async (fd) => {
        await truncate(fd, 0)
        await syncData(fd)
      })
      await record.delete()
      await syncFolder(dirname(this.partPath))
      await unlinkIfSame(this.partPath, { ino: inode })
    } finally {
      await this.#letGo()
    }
  }

  /**
   * Writes a last checkpoint where one is due and lets go of the files. May be called twice.
   * `mayDiscard`: nothing on disk waits to be hashed, so that a file without any part may go.
   */
  async close(mayDiscard: boolean): Promise<void> {
    await this.#settle()
    if (mayDiscard && this.#parts.have.count === 0 && !this.#failure) return this.discard()
    try {
      if ((this.#unsynced || !this.#isStamped) && !this.#failure) await this.checkpoint()
    } finally {
      await this.#letGo()
    }
  }

  async #letGo(): Promise<void> {
    const { disk, record, lock } = this.#parts
    await Promise.all([disk.files.forget(this.partPath), record.close()])
    await lock.release()
  }

  async #write(bytes: Uint8Array, place: PartPlace): Promise<boolean> {
    const { disk, record, lock } = this.#parts
    const { digest, fileOffset, partIndex } = place
    await lock.confirm()
    const right = await this.#use((fd) =>
      record.withMark(partIndex, (mark) =>
        disk.hasher.verifyAndWrite({ lane: this.#lane, bytes, digest, place: { fd, fileOffset }, mark }),
      ),
    )
    if (right) this.adopt(partIndex)
    return right
  }

  async #use<T>(task: (fd: number) => Promise<T>): Promise<T> {
    const { disk, partPath, inode } = this.#parts
    return disk.files.use(partPath, WRITE_FLAGS, task, inode)
  }

  /** Sees to it that a checkpoint follows where one is due. No timer runs while nothing is. */
  #schedule(): void {
    if (this.#checkpointing || this.#failure || !this.#unsynced) return
    this.#stopCheckpoint ??= this.#parts.disk.clock.after(CHECKPOINT_MS, () => this.#checkpointAside())
  }

  /** Nobody waits for it: its failure is kept for the next write. */
  #checkpointAside(): void {
    void this.checkpoint().catch(() => undefined)
  }

  async #syncAndRecord(): Promise<void> {
    if (this.#failure) throw this.#failure
    this.#stopTimer()
    this.#unsynced = false
    try {
      await this.#parts.lock.confirm()
      await this.#sync()
      // A write that begins from here on changes the stamp, unless it is in it already.
      this.#isStamped = true
      const stamp = await this.#requireInPlace()
      await this.#parts.record.checkpoint(this.#synced, stamp)
    } catch (error) {
      this.#failure ??= error
      throw error
    }
  }

  /** Makes what is in `have` now durable. */
  async #sync(): Promise<void> {
    const { have, record } = this.#parts
    const synced = have.clone()
    try {
      await this.#use(syncData)
      this.#synced = synced
    } catch (error) {
      this.#failure ??= error
      // At once, for the process may not live to close; when this fails as well, the sync's own failure is what counts.
      await record.forgetUnsynced(this.#synced).catch(() => undefined)
      throw error
    }
  }

  /** Somebody may have deleted, moved, cut or replaced the file by its name; what was opened before is written to no less. */
  async #requireInPlace(): Promise<FileStamp> {
    const { partPath, inode, sizeBytes } = this.#parts
    const stats = await statsIfThere(partPath)
    const what =
      stats === undefined
        ? "taken away"
        : stats.ino !== inode
          ? "replaced"
          : stats.size !== BigInt(sizeBytes) && "cut or grown"
    if (stats === undefined || what)
      throw new StoreError("file_changed", `${partPath}: it was ${what} while the download ran`)
    return stampOf(stats)
  }

  /** The finished file is as open to others as any that this user makes. */
  async #openToOthers(): Promise<void> {
    if (!this.#parts.isPrivate) return
    const mode = 0o666 & ~process.umask()
    // A file system without modes (FAT) refuses; it shows the file as it shows all others.
    await this.#use((fd) => setMode(fd, mode)).catch(ignoreRefusal)
  }

  #stopTimer(): void {
    this.#stopCheckpoint?.()
    this.#stopCheckpoint = undefined
  }

  /** Waits for the writes that run, so that no descriptor is closed under them. */
  async #settle(): Promise<void> {
    this.#stopTimer()
    await Promise.allSettled([...this.#writes, this.#checkpointing])
    this.#stopTimer()
  }
}

function ignoreRefusal(error: unknown): void {
  if (errnoOf(error) !== "EPERM" && errnoOf(error) !== "ENOTSUP") throw error
}
