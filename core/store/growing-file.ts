import { StoreError } from "../base/errors.js"
import type { HashSource } from "../hashing/hash-file.js"
import type { Disk } from "./disk.js"
import { type FileIdentity, identityOf } from "./file-identity.js"
import { ignoreModeRefusal, setMode, truncate, WRITE_FLAGS } from "./file-io.js"
import { type FileStamp, stampOf } from "./file-stamp.js"
import type { GrowingContent, Mark } from "./growing-content.js"
import { dropOldName, linkWithoutReplacing, moveWithoutReplacing } from "./move-file.js"
import type { PartPlace } from "./part-place.js"
import { replaceFile } from "./repair.js"
import { statsIfThere, unlinkIfSame } from "./unfinished-file.js"
import type { WholeContent } from "./whole-content.js"
import { WholeFile } from "./whole-file.js"

export interface GrowingFileParts {
  readonly disk: Disk
  /** Where the bytes are now, and the name that the file gets when it is complete. */
  readonly path: string
  readonly filePath: string
  readonly inode: bigint
  readonly sizeBytes: number
  /** Readable by its owner only while it grows; its final mode follows the umask. */
  readonly isPrivate: boolean
  /** The damaged file that has its name until it is complete and durable. */
  readonly replaces?: FileIdentity | undefined
}

/** The one file that a download grows in. Every access checks that it is still the file that was opened. */
export class GrowingFile implements GrowingContent {
  readonly path: string
  readonly source: HashSource
  readonly #parts: GrowingFileParts
  #isNamed = false

  constructor(parts: GrowingFileParts) {
    this.path = parts.path
    this.source = { kind: "file", path: parts.path, flags: WRITE_FLAGS }
    this.#parts = parts
  }

  write(lane: number, bytes: Uint8Array, { offset, digest }: PartPlace, mark: Mark): Promise<boolean> {
    const { hasher } = this.#parts.disk
    return this.#use((fd) => hasher.verifyAndWrite({ lane, bytes, digest, place: { fd, fileOffset: offset }, mark }))
  }

  async readInto(target: Uint8Array, offset: number): Promise<void> {
    const { files, calls } = this.#parts.disk
    const whole = await files.use(this.path, WRITE_FLAGS, (fd) => calls.readFully(fd, target, offset))
    if (!whole) throw new StoreError("file_changed", `${this.path}: it was cut short while the download ran`)
  }

  readonly isPartial = false

  /** A single file is wanted as a whole. */
  async select(): Promise<void> {}

  sync(): Promise<void> {
    return this.#use(this.#parts.disk.calls.syncData)
  }

  async stamp(): Promise<{ readonly stamp: FileStamp; readonly isExact: boolean }> {
    return { stamp: await this.#requireInPlace(), isExact: true }
  }

  async finish(sync: () => Promise<void>, onNamed: () => void): Promise<void> {
    const { filePath, inode, replaces } = this.#parts
    await this.#requireInPlace()
    await this.#openToOthers()
    if (replaces) return sync()
    this.#isNamed = await linkWithoutReplacing(this.path, filePath)
    if (this.#isNamed) onNamed()
    try {
      await sync()
    } catch (error) {
      // What failed first is what counts; should the name stay, the next start takes it away.
      if (this.#isNamed) await unlinkIfSame(filePath, { ino: inode }).catch(() => undefined)
      throw error
    }
  }

  async release(onNamed: () => void): Promise<WholeContent> {
    const { disk, filePath, inode, replaces } = this.#parts
    const identity = await identityOf(this.path)
    await this.forget()
    if (this.#isNamed) await dropOldName(filePath, () => unlinkIfSame(this.path, { ino: inode }))
    else {
      await this.#requireInPlace()
      await (replaces ? replaceFile(this.path, filePath, replaces) : moveWithoutReplacing(this.path, filePath))
      onNamed()
    }
    // Another program may have moved the finished file away: the first reader finds that out.
    const now = await identityOf(filePath).catch(() => identity)
    return new WholeFile(disk, filePath, now)
  }

  async empty(): Promise<void> {
    await this.#use(async (fd) => {
      await truncate(fd, 0)
      await this.#parts.disk.calls.syncData(fd)
    })
  }

  async delete(): Promise<void> {
    await this.#parts.disk.calls.unlinkIfSame(this.path, { ino: this.#parts.inode })
  }

  forget(): Promise<void> {
    return this.#parts.disk.files.forget(this.path)
  }

  async #use<T>(task: (fd: number) => Promise<T>): Promise<T> {
    const { disk, inode } = this.#parts
    return disk.files.use(this.path, WRITE_FLAGS, task, inode)
  }

  /** Another program may have deleted, moved, cut or replaced the file under its name; writes go to the opened file nevertheless. */
  async #requireInPlace(): Promise<FileStamp> {
    const { inode, sizeBytes } = this.#parts
    const stats = await statsIfThere(this.path)
    const what =
      stats === undefined
        ? "taken away"
        : stats.ino !== inode
          ? "replaced"
          : stats.size !== BigInt(sizeBytes) && "cut or grown"
    if (stats === undefined || what)
      throw new StoreError("file_changed", `${this.path}: it was ${what} while the download ran`)
    return stampOf(stats)
  }

  /** The finished file is as open to others as any that this user makes. */
  async #openToOthers(): Promise<void> {
    if (!this.#parts.isPrivate) return
    const mode = 0o666 & ~process.umask()
    await this.#use((fd) => setMode(fd, mode)).catch(ignoreModeRefusal)
  }
}
