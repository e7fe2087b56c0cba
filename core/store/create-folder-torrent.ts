import { stat } from "node:fs/promises"
import { join } from "node:path"
import { CommandError } from "../base/errors.js"
import { oneByOne } from "../base/steps.js"
import type { FolderStats } from "../hashing/folder-stats.js"
import { DIGEST_BYTES } from "../torrent/digests.js"
import { MAX_FOLDER_ENTRIES } from "../torrent/folder-bounds.js"
import type { FolderLayout } from "../torrent/folder-layout.js"
import { countingInfoBytes } from "../torrent/info-hash.js"
import { bytesOfRun, createLengths, type Lengths, partOffset } from "../torrent/lengths.js"
import { layingOut, type NewFile, type NewLayout } from "../torrent/new-folder-layout.js"
import { MAX_PART_COUNT, MAX_TORRENT_FILE_BYTES } from "../torrent/parse-torrent.js"
import { findingPathCollision } from "../torrent/path-collisions.js"
import { countingTorrentBytes } from "../torrent/serialize-torrent.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { MAX_METADATA_BYTES } from "../wire/codec/metadata.js"
import type { CreatedTorrent, CreateTorrentOptions } from "./create-torrent.js"
import { digestParts } from "./digest-parts.js"
import { unreadable } from "./disk-errors.js"
import { type FileIdentity, sameIdentity } from "./file-identity.js"
import { filesOfOtherSize, lookAtFolder } from "./folder-look.js"
import { inspectFiles } from "./inspect-files.js"
import { walkFolder } from "./walk-folder.js"

export interface CreateFolderTorrentOptions extends Omit<CreateTorrentOptions, "filePath" | "onProgress"> {
  readonly folderPath: string
  readonly onProgress?: (progress: FolderProgress) => void
  /** Undefined: as for a new torrent file. Its layout and part size are kept, and its files have to be those of the folder. */
  readonly existing?: ExistingFolderTorrent | undefined
}

/** A torrent file that may describe the folder. */
export interface ExistingFolderTorrent {
  readonly partSizeBytes: number
  readonly files: FolderLayout
  readonly partDigests: Uint8Array
  /** The folder as it was when it was known to be that document: while it is the same nothing is hashed. */
  readonly verified: FileIdentity | undefined
}

export interface FolderProgress {
  readonly doneBytes: number
  readonly totalBytes: number
  /** Files that were hashed to their end. Padding is no file. */
  readonly doneFiles: number
  readonly totalFiles: number
}

export interface CreatedFolderTorrent extends CreatedTorrent {
  /** Folders with nothing in them: they are not carried. */
  readonly emptyFolders: number
}

/**
 * Hashes a folder into a torrent, on the hasher's threads. All conditions are checked before hashing starts.
 * @throws CommandError as `walkFolder` and `inspectFiles`, "file_too_large", "other_torrent" when `existing` describes other files, or
 * "file_changed" when a file changes while the folder is hashed.
 */
export async function createFolderTorrent(options: CreateFolderTorrentOptions): Promise<CreatedFolderTorrent> {
  const { folderPath, signal } = options
  const { paths, emptyFolders } = await walkFolder(folderPath, signal)
  await requireCarriable(folderPath, paths)
  const planned = await plan(await inspectFiles(folderPath, paths, signal), options)
  const torrent = await unhashed(options, planned)
  const before = await lookAtFolder(options.hasher, folderPath, planned.layout, { followLinks: true })
  requireSizes(folderPath, planned.layout, before.stats)
  const { existing } = options
  if (existing?.verified !== undefined && sameIdentity(existing.verified, before.identity))
    return { torrent: { ...torrent, partDigests: existing.partDigests }, identity: before.identity, emptyFolders }
  const partDigests = await digestFolder(options, planned)
  const after = await lookAtFolder(options.hasher, folderPath, planned.layout, { followLinks: true })
  // As of one file, a change of modes counts too: the executable bit is part of the torrent.
  if (!sameIdentity(before.identity, after.identity)) throw await firstChange(folderPath, planned.layout, before.stats)
  return { torrent: { ...torrent, partDigests }, identity: after.identity, emptyFolders }
}

/** @throws CommandError "other_torrent" when the torrent file describes other files. */
async function plan(
  files: readonly NewFile[],
  { existing, partSizeBytes, folderPath }: CreateFolderTorrentOptions,
): Promise<NewLayout> {
  if (existing === undefined) return oneByOne(layingOut(files, partSizeBytes))
  if (!describesFiles(existing.files, files))
    throw new CommandError("other_torrent", `${folderPath}: its files are not those of the torrent file`)
  return { layout: existing.files, partSizeBytes: existing.partSizeBytes }
}

/** Whether a layout describes exactly these files, with these sizes and executable bits, in any order. */
function describesFiles(layout: FolderLayout, files: readonly NewFile[]): boolean {
  if (layout.fileCount !== files.length) return false
  const byPath = new Map(files.map((file) => [file.path, file]))
  for (let index = 0; index < layout.entryCount; index++) {
    if (layout.isPadding(index)) continue
    const file = byPath.get(layout.path(index))
    if (file?.sizeBytes !== layout.sizeOf(index) || file.isExecutable !== layout.isExecutable(index)) return false
  }
  return true
}

