import { constants } from "node:fs"
import { chmod, open, rename } from "node:fs/promises"
import { join } from "node:path"
import { CommandError, StoreError } from "../base/errors.js"
import { fileSpansOf } from "../hashing/file-spans.js"
import type { HashSource } from "../hashing/hash-file.js"
import type { FolderLayout } from "../torrent/folder-layout.js"
import type { Disk } from "./disk.js"
import { ignoreModeRefusal } from "./file-io.js"
import type { FileStamp } from "./file-stamp.js"
import { deleteEmptyFolders, deleteFiles, foldersAbove } from "./folder-files.js"
import { type FolderLook, filesOfOtherSize, folderStamp, lookAtFolder } from "./folder-look.js"
import type { GrowingContent, Mark, PartPlace } from "./growing-content.js"
import { readFolder } from "./read-folder.js"
import { syncFileSystem } from "./sync-file-system.js"
import { statsIfThere } from "./unfinished-file.js"
import type { WholeContent } from "./whole-content.js"
import { type FolderVerifier, WholeFolder } from "./whole-folder.js"

export interface GrowingFolderParts {
  readonly disk: Disk
  /** Where the files are now, and the name that the folder gets when it is complete. */
  readonly path: string
  readonly filePath: string
  readonly layout: FolderLayout
  readonly inode: bigint
  /** Readable by its owner only while it grows; its final mode follows the umask. */
  readonly isPrivate: boolean
  /** Entries whose file was there before and may stand in memory only: the process that wrote it may have been killed. */
  readonly unsynced: readonly number[]
  readonly verifier: FolderVerifier
}

/** More files than these are synced by one sync of their file system: each sync of one costs a turn of the disk. */
const SYNC_ONE_BY_ONE = 64

/** The folder that a download grows in. No link below it is followed. */
export class GrowingFolder implements GrowingContent {
  readonly path: string
  readonly source: HashSource
  readonly #parts: GrowingFolderParts
  /** Entries with bytes that no sync has made durable. */
  #unsynced: Set<number>
  /** How the files look once all is written. */
  #finalLook: FolderLook | undefined

  constructor(parts: GrowingFolderParts) {
    this.path = parts.path
    this.source = { kind: "folder", root: parts.path, layout: parts.layout, isGrowing: true }
    this.#parts = parts
    this.#unsynced = new Set(parts.unsynced)
  }

  async write(lane: number, bytes: Uint8Array, { offset, digest, partIndex }: PartPlace, mark: Mark): Promise<boolean> {
    const { disk, layout } = this.#parts
    const files = fileSpansOf({ layout, root: this.path, isGrowing: true }, offset, bytes.length)
    // Parts go to both threads in turns: most are in files of their own, which no other part contends for.
    const right = await disk.hasher.verifyAndWrite({ lane: lane + partIndex, bytes, digest, place: { files }, mark })
    // Only now: a sync that ran beside the write may have missed it.
    if (right) for (const { fileIndex } of layout.spans(offset, bytes.length)) this.#unsynced.add(fileIndex)
    return right
  }

  async readInto(target: Uint8Array, offset: number): Promise<void> {
    const { disk, layout } = this.#parts
    await readFolder(disk, { layout, root: this.path, isGrowing: true, flags: FLAGS }, target, offset)
  }

