import { constants } from "node:fs"
import { type FileHandle, lstat, mkdir, open, readdir, rmdir, unlink } from "node:fs/promises"
import { dirname, join } from "node:path"
import { errnoOf, StoreError } from "../base/errors.js"
import { makeFolder } from "../base/make-folder.js"
import type { Hasher } from "../hashing/hasher.js"
import type { FilesToDraft } from "../hashing/move-files.js"
import type { Bitfield } from "../torrent/bitfield.js"
import type { FolderLayout } from "../torrent/folder-layout.js"
import type { Lengths } from "../torrent/lengths.js"
import { claimedRuns, type Run } from "./claimed-runs.js"
import { foldersAbove, syncFoldersThere } from "./folder-files.js"
import type { KeptAside } from "./kept-aside.js"
import { syncFilesBelow } from "./sync-files-below.js"
import { statsIfThere } from "./unfinished-file.js"

/** Where the bytes of a folder document are on disk. */
export interface FolderPlace {
  /** The growing folder, absolute. */
  readonly root: string
  /** Folder for drafts, absolute, on the same file system. */
  readonly drafts: string
  readonly layout: FolderLayout
  readonly lengths: Lengths
  readonly aside: KeptAside
  readonly hasher: Pick<Hasher, "syncFiles" | "draftFiles" | "placeFiles">
}

/** Files that got their place, of how many. */
export type OnMoved = (doneFiles: number, totalFiles: number) => void

/** Drafts that are synced by one sync and then renamed. Our choice: each sync costs a turn of the disk. */
const BATCH = 4_096

/** Files per message to a thread, which does nothing else meanwhile. Our choice. */
const GROUP = 1_024

const COPY_BYTES = 256 * 1024
const NEW_FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK
const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/**
 * Gives files that were kept aside their place in the folder, with their bytes in `parts`, and takes them out of `aside`. Each is whole under a
 * draft name, and synced, before it gets its own: killed in between, it is still kept aside. Resolves to the files that had such bytes.
 * Rejects with the system error.
 */
export async function moveIn(
  place: FolderPlace,
  files: readonly number[],
  parts: Bitfield,
  onMoved: OnMoved,
): Promise<number[]> {
  const { layout, lengths, aside, drafts } = place
  const isThere = (await statsIfThere(aside.path)) !== undefined
  const moved = isThere ? files.filter((index) => claimedRuns(layout, lengths, index, parts).length > 0) : []
  if (moved.length > 0) {
    onMoved(0, moved.length)
    await makeFolder(drafts, 0o700)
  }
  for (let at = 0; at < moved.length; at += BATCH) {
    await moveBatch(place, moved.slice(at, at + BATCH), parts)
    onMoved(Math.min(at + BATCH, moved.length), moved.length)
  }
  for (const index of files) aside.set(index, false)
  if (moved.length > 0) await dropDrafts(drafts)
  return moved
}

async function moveBatch(place: FolderPlace, files: readonly number[], parts: Bitfield): Promise<void> {
  const { layout, drafts, root, hasher, aside } = place
  const groups = Array.from({ length: Math.ceil(files.length / GROUP) }, (_, at) =>
    files.slice(at * GROUP, (at + 1) * GROUP),
  )
  await Promise.all(groups.map((group) => hasher.draftFiles(draftsOf(place, group, parts))))
  await syncFilesBelow(hasher, drafts, files, String)
  for (const group of groups) {
    const paths = group.map((index) => layout.path(index))
    await hasher.placeFiles({ root, drafts, names: group.map(String), paths })
    for (const index of group) aside.set(index, false)
  }
}

function draftsOf(place: FolderPlace, files: readonly number[], parts: Bitfield): FilesToDraft {
  const { layout, lengths, drafts, aside } = place
  const executables: number[] = []
  const runs: number[] = []
  for (const [at, index] of files.entries()) {
    if (layout.isExecutable(index)) executables.push(at)
    const fileAt = layout.offsetOf(index)
    for (const { from, to } of claimedRuns(layout, lengths, index, parts)) runs.push(at, from, from - fileAt, to - from)
  }
  return { from: aside.path, drafts, names: files.map(String), executables, runs }
}

