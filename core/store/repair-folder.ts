import type { Stats } from "node:fs"
import { access, chmod, constants, link, lstat, mkdir, realpath, rename, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import pLimit from "p-limit"
import { CommandError, errnoOf } from "../base/errors.js"
import { makeFolder } from "../base/make-folder.js"
import type { Hasher } from "../hashing/hasher.js"
import type { FolderLayout } from "../torrent/folder-layout.js"
import type { Disk } from "./disk.js"
import { deleteEmptyFolders, deleteFiles, entriesOf, foldersAbove } from "./folder-files.js"
import { type FolderLook, lookAtFolder } from "./folder-look.js"
import { makeFolders, requireFolders } from "./move-aside.js"
import { changedSince, copyWhole, likeOld, requireNoLink } from "./repair.js"
import { freeBytesAt, requireSpace, statsIfThere } from "./unfinished-file.js"

/**
 * Where a folder is repaired. Files of the damaged folder are in the unfinished one under a second name (hard link) as long as nothing of
 * them is missing, so that they take no space; a file with missing parts is a copy there. No byte of the damaged folder is written to: at
 * the end its files are replaced one by one. Files that are not of the document are not looked at.
 */
export interface RepairPlace {
  /** The damaged folder, absolute. */
  readonly filePath: string
  /** The unfinished folder, absolute. */
  readonly part: string
  /** Folder for drafts, absolute. */
  readonly drafts: string
  readonly layout: FolderLayout
  readonly disk: Disk
}

/** Files that are linked, copied or renamed side by side. Our choice, as for deletions. */
const AT_ONCE = 8

/** Why a file gets no second name: none is possible there, or it lies on another disk. */
const NO_LINK: ReadonlySet<string> = new Set(["EPERM", "EACCES", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EXDEV"])

/** Files of the damaged folder that the unfinished one lacks get their place in it. May be done again after a crash. */
export async function fillFromOld(place: RepairPlace): Promise<void> {
  const { disk, filePath, part, layout } = place
  const old = await lookAtFolder(disk.hasher, filePath, layout, { followLinks: true })
  const now = await lookAtFolder(disk.hasher, part, layout, { followLinks: false })
  const lacking = await entriesOf(layout, (index) => now.stats.sizeOf(index) < 0 && old.stats.sizeOf(index) >= 0)
  if (lacking.length === 0) return
  const known = new Set<string>(["."])
  for (const index of lacking) await makeFolders(part, dirname(layout.path(index)), known)
  await pLimit(AT_ONCE).map(lacking, async (index) => {
    const isWhole = old.stats.sizeOf(index) === layout.sizeOf(index)
    if (!isWhole || !(await linkFromOld(place, index))) await copyIn(place, index, join(filePath, layout.path(index)))
  })
}

/** False where the file can't have a second name that this program may write to. */
async function linkFromOld({ filePath, part, layout }: RepairPlace, index: number): Promise<boolean> {
  try {
    const from = await realpath(join(filePath, layout.path(index)))
    await access(from, constants.R_OK | constants.W_OK)
    await link(from, join(part, layout.path(index)))
    return true
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === "EEXIST") return true
    if (errno === undefined || !NO_LINK.has(errno)) throw error
    return false
  }
}

/** Those of these entries that have a second name become copies. Resolves to them, ascending. */
export async function unshare(place: RepairPlace, indices: readonly number[]): Promise<number[]> {
  const { part, layout } = place
  const unshared: number[] = []
  await pLimit(AT_ONCE).map(indices, async (index) => {
    const path = join(part, layout.path(index))
    if (((await statsIfThere(path))?.nlink ?? 0n) < 2n) return
    await copyIn(place, index, path)
    unshared.push(index)
  })
  return unshared.sort((a, b) => a - b)
}

/** Whole under a draft name first: killed in between, the file is what it was. */
async function copyIn({ part, drafts, layout }: RepairPlace, index: number, from: string): Promise<void> {
  await makeFolder(drafts, 0o700)
  const draft = join(drafts, String(index))
  await copyWhole(from, draft, {
    maxBytes: layout.sizeOf(index),
    mode: (layout.isExecutable(index) ? 0o777 : 0o666) & ~process.umask(),
    requireSpace: () => requireSpace(part, layout.sizeOf(index), { freeBytesAt }),
  })
  await rename(draft, join(part, layout.path(index)))
}

/** A file of the unfinished folder and what stands in its place in the damaged one. */
interface Pair {
  readonly index: number
  readonly own: Stats
  /** Undefined: nothing. */
  readonly old: Stats | undefined
  /** Both are one file. */
  readonly isShared: boolean
}

/** How both folders looked when the user agreed and when they were opened: later changes are the user's. */
export interface Agreed {
  /** Newest change of a file of the damaged folder then, ms of its file system's clock. */
  readonly folderChangedMs: number
  readonly own: FolderLook
  readonly old: FolderLook
}

/** To be asked once the files have their second names, which are changes too. `folderChangedMs`: as it was remembered. */
export async function agreedNow(place: RepairPlace, folderChangedMs: number | undefined): Promise<Agreed> {
  const { disk, filePath, part, layout } = place
  const old = await lookAtFolder(disk.hasher, filePath, layout, { followLinks: true })
  const own = await lookAtFolder(disk.hasher, part, layout, { followLinks: false })
  return { folderChangedMs: folderChangedMs ?? old.stats.latestChangeMs(), own, old }
}

/**
 * @throws CommandError "target_exists" where a link, a folder or a device is in the place of a file that is to be replaced, and, where
 * `agreed` is given, a file was changed since.
 */
export async function requireReplaceable(place: RepairPlace, agreed?: Agreed): Promise<readonly Pair[]> {
  const { layout } = place
  const pairs: Pair[] = []
  await pLimit(AT_ONCE).map(await entriesOf(layout, () => true), async (index) => {
    const pair = await pairOf(place, index)
    if (pair === undefined) return
    requireUnchanged(place, pair, agreed)
    pairs.push(pair)
  })
  return pairs
}

async function pairOf({ filePath, part, layout }: RepairPlace, index: number): Promise<Pair | undefined> {
  const own = await lstatIfThere(join(part, layout.path(index)))
  if (own === undefined) return undefined
  const path = join(filePath, layout.path(index))
  const behind = await stat(path).catch(ignoreMissing)
  if (behind !== undefined && behind.ino === own.ino && behind.dev === own.dev)
    return { index, own, old: behind, isShared: true }
  await requireRealFolders(filePath, dirname(layout.path(index)))
  const old = await lstatIfThere(path)
  if (old !== undefined) await requireNoLink(path, old)
  if (old !== undefined && !old.isFile())
    throw new CommandError("target_exists", `${path}: a folder or a device is in the way; move it away`)
  return { index, own, old, isShared: false }
}

function requireUnchanged(
  { filePath, part, layout }: RepairPlace,
  { index, own, old, isShared }: Pair,
  agreed: Agreed | undefined,
): void {
  if (agreed === undefined || old === undefined) return
  const isAsAgreed = old.ctimeMs <= agreed.folderChangedMs && agreed.old.stats.isSame(index, old)
  if (isShared ? agreed.own.stats.isSame(index, own) : isAsAgreed) return
  throw changedSince(join(filePath, layout.path(index)), part)
}

/** A link in the place of a folder would have files replaced elsewhere. A folder that is missing is made later. */
async function requireRealFolders(root: string, folder: string): Promise<void> {
  if (folder === ".") return
  await requireRealFolders(root, dirname(folder))
  const path = join(root, folder)
  const stats = await lstatIfThere(path)
  if (stats === undefined || stats.isDirectory()) return
  await requireNoLink(path, stats)
  throw new CommandError("target_exists", `${path}: a file is in the way of a folder; move it away`)
}

/**
 * Replaces the files of the damaged folder that differ by the complete, durable ones, and deletes the unfinished folder. May be done again
 * after a crash. @throws CommandError "target_exists" as `requireReplaceable`, before anything is replaced; rejects with system errors.
 */
export async function replaceInFolder(place: RepairPlace, agreed: Agreed): Promise<void> {
  const { filePath, part, layout, disk } = place
  const replaced = (await requireReplaceable(place, agreed)).filter(({ isShared }) => !isShared)
  const known = new Set<string>(["."])
  for (const { index } of replaced) await makeFolders(filePath, dirname(layout.path(index)), known)
  await pLimit(AT_ONCE).map(replaced, ({ index, old }) => replaceOne(place, index, old !== undefined))
  await syncFolders(
    disk.hasher,
    filePath,
    replaced.map(({ index }) => layout.path(index)),
  )
  await deleteFiles(part, layout)
  await deleteEmptyFolders(part, layout)
}

async function replaceOne({ filePath, part, layout }: RepairPlace, index: number, hasOld: boolean): Promise<void> {
  const [from, to] = [join(part, layout.path(index)), join(filePath, layout.path(index))]
  const old = hasOld ? await statsIfThere(to) : undefined
  if (old !== undefined) await likeOld(from, old)
  await requireFolders(filePath, dirname(layout.path(index)))
  await rename(from, to)
}

function syncFolders(hasher: Pick<Hasher, "syncFiles">, root: string, paths: readonly string[]): Promise<void> {
  return hasher.syncFiles({ root, files: [], folders: foldersAbove(paths) })
}

/** Makes the unfinished folder. Resolves to whether it was missing. */
export async function makeUnfinishedFolder(part: string, isPrivate: boolean): Promise<boolean> {
  if ((await statsIfThere(part)) !== undefined) return false
  await mkdir(part, isPrivate ? 0o700 : 0o777)
  return true
}

/** Takes back what `fillFromOld` did: only second names and copies are deleted. */
export async function dropFilled({ part, layout }: RepairPlace): Promise<void> {
  // Without this, a folder that may not be written to would keep them.
  await chmod(part, 0o700).catch(() => undefined)
  await deleteFiles(part, layout)
  await deleteEmptyFolders(part, layout)
}

async function lstatIfThere(path: string): Promise<Stats | undefined> {
  return lstat(path).catch(ignoreMissing)
}

function ignoreMissing(error: unknown): undefined {
  if (!["ENOENT", "ENOTDIR", "ELOOP"].includes(errnoOf(error) ?? "")) throw error
  return undefined
}