async function requireCarriable(folderPath: string, paths: readonly string[]): Promise<void> {
  if (paths.length === 0) throw new CommandError("not_a_file", `${folderPath}: there is no file in it`)
  const collision = await oneByOne(findingPathCollision(paths))
  if (collision === undefined) return
  const [one, other] = collision.paths.map((path) => join(folderPath, path))
  const what = "they differ in Unicode normalisation only, and many file systems hold just one of them; rename one"
  throw new CommandError("bad_path", `${one} and ${other}: ${what}`)
}

/** The torrent with digests of zeros. @throws CommandError "file_too_large" where it could not be read again, or be fetched by its link. */
async function unhashed(options: CreateFolderTorrentOptions, { layout, partSizeBytes }: NewLayout): Promise<Torrent> {
  const { folderPath, hash, name, secret } = options
  const { sizeBytes } = layout
  const { partCount } = createLengths(sizeBytes, partSizeBytes)
  if (partCount > MAX_PART_COUNT)
    throw tooLarge(folderPath, `${partCount} parts of ${partSizeBytes} bytes, at most ${MAX_PART_COUNT}`)
  if (layout.entryCount > MAX_FOLDER_ENTRIES)
    throw tooLarge(folderPath, `${layout.entryCount} files and runs of padding, at most ${MAX_FOLDER_ENTRIES}`)
  const partDigests = new Uint8Array(partCount * DIGEST_BYTES)
  const torrent = { hash, sizeBytes, partSizeBytes, partDigests, name, secret, files: layout }
  await requireDescribable(folderPath, torrent)
  return torrent
}

/**
 * A torrent file that others can read, and a description that they can fetch by the link. Either may be the larger one.
 * @throws CommandError "file_too_large".
 */
export async function requireDescribable(folderPath: string, torrent: Torrent): Promise<void> {
  const counts = [
    ["torrent file", countingTorrentBytes, MAX_TORRENT_FILE_BYTES],
    ["description, which is fetched by its link,", countingInfoBytes, MAX_METADATA_BYTES],
  ] as const
  for (const [what, counting, most] of counts) {
    const bytes = await oneByOne(counting(torrent))
    if (bytes <= most) continue
    const asked = `at most ${most} are allowed: share fewer files at a time, or give files and folders shorter names`
    throw tooLarge(folderPath, `its ${what} would have ${bytes} bytes, ${asked}`)
  }
}

function tooLarge(folderPath: string, what: string): CommandError {
  return new CommandError("file_too_large", `${folderPath}: ${what}`)
}

async function digestFolder(
  options: CreateFolderTorrentOptions,
  { layout, partSizeBytes }: NewLayout,
): Promise<Uint8Array> {
  const { folderPath, hasher, signal, onProgress } = options
  const lengths = createLengths(layout.sizeBytes, partSizeBytes)
  const progress = { doneBytes: 0, totalBytes: layout.sizeBytes, doneFiles: emptyFileCount(layout) }
  const totalFiles = layout.fileCount
  return digestParts({
    ...{ path: folderPath, lengths, hasher, signal },
    source: { kind: "folder", root: folderPath, layout, isGrowing: false },
    changed: () => changed(folderPath),
    onSlice: (slice) => {
      progress.doneBytes += bytesOfRun(lengths, slice)
      progress.doneFiles += filesThatEndIn(layout, lengths, slice)
      onProgress?.({ ...progress, totalFiles })
    },
  })
}

function emptyFileCount(layout: FolderLayout): number {
  let count = 0
  for (let index = 0; index < layout.entryCount; index++) if (layout.sizeOf(index) === 0) count++
  return count
}

function filesThatEndIn(layout: FolderLayout, lengths: Lengths, slice: { fromPart: number; toPart: number }): number {
  return layout
    .spans(partOffset(lengths, slice.fromPart), bytesOfRun(lengths, slice))
    .filter(({ fileIndex, fileOffset, length }) => {
      return fileOffset + length === layout.sizeOf(fileIndex) && !layout.isPadding(fileIndex)
    }).length
}

function requireSizes(folderPath: string, layout: FolderLayout, stats: FolderStats): void {
  const [first] = filesOfOtherSize(layout, stats)
  if (first !== undefined) throw changed(join(folderPath, layout.path(first)))
}

/** The file that changed, or the folder when that is unknown. */
async function firstChange(folderPath: string, layout: FolderLayout, before: FolderStats): Promise<CommandError> {
  for (let index = 0; index < layout.entryCount; index++) {
    if (layout.isPadding(index)) continue
    const path = join(folderPath, layout.path(index))
    const stats = await stat(path).catch((cause: unknown) => unreadable(path, cause))
    if (stats instanceof CommandError || !before.isSame(index, stats)) return changed(path)
  }
  return changed(folderPath)
}

function changed(path: string): CommandError {
  const what = "it changed while it was hashed; upload it again once it no longer changes"
  return new CommandError("file_changed", `${path}: ${what}`)
}
