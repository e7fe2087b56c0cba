import { rmdir, unlink } from "node:fs/promises"
import { dirname, join } from "node:path"
import pLimit from "p-limit"
import { errnoOf } from "../base/errors.js"
import type { FolderLayout } from "../torrent/folder-layout.js"
import { syncFolder } from "./atomic-file.js"

/** Deletions side by side: enough for a disk far away, few enough for the threads that others need. Our choice. */
const AT_ONCE = 8

/** Deletes the files of a document below `root`; others stay. Rejects with the system error. */
export async function deleteFiles(root: string, layout: FolderLayout): Promise<void> {
  const indices = Array.from({ length: layout.entryCount }, (_, index) => index)
  await pLimit(AT_ONCE).map(indices, async (index) => {
    if (!layout.isPadding(index))
      await unlink(join(root, layout.path(index))).catch(ignore("ENOENT", "ENOTDIR", "EISDIR"))
  })
}

/** Entries of a document that are files for which `isMeant` says so. */
export function entriesOf(layout: FolderLayout, isMeant: (fileIndex: number) => boolean): number[] {
  const entries: number[] = []
  for (let index = 0; index < layout.entryCount; index++)
    if (!layout.isPadding(index) && isMeant(index)) entries.push(index)
  return entries
}

/** Every folder above the files, each once, the deepest first, then the root ("."). */
export function foldersAbove(files: readonly string[]): string[] {
  const folders = new Set<string>()
  for (const file of files)
    for (let folder = dirname(file); folder !== "." && !folders.has(folder); folder = dirname(folder))
      folders.add(folder)
  const depthOf = (path: string) => path.split("/").length
  return [...folders].sort((a, b) => depthOf(b) - depthOf(a)).concat(".")
}

/** Deletes the folders of a document below `root`, and `root`, as far as they are empty. Rejects with the system error. */
export async function deleteEmptyFolders(root: string, layout: FolderLayout): Promise<void> {
  await deleteEmptyFoldersBelow(root, layout)
  await removeIfEmpty(root)
}

/** As `deleteEmptyFolders`, without `root` itself. */
export async function deleteEmptyFoldersBelow(root: string, layout: FolderLayout): Promise<void> {
  for (const folder of foldersOf(layout)) if (folder !== ".") await removeIfEmpty(join(root, folder))
}

/** Makes deletions in those of the folders below `root` that are still there durable. Rejects with the system error. */
export async function syncFoldersThere(root: string, folders: readonly string[]): Promise<void> {
  for (const folder of folders) await syncFolder(join(root, folder)).catch(ignore("ENOENT", "ENOTDIR"))
}

/** Every folder of a document that has a file, as `foldersAbove`. */
export function foldersOf(layout: FolderLayout): string[] {
  return foldersAbove(entriesOf(layout, () => true).map((index) => layout.path(index)))
}

async function removeIfEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch(ignore("ENOENT", "ENOTEMPTY", "EEXIST", "ENOTDIR"))
}

function ignore(...codes: readonly string[]): (error: unknown) => void {
  return (error) => {
    if (!codes.includes(errnoOf(error) ?? "")) throw error
  }
}
