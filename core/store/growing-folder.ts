import { constants } from "node:fs"
import { chmod, open, rename } from "node:fs/promises"
import { join } from "node:path"
import { CommandError, StoreError } from "../base/errors.js"
import { type FolderSource, fileSpansOf } from "../hashing/file-spans.js"
import type { Bitfield } from "../torrent/bitfield.js"
import type { FileSelection } from "../torrent/file-selection.js"
import type { FolderLayout } from "../torrent/folder-layout.js"
import type { Lengths } from "../torrent/lengths.js"
import { claimedRuns, isCovered } from "./claimed-runs.js"
import type { Disk } from "./disk.js"
import { ignoreModeRefusal } from "./file-io.js"
import type { FileStamp } from "./file-stamp.js"
import {
  deleteEmptyFolders,
  deleteEmptyFoldersBelow,
  deleteFiles,
  entriesOf,
  foldersOf,
  syncFoldersThere,
} from "./folder-files.js"
import { type FolderLook, filesOfOtherSize, folderStamp, lookAtFolder } from "./folder-look.js"
import { requireRoom } from "./folder-room.js"
import { GatedReads } from "./gated-reads.js"
import type { GrowingContent, Mark } from "./growing-content.js"
import type { KeptAside } from "./kept-aside.js"
import { copyOut, dropDrafts, dropMovedOut, type FolderPlace, moveIn, type OnMoved } from "./move-aside.js"
import type { OwnFiles } from "./own-files.js"
import type { PartPlace } from "./part-place.js"
import { readFolder } from "./read-folder.js"
import { type Agreed, type RepairPlace, replaceInFolder, requireReplaceable } from "./repair-folder.js"
import { unlinkIfThere } from "./resume-record.js"
import { syncFilesBelow } from "./sync-files-below.js"
import { statsIfThere } from "./unfinished-file.js"
import type { WholeContent } from "./whole-content.js"
import { type FolderVerifier, WholeFolder } from "./whole-folder.js"

export interface GrowingFolderParts {
  readonly disk: Disk
  /** Where the files are now, and the name that the folder gets when it is complete. */
  readonly path: string
  readonly filePath: string
  readonly layout: FolderLayout
  readonly lengths: Lengths
  /** Undefined: every file is wanted. */
  readonly selection: FileSelection | undefined
  readonly aside: KeptAside
  /** Where drafts of files are made that were kept aside. */
  readonly draftsPath: string
  readonly inode: bigint
  /** Readable by its owner only while it grows; its final mode follows the umask. */
  readonly isPrivate: boolean
  /** Entries whose file was there before and may stand in memory only: the process that wrote it may have been killed. */
  readonly unsynced: readonly number[]
  readonly verifier: FolderVerifier
  /** The damaged folder that has its name until it is complete and durable, and what the user agreed to. */
  readonly replaces?: { readonly place: RepairPlace; readonly agreed: Agreed; readonly own: OwnFiles } | undefined
}

/** The folder that a download grows in. No link below it is followed. */
export class GrowingFolder implements GrowingContent {
  readonly path: string
  readonly source: FolderSource & { readonly kind: "folder" }
  readonly #parts: GrowingFolderParts
  #selection: FileSelection | undefined
  /** The file beside the folder has bytes that no sync has made durable. */
  #isAsideUnsynced = true
  readonly #reads = new GatedReads()
  /** Entries with bytes that no sync has made durable. */
  #unsynced: Set<number>
  /** How the files look once all is written. */
  #finalLook: FolderLook | undefined

  constructor(parts: GrowingFolderParts) {
    this.path = parts.path
    const { path: root, layout, aside } = parts
    this.source = { kind: "folder", root, layout, isGrowing: true, aside }
    this.#parts = parts
    this.#selection = parts.selection
    this.#unsynced = new Set(parts.unsynced)
  }

  async write(_lane: number, bytes: Uint8Array, { offset, digest }: PartPlace, mark: Mark): Promise<boolean> {
    const { disk, layout, aside, replaces } = this.#parts
    const files = fileSpansOf(this.source, offset, bytes.length)
    const indices = layout.spans(offset, bytes.length).map(({ fileIndex }) => fileIndex)
    await replaces?.own.require(indices)
    const right = await disk.hasher.verifyAndWrite({ bytes, digest, place: { files }, mark })
    // Only now: a sync that ran beside the write may have missed it.
    if (!right) return false
    for (const index of indices)
      if (aside.has(index)) this.#isAsideUnsynced = true
      else this.#unsynced.add(index)
    return true
  }

