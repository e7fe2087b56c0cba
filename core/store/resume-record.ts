import { constants } from "node:fs"
import { open, unlink } from "node:fs/promises"
import { dirname } from "node:path"
import { errnoOf } from "../base/errors.js"
import type { Bitfield } from "../torrent/bitfield.js"
import { syncFolder, writeFileAtomic } from "./atomic-file.js"
import type { Disk } from "./disk.js"
import type { DraftNotes } from "./draft-notes.js"
import { readFully, WRITE_FLAGS, writeFully } from "./file-io.js"
import type { FileStamp } from "./file-stamp.js"
import {
  type Checkpoint,
  type DecodedRecord,
  decodeRecord,
  encodeMarks,
  encodeRecord,
  encodeSlot,
  isRecord,
  type RecordBinding,
  type RecordLayout,
  recordLayout,
  slotOffset,
  slotsWithout,
} from "./resume-layout.js"

/** How much shows whether a file is a record. */
const PROBE_BYTES = 8

/** Reads the record at `path`, whatever it is. Undefined when there is none. Rejects with the system error. */
export async function readResumeRecord(path: string, binding: RecordBinding): Promise<DecodedRecord | undefined> {
  // One byte more than it should have: enough to see that it is too long, however long it is.
  const bytes = await readStart(path, recordLayout(binding.partCount).totalBytes + 1)
  return bytes && decodeRecord(bytes, binding)
}

/** Deletes a record of ours, of any document, durably; any other file stays. */
export async function deleteRecord(path: string): Promise<void> {
  await unlinkRecord(path)
  await syncFolder(dirname(path))
}

async function unlinkRecord(path: string): Promise<void> {
  const start = await readStart(path, PROBE_BYTES)
  if (start && isRecord(start)) await unlinkIfThere(path)
}

/** The first bytes of the file at `path`, at most `maxBytes`; none for a file that is not regular. */
async function readStart(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const stats = await handle.stat()
      if (!stats.isFile()) return NOTHING_OF_OURS
      const bytes = new Uint8Array(Math.min(stats.size, maxBytes))
      await readFully(handle.fd, bytes, 0)
      return bytes
    } finally {
      await handle.close()
    }
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === "ENOENT") return undefined
    // A link, or a socket.
    if (errno === "ELOOP" || errno === "ENXIO") return NOTHING_OF_OURS
    throw error
  }
}

/** What stands for the bytes of a folder, a fifo or a link: no record begins so. */
const NOTHING_OF_OURS = new Uint8Array(PROBE_BYTES)

/** The contents of a new record. */
interface NewRecord {
  readonly have: Bitfield
  readonly stamp: FileStamp
  readonly mode: number
  readonly drafts: DraftNotes | undefined
}

/** The record of a download that runs; see resume-layout.ts for what stands in it and why that is safe. */
export class ResumeRecord {
  readonly #path: string
  readonly #disk: Pick<Disk, "files" | "calls">
  readonly #binding: RecordBinding
  readonly #layout: RecordLayout
  #sequence: number
  /** Parts in the newest checkpoint, and in the one that is being written. */
  #claimed: Bitfield
  /** Parts among them that are not on disk any more. */
  readonly #lost = new Set<number>()
  /** Slots are written one after the other. */
  #writing: Promise<unknown> = Promise.resolve()

  private constructor(
    path: string,
    disk: Pick<Disk, "files" | "calls">,
    binding: RecordBinding,
    { sequence, have }: Pick<Checkpoint, "sequence" | "have">,
  ) {
    this.#path = path
    this.#disk = disk
    this.#binding = binding
    this.#layout = recordLayout(binding.partCount)
    this.#sequence = sequence
    this.#claimed = have.clone()
  }

  /**
   * Reopens the record that `readResumeRecord` found good, whose newest checkpoint is `newest`. The record and its name are
   * synced first: the process that wrote it may have been killed before it did.
   */
  static async reopen(
    path: string,
    disk: Pick<Disk, "files" | "calls">,
    binding: RecordBinding,
    newest: Pick<Checkpoint, "sequence" | "have">,
  ): Promise<ResumeRecord> {
    await disk.files.use(path, WRITE_FLAGS, disk.calls.syncData)
    await syncFolder(dirname(path))
    return new ResumeRecord(path, disk, binding, newest)
  }

