import { lstat } from "node:fs/promises"
import { dirname } from "node:path"
import { StoreError } from "../errors.js"
import type { Bitfield } from "../torrent/bitfield.js"
import { syncFolder } from "./atomic-file.js"
import type { Disk } from "./disk.js"
import { syncData, truncate, WRITE_FLAGS } from "./file-io.js"
import type { Lock } from "./lock.js"
import { dropOldName, linkWithoutReplacing, moveWithoutReplacing } from "./move-file.js"
import { type ResumeRecord, unlinkIfThere } from "./resume-record.js"

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
  readonly record: ResumeRecord
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
  #timer: NodeJS.Timeout | undefined
  #checkpointing: Promise<void> | undefined
  #failure: unknown
  #isNamed = false
  /** Parts whose bytes are durable. */
  #synced: Bitfield

  constructor(parts: GrowingFileParts) {
    this.partPath = parts.partPath
    this.#parts = parts
    this.#synced = parts.have.clone()
    this.#lane = parts.disk.nextLane()
  }

  /** Verifies and writes a part, and adds it to `have`; false when its digest differs. */
  async write(bytes: Uint8Array, place: PartPlace): Promise<boolean> {
    if (this.#failure) throw this.#failure
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
   * @throws CommandError "target_exists" when there is a file of that name by now, StoreError "file_changed" when the
   * unfinished file was replaced.
   */
  async complete(onNamed: () => void): Promise<void> {
    const { partPath, filePath, inode } = this.#parts
    await this.#settle()
    if (this.#failure) throw this.#failure
    if ((await lstat(partPath, { bigint: true })).ino !== inode)
      throw new StoreError("file_changed", `${partPath}: it was replaced while the download ran`)
    this.#isNamed = await linkWithoutReplacing(partPath, filePath)
    if (this.#isNamed) onNamed()
    try {
      await this.#sync()
    } catch (error) {
      // What failed first is what counts; should the name stay, the next start takes it away.
      if (this.#isNamed) await this.#withdrawName().catch(() => undefined)
      throw error
    }
  }

  /** Takes the old name from the durable file, deletes the record, and lets go of both. */
  async release(): Promise<void> {
    const { disk, partPath, filePath, record, lock } = this.#parts
    await disk.files.forget(partPath)
    if (this.#isNamed) await dropOldName(partPath, filePath)
    else await moveWithoutReplacing(partPath, filePath)
    await record.delete()
    // The old name must not come back: beside it the file would be taken for unfinished.
    await syncFolder(dirname(filePath))
    await lock.release()
  }

  /**
   * Deletes the record and the bytes, in this order also through a power cut: a record without its file might be taken for
   * that of the next one, which may get the same inode number. Should that fail halfway, no bytes are left that might be
   * believed without their record.
   */
  async discard(): Promise<void> {
    const { disk, record, lock } = this.#parts
    await this.#settle()
    await disk.files.use(this.partPath, WRITE_FLAGS, (fd) => truncate(fd, 0))
    await record.delete()
    await syncFolder(dirname(this.partPath))
    await disk.files.forget(this.partPath)
    await unlinkIfThere(this.partPath)
    await lock.release()
  }

  /** Writes a last checkpoint where one is due and lets go of the file. May be called twice. */
  async close(): Promise<void> {
    await this.#settle()
    try {
      if (this.#unsynced && !this.#failure) await this.checkpoint()
    } finally {
      await this.#parts.disk.files.forget(this.partPath)
      await this.#parts.lock.release()
    }
  }

  async #write(bytes: Uint8Array, place: PartPlace): Promise<boolean> {
    const { disk, record, partPath } = this.#parts
    const { digest, fileOffset, partIndex } = place
    const right = await disk.files.use(partPath, WRITE_FLAGS, (fd) =>
      record.withMark(partIndex, (mark) =>
        disk.hasher.verifyAndWrite({ lane: this.#lane, bytes, digest, fd, fileOffset, mark }),
      ),
    )
    if (right) this.adopt(partIndex)
    return right
  }

  /** Sees to it that a checkpoint follows where one is due. No timer runs while nothing is. */
  #schedule(): void {
    if (this.#checkpointing || this.#failure || !this.#unsynced) return
    this.#timer ??= setTimeout(() => this.#checkpointAside(), CHECKPOINT_MS).unref()
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
      await this.#sync()
      await this.#parts.record.checkpoint(this.#synced)
    } catch (error) {
      this.#failure ??= error
      throw error
    }
  }

  /** Makes what is in `have` now durable. */
  async #sync(): Promise<void> {
    const { disk, partPath, have, record } = this.#parts
    const synced = have.clone()
    try {
      await disk.files.use(partPath, WRITE_FLAGS, (fd) => syncData(fd))
      this.#synced = synced
    } catch (error) {
      this.#failure ??= error
      // At once, for the process may not live to close; when this fails as well, the sync's own failure is what counts.
      await record.forgetUnsynced(this.#synced).catch(() => undefined)
      throw error
    }
  }

  /** Unless another file bears it by now. */
  async #withdrawName(): Promise<void> {
    const { filePath, inode } = this.#parts
    if ((await lstat(filePath, { bigint: true })).ino === inode) await unlinkIfThere(filePath)
  }

  #stopTimer(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** Waits for the writes that run, so that no descriptor is closed under them. */
  async #settle(): Promise<void> {
    this.#stopTimer()
    await Promise.allSettled([...this.#writes, this.#checkpointing])
    this.#stopTimer()
  }
}