  async readInto(target: Uint8Array, offset: number): Promise<void> {
    const { disk } = this.#parts
    await this.#reads.during(() => readFolder(disk, { ...this.source, flags: FLAGS }, target, offset))
  }

  get isPartial(): boolean {
    return this.#selection !== undefined
  }

  async select(selection: FileSelection | undefined, have: Bitfield, onMoved: OnMoved): Promise<void> {
    const { disk, layout, aside } = this.#parts
    const { stats } = await lookAtFolder(disk.hasher, this.path, layout, { followLinks: false })
    const wasKept = (index: number) => aside.has(index)
    const isWanted = (index: number) => selection?.has(index) ?? true
    const gone = await entriesOf(layout, (index) => stats.sizeOf(index) < 0 && !wasKept(index) && !isWanted(index))
    for (const index of gone) if (this.#hasBytes(index, have)) throw this.#changed(index, "removed")
    await this.#requireAside(have)
    const wanted = await entriesOf(layout, (index) => wasKept(index) && isWanted(index))
    await requireRoom({ disk, path: this.path, layout }, stats, selection)
    for (const index of await moveIn(this.#place, wanted, have, onMoved)) this.#unsynced.add(index)
    aside.keepMissing(layout, stats, (index) => !isWanted(index))
    this.#selection = selection
    this.#finalLook = undefined
  }

  async sync(): Promise<void> {
    const { disk, layout, aside } = this.#parts
    const unsynced = [...this.#unsynced].filter((index) => !layout.isPadding(index))
    this.#unsynced = new Set()
    const isAsideUnsynced = this.#isAsideUnsynced
    this.#isAsideUnsynced = false
    if (isAsideUnsynced) await aside.sync()
    if (unsynced.length === 0) return
    await syncFilesBelow(disk.hasher, this.path, unsynced, (index) => layout.path(index))
  }

  async stamp(isLast: boolean): Promise<{ readonly stamp: FileStamp; readonly isExact: boolean }> {
    const { disk, layout } = this.#parts
    const root = await this.#requireInPlace()
    // Looking at 300,000 files takes a second: worth it once, not at every checkpoint.
    if (!isLast) return { stamp: folderStamp(root, layout, undefined), isExact: false }
    const { identity } = await lookAtFolder(disk.hasher, this.path, layout, {
      followLinks: false,
      asidePath: this.#parts.aside.path,
    })
    return { stamp: folderStamp(root, layout, identity), isExact: true }
  }

  async finish(sync: () => Promise<void>, _onNamed: () => void, have: Bitfield): Promise<void> {
    await this.#requireInPlace()
    const { replaces } = this.#parts
    // Before a file is cut that the user has made longer meanwhile.
    if (replaces) await requireReplaceable(replaces.place, replaces.agreed)
    await this.#requireAside(have)
    await this.#moveOut(have)
    await this.#completeFiles()
    await sync()
  }

  async release(onNamed: () => void): Promise<WholeContent> {
    const { disk, layout, filePath, isPrivate, verifier, aside, replaces } = this.#parts
    await this.#requireInPlace()
    await this.forget()
    if (isPrivate) await chmod(this.path, 0o777 & ~process.umask()).catch(ignoreModeRefusal)
    const isThere = (await statsIfThere(filePath)) !== undefined
    if (isThere && !replaces) throw new CommandError("target_exists", `${filePath}: a file of that name has appeared`)
    await (isThere && replaces ? replaceInFolder(replaces.place, replaces.agreed) : rename(this.path, filePath))
    onNamed()
    const kept = this.isPartial ? aside : undefined
    if (!this.isPartial) await this.#dropAside()
    // Another name of the folder above them changes no file.
    const look =
      (!kept && !replaces && this.#finalLook) ||
      (await lookAtFolder(disk.hasher, filePath, layout, { followLinks: true, asidePath: kept?.path }))
    return new WholeFolder({ ...look, disk, path: filePath, layout, verifier, kept })
  }

  async empty(): Promise<void> {
    await this.forget()
    await this.#dropAside()
    const { layout } = this.#parts
    await deleteFiles(this.path, layout)
    await deleteEmptyFoldersBelow(this.path, layout)
    await syncFoldersThere(this.path, await foldersOf(layout))
  }

  /** Files that do not belong to this document stay, with their folders. */
  async delete(): Promise<void> {
    await deleteEmptyFolders(this.path, this.#parts.layout)
  }

  async forget(): Promise<void> {
    await this.#parts.disk.files.forgetBelow(this.path)
    await this.#parts.disk.files.forget(this.#parts.aside.path)
  }

  get #place(): FolderPlace {
    const { draftsPath: drafts, layout, lengths, aside, disk } = this.#parts
    return { root: this.path, drafts, layout, lengths, aside, hasher: disk.hasher }
  }

  async #dropAside(): Promise<void> {
    const { disk, aside, draftsPath } = this.#parts
    await disk.files.forget(aside.path)
    await unlinkIfThere(aside.path)
    await dropDrafts(draftsPath)
  }

  /** An incomplete file that is not wanted any more must not stand in the finished folder as if it were one of the document. */
  async #moveOut(have: Bitfield): Promise<void> {
    const { disk, layout, lengths, aside } = this.#parts
    const selection = this.#selection
    if (selection === undefined) return
    const { stats } = await lookAtFolder(disk.hasher, this.path, layout, { followLinks: false })
    const isWhole = (index: number) =>
      stats.sizeOf(index) === layout.sizeOf(index) && isCovered(layout, lengths, index, have)
    const files = await entriesOf(
      layout,
      (index) => !selection.has(index) && stats.sizeOf(index) >= 0 && !isWhole(index),
    )
    if (files.length === 0) return
    await copyOut(this.#place, files, have)
    await this.#reads.pausedFor(async () => {
      for (const index of files) {
        aside.set(index, true)
        this.#unsynced.delete(index)
      }
      await disk.files.forgetBelow(this.path)
      await dropMovedOut(this.#place, files)
    })
  }

  #hasBytes(index: number, have: Bitfield): boolean {
    return claimedRuns(this.#parts.layout, this.#parts.lengths, index, have).length > 0
  }

  /** Bytes that parts in `have` need are in the file beside the folder, as far as its size shows. */
  async #requireAside(have: Bitfield): Promise<void> {
    const { layout, lengths, aside } = this.#parts
    const kept = await entriesOf(layout, (index) => aside.has(index))
    const end = kept.reduce((last, index) => claimedRuns(layout, lengths, index, have).at(-1)?.to ?? last, 0)
    if (end === 0) return
    const stats = await statsIfThere(aside.path)
    if (stats?.isFile() && stats.size >= BigInt(end)) return
    const what = stats === undefined ? "removed" : "cut short"
    throw new StoreError("file_changed", `${aside.path}: it was ${what} while the download ran`)
  }

  #changed(index: number, how: string): StoreError {
    const path = join(this.path, this.#parts.layout.path(index))
    return new StoreError("file_changed", `${path}: it was ${how} while the download ran`)
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
    const { disk, layout, aside } = this.#parts
    const look = await lookAtFolder(disk.hasher, this.path, layout, { followLinks: false })
    const { stats } = look
    const others = filesOfOtherSize(layout, stats, (index) => aside.has(index))
    if (others.length === 0) this.#finalLook = look
    for (const index of others) {
      const size = stats.sizeOf(index)
      if (size >= 0 && size < layout.sizeOf(index)) throw this.#changed(index, "cut short")
      if (size < 0 && layout.sizeOf(index) > 0) throw this.#changed(index, "removed")
      await this.#makeOfSize(index, join(this.path, layout.path(index)))
    }
  }

  async #makeOfSize(index: number, path: string): Promise<void> {
    const { disk, layout } = this.#parts
    // Written as a part without bytes, so that its folders are made by the same rules.
    const files = { root: this.path, paths: [layout.path(index)], offsets: [0], lengths: [0], isGrowing: true }
    const executables = layout.isExecutable(index) ? [0] : []
    await disk.hasher.verifyAndWrite({
      bytes: new Uint8Array(0),
      digest: DIGEST_OF_NOTHING,
      place: { files: { ...files, executables } },
    })
    // Before anything else fails: at the next try it has its size already.
    this.#unsynced.add(index)
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
