import type { Hasher } from "../hashing/hasher.js"
import { foldersAbove } from "./folder-files.js"
import { syncFileSystem } from "./sync-file-system.js"

/** More files than these are synced by one sync of their file system. Our choice: each sync of one costs a turn of the disk. */
const SYNC_ONE_BY_ONE = 64

/** Makes files below `root` durable, with their names. `pathOf`: path of one of `files` below `root`. Rejects with the system error. */
export async function syncFilesBelow(
  hasher: Pick<Hasher, "syncFiles">,
  root: string,
  files: readonly number[],
  pathOf: (file: number) => string,
): Promise<void> {
  if (files.length > SYNC_ONE_BY_ONE && (await syncFileSystem(root))) return
  const paths = files.map(pathOf)
  await hasher.syncFiles({ root, files: paths, folders: foldersAbove(paths) })
}
