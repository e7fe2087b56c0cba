import { lstat, rmdir, unlink } from "node:fs/promises"
import { dirname, join } from "node:path"
import pLimit from "p-limit"
import { errnoOf } from "../base/errors.js"
import { oneByOne, type Steps } from "../base/steps.js"
import type { FolderLayout } from "../torrent/folder-layout.js"
import { syncFolder } from "./atomic-file.js"

/** Deletions side by side: enough for a disk far away, few enough for the threads that others need. Our choice. */
const AT_ONCE = 8

/** Entries that are looked at in one step. Our choice: a millisecond or two. */
const LOOKED_AT_ONCE = 16_384

/**
 * Deletes the files of a document below `root`; others stay. Of a folder that is not there no file is looked for: a download of 500,000 files
 * that has none of them takes 5,000 looks. Rejects with the system error.
 */
export async function deleteFiles(root: string, layout: FolderLayout): Promise<void> {
  const there = new Set<string>()
  await pLimit(AT_ONCE).map(await foldersOf(layout), async (folder) => {
    if (await isFolder(join(root, folder))) there.add(folder)
  })
  const files = await entriesOf(layout, (index) => there.has(folderOf(layout.path(index))))
  let next = 0
  const deleteSome = async () => {
    while (next < files.length)
      await unlink(join(root, layout.path(files[next++] ?? 0))).catch(ignore("ENOENT", "ENOTDIR", "EISDIR"))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, deleteSome))
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory()
  } catch (error) {
    ignore("ENOENT", "ENOTDIR")(error)
    return false
  }
}

/** As `dirname`, of a path inside a document. */
function folderOf(path: string): string {
  const end = path.lastIndexOf("/")
  return end === -1 ? "." : path.slice(0, end)
}

/** Entries of a document that are files for which `isMeant` says so. Looked at in steps. */
export function entriesOf(layout: FolderLayout, isMeant: (fileIndex: number) => boolean): Promise<number[]> {
  return oneByOne(collectingEntries(layout, isMeant))
}

function* collectingEntries(layout: FolderLayout, isMeant: (fileIndex: number) => boolean): Steps<number[]> {
  const entries: number[] = []
  for (let index = 0; index < layout.entryCount; index++) {
    if (!layout.isPadding(index) && isMeant(index)) entries.push(index)
    if (index % LOOKED_AT_ONCE === LOOKED_AT_ONCE - 1) yield
  }
  return entries
}

/** Every folder above the files, each once, the deepest first, then the root ("."). */
export function foldersAbove(files: readonly string[]): string[] {
  const folders = new Set<string>()
  for (const file of files) addFoldersAbove(file, folders)
  return deepestFirst(folders)
}

function addFoldersAbove(file: string, folders: Set<string>): void {
  for (let folder = dirname(file); folder !== "." && !folders.has(folder); folder = dirname(folder)) folders.add(folder)
}

function deepestFirst(folders: ReadonlySet<string>): string[] {
  const depthOf = (path: string) => path.split("/").length
  const deep = Array.from(folders, (folder) => ({ folder, depth: depthOf(folder) }))
  const sorted = deep.sort((a, b) => b.depth - a.depth).map(({ folder }) => folder)
  return sorted.concat(".")
}

/** Deletes the folders of a document below `root`, and `root`, as far as they are empty. Rejects with the system error. */
export async function deleteEmptyFolders(root: string, layout: FolderLayout): Promise<void> {
  await deleteEmptyFoldersBelow(root, layout)
  await removeIfEmpty(root)
}

/** As `deleteEmptyFolders`, without `root` itself. */
export async function deleteEmptyFoldersBelow(root: string, layout: FolderLayout): Promise<void> {
  for (const folder of await foldersOf(layout)) if (folder !== ".") await removeIfEmpty(join(root, folder))
}

/** Makes deletions in those of the folders below `root` that are still there durable. Rejects with the system error. */
export async function syncFoldersThere(root: string, folders: readonly string[]): Promise<void> {
  for (const folder of folders) await syncFolder(join(root, folder)).catch(ignore("ENOENT", "ENOTDIR"))
}

/** Every folder of a document that has a file, as `foldersAbove`. Looked for in steps. */
export function foldersOf(layout: FolderLayout): Promise<string[]> {
  return oneByOne(collectingFolders(layout))
}

function* collectingFolders(layout: FolderLayout): Steps<string[]> {
  const folders = new Set<string>()
  let before = "."
  for (let index = 0; index < layout.entryCount; index++) {
    if (index % LOOKED_AT_ONCE === LOOKED_AT_ONCE - 1) yield
    if (layout.isPadding(index)) continue
    const path = layout.path(index)
    // Files of one folder follow each other.
    const folder = folderOf(path)
    if (folder !== before) addFoldersAbove(path, folders)
    before = folder
  }
  yield
  return deepestFirst(folders)
}

async function removeIfEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch(ignore("ENOENT", "ENOTEMPTY", "EEXIST", "ENOTDIR"))
}

function ignore(...codes: readonly string[]): (error: unknown) => void {
  return (error) => {
    if (!codes.includes(errnoOf(error) ?? "")) throw error
  }
}