/**
 * Copies the bytes in `parts` of files below the folder into the file beside it, durably. The files stay until `dropMovedOut`. Rejects with
 * the system error.
 */
export async function copyOut(place: FolderPlace, files: readonly number[], parts: Bitfield): Promise<void> {
  const { root, layout, lengths, aside } = place
  if (files.length === 0) return
  const to = await open(aside.path, NEW_FLAGS, 0o600)
  try {
    for (const index of files) {
      await requireFolders(root, dirname(layout.path(index)))
      const from = await open(join(root, layout.path(index)), READ_FLAGS)
      try {
        const fileAt = layout.offsetOf(index)
        for (const run of claimedRuns(layout, lengths, index, parts)) await copy(from, to, run, -fileAt)
      } finally {
        await from.close()
      }
    }
  } finally {
    await to.close()
  }
  await aside.sync()
}

/**
 * Deletes files that were copied out, and their folders as far as they are empty, durably: one that comes back after a power failure would
 * stand in the finished folder. Rejects with the system error.
 */
export async function dropMovedOut({ root, layout }: FolderPlace, files: readonly number[]): Promise<void> {
  for (const index of files) {
    await requireFolders(root, dirname(layout.path(index)))
    await unlink(join(root, layout.path(index)))
  }
  const folders = foldersAbove(files.map((index) => layout.path(index)))
  for (const folder of folders) if (folder !== ".") await rmdir(join(root, folder)).catch(ignoreFilled)
  await syncFoldersThere(root, folders)
}

/** Deletes the drafts that a killed client has left, and no other file. Rejects with the system error. */
export async function dropDrafts(drafts: string): Promise<void> {
  const names = await readdir(drafts).catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return undefined
    throw error
  })
  if (names === undefined) return
  for (const name of names) if (/^\d+$/.test(name)) await unlink(join(drafts, name))
  await rmdir(drafts).catch(ignoreFilled)
}

/** Copies a run of the document to its place in `target`; `shift`: from there to its place in the source. What that lacks stays a hole. */
async function copy(source: FileHandle, target: FileHandle, { from, to }: Run, shift: number): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(COPY_BYTES, to - from))
  for (let at = from; at < to; ) {
    const { bytesRead } = await source.read(buffer, 0, Math.min(buffer.length, to - at), at + shift)
    if (bytesRead === 0) return
    for (let done = 0; done < bytesRead; )
      done += (await target.write(buffer, done, bytesRead - done, at + done)).bytesWritten
    at += bytesRead
  }
}

/** Makes a folder below a growing one: what stands in its way, as a link, is not followed. */
export async function makeFolders(root: string, folder: string, known: Set<string>): Promise<void> {
  if (known.has(folder)) return
  await makeFolders(root, dirname(folder), known)
  await mkdir(join(root, folder)).catch((error: unknown) => {
    if (errnoOf(error) !== "EEXIST") throw error
  })
  await requireFolder(join(root, folder))
  known.add(folder)
}

/** @throws StoreError "file_changed" where one of them is none. Rejects with the system error. */
export async function requireFolders(root: string, folder: string): Promise<void> {
  if (folder === ".") return
  await requireFolders(root, dirname(folder))
  await requireFolder(join(root, folder))
}

async function requireFolder(path: string): Promise<void> {
  if (!(await lstat(path)).isDirectory())
    throw new StoreError("file_changed", `${path}: a link or a file stands in the place of a folder`)
}

function ignoreFilled(error: unknown): void {
  if (!["ENOENT", "ENOTEMPTY", "EEXIST", "ENOTDIR"].includes(errnoOf(error) ?? "")) throw error
}
