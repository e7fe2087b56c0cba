import { closeSync, constants, fdatasyncSync, fsyncSync, openSync } from "node:fs"
import { join } from "node:path"

/** Files below a growing folder that are to be durable. */
export interface FilesToSync {
  readonly root: string
  /** Below `root`, with "/". */
  readonly files: readonly string[]
  /** Folders below `root`, "." for the root, whose entries are to be durable; the deepest first. */
  readonly folders: readonly string[]
}

/** @throws the system error of the first that fails, with its `path`. */
export function syncFiles({ root, files, folders }: FilesToSync): void {
  for (const file of files) syncOne(join(root, file), constants.O_RDWR | constants.O_NOFOLLOW, fdatasyncSync)
  for (const folder of folders) syncOne(join(root, folder), constants.O_RDONLY | constants.O_DIRECTORY, fsyncSync)
}

function syncOne(path: string, flags: number, sync: (fd: number) => void): void {
  const fd = openSync(path, flags)
  try {
    sync(fd)
  } catch (error) {
    throw error instanceof Error ? Object.assign(error, { path }) : error
  } finally {
    closeSync(fd)
  }
}
