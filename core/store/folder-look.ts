import { createHash } from "node:crypto"
import type { BigIntStats } from "node:fs"
import { lstat, stat } from "node:fs/promises"
import pLimit from "p-limit"
import { CommandError, StoreError } from "../base/errors.js"
import { formatCount } from "../base/format-bytes.js"
import { oneByOne } from "../base/steps.js"
import { FolderStats } from "../hashing/folder-stats.js"
import type { Hasher } from "../hashing/hasher.js"
import type { FolderLayout } from "../torrent/folder-layout.js"
import { unreadable } from "./disk-errors.js"
import { type FileIdentity, identityOf } from "./file-identity.js"
import type { FileStamp } from "./file-stamp.js"
import { statsIfThere } from "./unfinished-file.js"

/** The attributes of a folder's files. Rows of `stats` are in the order of the layout's entries; padding has the row of a missing file. */
export interface FolderLook {
  readonly stats: FolderStats
  /** Covers the file beside the folder too, where there is one. */
  readonly identity: FileIdentity
  /** The file beside the folder that holds bytes of unwanted files. */
  readonly aside: BigIntStats | undefined
}

interface LookOptions {
  /** In a folder of the user's, not in one that grows. */
  readonly followLinks: boolean
  /** Of the file that may hold bytes of unwanted files. */
  readonly asidePath?: string | undefined
}

/**
 * Looks at the files of a folder document, on a hash thread.
 * @throws CommandError "no_such_file", "not_readable", "not_a_folder".
 */
export async function lookAtFolder(
  hasher: Pick<Hasher, "folderStats">,
  path: string,
  layout: FolderLayout,
  { followLinks, asidePath }: LookOptions,
): Promise<FolderLook> {
  try {
    const root = await (followLinks ? stat(path) : lstat(path))
    if (!root.isDirectory()) throw new CommandError("not_a_folder", `${path}: it is not a folder`)
    const aside = asidePath === undefined ? undefined : await statsIfThere(asidePath)
    return await lookOf(await statsOfAll(hasher, path, layout, followLinks), { layout, inode: root.ino, aside })
  } catch (error) {
    throw error instanceof CommandError ? error : unreadable(path, error)
  }
}

/** What a look at a folder without any file finds. `inode`: of the folder. */
export async function lookAtNothing(layout: FolderLayout, inode: bigint): Promise<FolderLook> {
  return lookOf(await oneByOne(FolderStats.makingAbsent(layout.entryCount)), { layout, inode, aside: undefined })
}

interface LookedAt {
  readonly layout: FolderLayout
  readonly inode: number | bigint
  readonly aside: BigIntStats | undefined
}

async function lookOf(stats: FolderStats, { layout, inode, aside }: LookedAt): Promise<FolderLook> {
  const { content, changes } = await oneByOne(stats.digesting())
  const mtimeNs = aside === undefined ? content : digestOf(content, aside.size, aside.mtimeNs, aside.ino)
  const ctimeNs = aside === undefined ? changes : digestOf(changes, aside.ctimeNs)
  return { stats, identity: { sizeBytes: layout.sizeBytes, mtimeNs, ctimeNs, inode: String(inode) }, aside }
}

/** As the digests of the files: hex, 32 digits. */
function digestOf(...values: readonly (string | bigint)[]): string {
  return createHash("sha256").update(values.join(" ")).digest("hex").slice(0, 32)
}

/** Files per message to a thread, so that their paths are copied in bounded memory. Our choice. */
const LOOKED_AT_ONCE = 4_096

/** One for each thread, so that both look. */
const MESSAGES_AT_ONCE = 2

async function statsOfAll(
  hasher: Pick<Hasher, "folderStats">,
  root: string,
  layout: FolderLayout,
  followLinks: boolean,
): Promise<FolderStats> {
  const all = FolderStats.of(layout.entryCount)
  const starts = Array.from({ length: Math.ceil(layout.entryCount / LOOKED_AT_ONCE) }, (_, at) => at * LOOKED_AT_ONCE)
  await pLimit(MESSAGES_AT_ONCE).map(starts, async (from) => {
    const count = Math.min(LOOKED_AT_ONCE, layout.entryCount - from)
    // A path that no file has stands for padding.
    const paths = Array.from({ length: count }, (_, at) => (layout.isPadding(from + at) ? "" : layout.path(from + at)))
    all.take(from, await hasher.folderStats({ root, paths, followLinks }))
  })
  return all
}

/** Entries whose file is missing, or has another size. Padding is in no file; a file that is kept aside is none of them. */
export function filesOfOtherSize(
  layout: FolderLayout,
  stats: FolderStats,
  isKeptAside: (fileIndex: number) => boolean = () => false,
): number[] {
  const other: number[] = []
  for (let index = 0; index < layout.entryCount; index++)
    if (!layout.isPadding(index) && stats.sizeOf(index) !== layout.sizeOf(index) && !isKeptAside(index))
      other.push(index)
  return other
}

/**
 * @throws StoreError that names the first file which is missing or has another size: "file_changed" where other files are as they should be,
 * "file_replaced" where none is.
 */
export function requireSizes(
  path: string,
  layout: FolderLayout,
  stats: FolderStats,
  isKeptAside?: (fileIndex: number) => boolean,
): void {
  const [first, ...more] = filesOfOtherSize(layout, stats, isKeptAside)
  if (first === undefined) return
  const size = stats.sizeOf(first)
  const what = size < 0 ? "is missing" : `has ${size} bytes, the torrent file says ${layout.sizeOf(first)}`
  const others = more.length > 0 ? ` (and ${formatCount(more.length)} more files differ)` : ""
  const code = more.length + 1 < layout.fileCount ? "file_changed" : "file_replaced"
  throw new StoreError(code, `${path}/${layout.path(first)}: it ${what}${others}`)
}

/** The stamp of a folder in a resume record; undefined `identity`: it is being written to, and no part is believed. */
export function folderStamp(
  root: { readonly ino: bigint; readonly birthtimeNs: bigint },
  layout: FolderLayout,
  identity: FileIdentity | undefined,
): FileStamp {
  return {
    sizeBytes: BigInt(layout.sizeBytes),
    mtimeNs: identity === undefined ? NOTHING : halfOf(identity.mtimeNs),
    ctimeNs: identity === undefined ? NOTHING : halfOf(identity.ctimeNs),
    birthtimeNs: root.birthtimeNs,
    inode: BigInt.asUintN(64, root.ino),
  }
}

/** No digest is zero. */
const NOTHING = 0n

/** The first 64 bits of a digest in hex, signed as the record keeps them. */
function halfOf(digest: string): bigint {
  return BigInt.asIntN(64, BigInt(`0x${digest.slice(0, 16)}`))
}

/** Evidence that a document's file or folder is still the verified one. Rejects when it is missing. */
export async function identityOfDocument(
  hasher: Pick<Hasher, "folderStats">,
  filePath: string,
  layout: FolderLayout | undefined,
  asidePath: string | undefined,
): Promise<FileIdentity> {
  return layout
    ? (await lookAtFolder(hasher, filePath, layout, { followLinks: true, asidePath })).identity
    : identityOf(filePath)
}