  /**
   * Puts a new record in place of an older one of ours. The parts in `have` must be synced to disk; `stamp` is the unfinished file's
   * since then. `mode`: of the new file, before the umask. `drafts`: as `writeFileAtomic` has it.
   */
  static async create(
    path: string,
    disk: Pick<Disk, "files" | "calls">,
    binding: RecordBinding,
    checkpoint: NewRecord,
  ): Promise<ResumeRecord> {
    const { have, stamp, mode, drafts } = checkpoint
    await disk.files.forget(path)
    await writeFileAtomic(path, encodeRecord(binding, have, stamp), { mode, notes: drafts })
    return new ResumeRecord(path, disk, binding, { sequence: 0, have })
  }

  /**
   * Lends where the mark of a part is set, for as long as `task` runs, which writes the part. A checkpoint may claim the part from before it
   * was damaged: that claim is withdrawn first.
   */
  async withMark<T>(partIndex: number, task: (mark: { fd: number; offset: number }) => Promise<T>): Promise<T> {
    if (this.#claimed.has(partIndex)) {
      this.lose(partIndex)
      await this.withdrawLost()
    }
    const offset = this.#layout.marksOffset + partIndex
    return this.#disk.files.use(this.#path, WRITE_FLAGS, (fd) => task({ fd, offset }))
  }

  /** Writes a checkpoint and syncs it. The parts in `have` must be synced already, and the stamp newer. One call at a time. */
  async checkpoint(have: Bitfield, stamp: FileStamp): Promise<void> {
    const sequence = this.#sequence + 1
    const slot = encodeSlot(this.#binding, { sequence, have, stamp })
    const claimed = have.clone()
    // Until the slot is durable, the older checkpoint may still count.
    claimed.forEachBeyond(this.#claimed, (partIndex) => this.#claimed.add(partIndex))
    for (const partIndex of this.#lost) if (have.has(partIndex)) this.#lost.delete(partIndex)
    await this.#inTurn(async () => {
      await this.#writeSlot(sequence, slot)
      this.#claimed = claimed
    })
  }

  async #writeSlot(sequence: number, slot: Uint8Array): Promise<void> {
    await this.#disk.files.use(this.#path, WRITE_FLAGS, async (fd) => {
      await writeFully(fd, slot, slotOffset(this.#layout, sequence))
      await this.#disk.calls.syncData(fd)
    })
    // Only now: after a failure the same slot is written again, and the other one stays good.
    this.#sequence = sequence
  }

  /**
   * Clears the marks of all parts that are not in `synced`: they will be fetched again. For use after a failed sync, when Linux may mark
   * pages clean that it could not write: they read as if they were on disk until the power fails, and the next sync succeeds. So no hash
   * of them can be believed.
   */
  async forgetUnsynced(synced: Bitfield): Promise<void> {
    await this.#disk.files.use(this.#path, WRITE_FLAGS, (fd) =>
      writeFully(fd, encodeMarks(synced), this.#layout.marksOffset),
    )
  }

  /** A part that a checkpoint may claim is not on disk, or damaged. */
  lose(partIndex: number): void {
    if (this.#claimed.has(partIndex)) this.#lost.add(partIndex)
  }

  /**
   * Durably takes the lost parts out of the checkpoints. To be done before any of them is written again: `forgetUnsynced` takes back marks
   * only, and a power failure may keep new bytes of a part without the new time of the file, so that its old stamp would be right.
   */
  withdrawLost(): Promise<void> {
    return this.#inTurn(() => this.#withdrawLost())
  }

  async #withdrawLost(): Promise<void> {
    const lost = [...this.#lost]
    if (lost.length === 0) return
    const bytes = new Uint8Array(this.#layout.marksOffset)
    await this.#disk.files.use(this.#path, WRITE_FLAGS, async (fd) => {
      await this.#disk.calls.readFully(fd, bytes, 0)
      await writeFully(fd, slotsWithout(lost, bytes, this.#binding), this.#layout.slotOffsets[0])
      await this.#disk.calls.syncData(fd)
    })
    for (const partIndex of lost) {
      this.#claimed.remove(partIndex)
      this.#lost.delete(partIndex)
    }
  }

  #inTurn(task: () => Promise<void>): Promise<void> {
    const turn = this.#writing.then(task)
    // The caller receives the failure; the next task runs all the same.
    this.#writing = turn.catch(() => undefined)
    return turn
  }

  async delete(): Promise<void> {
    await this.close()
    await unlinkRecord(this.#path)
  }

  /** Closes the file. May be called twice. */
  async close(): Promise<void> {
    await this.#disk.files.forget(this.#path)
  }
}

export async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error
  }
}