  async sync(): Promise<void> {
    const { disk, layout } = this.#parts
    const unsynced = [...this.#unsynced].filter((index) => !layout.isPadding(index))
    this.#unsynced = new Set()
    if (unsynced.length === 0) return
    if (unsynced.length > SYNC_ONE_BY_ONE && (await syncFileSystem(this.path))) return
    const files = unsynced.map((index) => layout.path(index))
    await disk.hasher.syncFiles({ root: this.path, files, folders: foldersAbove(files) })
  }

  async stamp(isLast: boolean): Promise<{ readonly stamp: FileStamp; readonly isExact: boolean }> {
    const { disk, layout } = this.#parts
    const root = await this.#requireInPlace()
    // Looking at 300,000 files takes a second: worth it once, not at every checkpoint.
    if (!isLast) return { stamp: folderStamp(root, layout, undefined), isExact: false }
    const { identity } = await lookAtFolder(disk.hasher, this.path, layout, false)
    return { stamp: folderStamp(root, layout, identity), isExact: true }
  }

  async finish(sync: () => Promise<void>): Promise<void> {
    await this.#requireInPlace()
    await this.#completeFiles()
    await sync()
  }

  async release(onNamed: () => void): Promise<WholeContent> {
    const { disk, layout, filePath, isPrivate, verifier } = this.#parts
    await this.#requireInPlace()
    await this.forget()
    if (isPrivate) await chmod(this.path, 0o777 & ~process.umask()).catch(ignoreModeRefusal)
    if ((await statsIfThere(filePath)) !== undefined)
      throw new CommandError("target_exists", `${filePath}: a file of that name has appeared`)
    await rename(this.path, filePath)
    // Another name of the folder above them changes no file.
    const { stats, identity } = this.#finalLook ?? (await lookAtFolder(disk.hasher, filePath, layout, true))
    onNamed()
    return new WholeFolder({ disk, path: filePath, layout, stats, identity, verifier })
  }

  async empty(): Promise<void> {
    await this.forget()
    await deleteFiles(this.path, this.#parts.layout)
  }

  /** Files that do not belong to this document stay, with their folders. */
  async delete(): Promise<void> {
    await deleteEmptyFolders(this.path, this.#parts.layout)
  }

  async forget(): Promise<void> {
    await this.#parts.disk.files.forgetBelow(this.path)
  }

  async #requireInPlace(): Promise<{ readonly ino: bigint; readonly birthtimeNs: bigint }> {
    const stats = await statsIfThere(this.path)
    const isOurs = stats?.ino === this.#parts.inode && stats.isDirectory()
    if (stats !== undefined && isOurs) return stats
    const what = stats === undefined ? "taken away" : "replaced"
    throw new StoreError("file_changed", `${this.path}: it was ${what} while the download ran`)
  }

  /** Creates empty files, and truncates files that are too long. */
  async #completeFiles(): Promise<void> {
    const { disk, layout } = this.#parts
    const look = await lookAtFolder(disk.hasher, this.path, layout, false)
    const { stats } = look
    const others = filesOfOtherSize(layout, stats)
    if (others.length === 0) this.#finalLook = look
    for (const index of others) {
      const path = join(this.path, layout.path(index))
      const size = stats.sizeOf(index)
      if (size >= 0 && size < layout.sizeOf(index))
        throw new StoreError("file_changed", `${path}: it was cut short while the download ran`)
      if (size < 0 && layout.sizeOf(index) > 0)
        throw new StoreError("file_changed", `${path}: it was removed while the download ran`)
      await this.#makeOfSize(index, path)
      this.#unsynced.add(index)
    }
  }

  async #makeOfSize(index: number, path: string): Promise<void> {
    const { disk, layout } = this.#parts
    // Written as a part without bytes, so that its folders are made by the same rules.
    const files = { root: this.path, paths: [layout.path(index)], offsets: [0], lengths: [0], isGrowing: true }
    const executables = layout.isExecutable(index) ? [0] : []
    await disk.hasher.verifyAndWrite({
      lane: 0,
      bytes: new Uint8Array(0),
      digest: DIGEST_OF_NOTHING,
      place: { files: { ...files, executables } },
    })
    const handle = await open(path, FLAGS)
    try {
      await handle.truncate(layout.sizeOf(index))
    } finally {
      await handle.close()
    }
  }
}

const FLAGS = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** SHA-1 of no bytes. */
const DIGEST_OF_NOTHING = Uint8Array.from(Buffer.from("da39a3ee5e6b4b0d3255bfef95601890afd80709", "hex"))
