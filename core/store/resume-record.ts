import { constants } from "node:fs"
import { open, unlink } from "node:fs/promises"
import { dirname } from "node:path"
import { errnoOf } from "../errors.js"
import type { Bitfield } from "../torrent/bitfield.js"
import { syncFolder, writeFileAtomic } from "./atomic-file.js"
import { readFully, syncData, WRITE_FLAGS, writeFully } from "./file-io.js"
import type { FilePool } from "./file-pool.js"
import {
  type DecodedRecord,
  decodeRecord,
  encodeMarks,
  encodeRecord,
  encodeSlot,
  type RecordBinding,
  type RecordLayout,
  recordLayout,
  slotOffset,
} from "./resume-layout.js"

/** Reads the record at `path`, whatever it is. Undefined when there is none. Rejects with the system error. */
export async function readResumeRecord(path: string, binding: RecordBinding): Promise<DecodedRecord | undefined> {
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const stats = await handle.stat()
      // One byte more than it should have: enough to see that it is too long, however long it is.
      const bytes = new Uint8Array(Math.min(stats.size, recordLayout(binding.partCount).totalBytes + 1))
      await readFully(handle.fd, bytes, 0)
      return decodeRecord(bytes, binding)
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined
    throw error
  }
}

/** The record of a download that runs; see resume-layout.ts for what stands in it and why that is safe. */
export class ResumeRecord {
  readonly #path: string
  readonly #files: FilePool
  readonly #binding: RecordBinding
  readonly #layout: RecordLayout
  #sequence: number

  private constructor(path: string, files: FilePool, binding: RecordBinding, sequence: number) {
    this.#path = path
    this.#files = files
    this.#binding = binding
    this.#layout = recordLayout(binding.partCount)
    this.#sequence = sequence
  }

  /**
   * Goes on with the record that `readResumeRecord` found good, whose newest checkpoint is `sequence`. It and its name are
   * synced first: the process that wrote it may have been killed before it did.
   */
  static async reopen(path: string, files: FilePool, binding: RecordBinding, sequence: number): Promise<ResumeRecord> {
    await files.use(path, WRITE_FLAGS, syncData)
    await syncFolder(dirname(path))
    return new ResumeRecord(path, files, binding, sequence)
  }

  /** Puts a new record in place of any other. The parts in `have` must be synced to disk. */
  static async create(path: string, files: FilePool, binding: RecordBinding, have: Bitfield): Promise<ResumeRecord> {
    await files.forget(path)
    await writeFileAtomic(path, encodeRecord(binding, have))
    return new ResumeRecord(path, files, binding, 0)
  }

  /** Lends where the mark of a part is set, for as long as `task` runs. */
  async withMark<T>(partIndex: number, task: (mark: { fd: number; offset: number }) => Promise<T>): Promise<T> {
    const offset = this.#layout.marksOffset + partIndex
    return this.#files.use(this.#path, WRITE_FLAGS, (fd) => task({ fd, offset }))
  }

  /** Writes a checkpoint and syncs it. The parts in `have` must be synced already. One call at a time. */
  async checkpoint(have: Bitfield): Promise<void> {
    const sequence = this.#sequence + 1
    const slot = encodeSlot(this.#binding, { sequence, have })
    await this.#files.use(this.#path, WRITE_FLAGS, async (fd) => {
      await writeFully(fd, slot, slotOffset(this.#layout, sequence))
      await syncData(fd)
    })
    // Only now: after a failure the same slot is written again, and the other one stays good.
    this.#sequence = sequence
  }

  /**
   * Takes away the marks of all other parts than those in `synced`: they will be fetched again. For after a failed sync, when Linux
   * may take pages that it could not write for clean: they are read as if they were on disk until the power goes, and the next sync
   * says that all is well. So no hash can be believed.
   */
  async forgetUnsynced(synced: Bitfield): Promise<void> {
    await this.#files.use(this.#path, WRITE_FLAGS, (fd) =>
      writeFully(fd, encodeMarks(synced), this.#layout.marksOffset),
    )
  }

  async delete(): Promise<void> {
    await this.#files.forget(this.#path)
    await unlinkIfThere(this.#path)
  }
}

export async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error
  }
}
