import { accessSync, closeSync, constants, openSync, readSync, type Stats, statSync } from "node:fs"
import { access, open, stat } from "node:fs/promises"
import { join } from "node:path"
import { CommandError } from "../base/errors.js"
import { mapInPlaceOrAside } from "../base/in-place-or-aside.js"
import type { NewFile } from "../torrent/new-folder-layout.js"
import { unreadable } from "./disk-errors.js"

const OWNER_MAY_EXECUTE = 0o100

/** O_NONBLOCK: the file may have been replaced by a fifo, whose opening would block until a writer opens it. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK

/**
 * Sizes and executable bits of the files that are to be shared, links followed.
 * @throws CommandError that names the first file in the way: "not_readable", "no_such_file", "not_a_file".
 */
export function inspectFiles(root: string, paths: readonly string[], signal?: AbortSignal): Promise<NewFile[]> {
  return mapInPlaceOrAside(
    paths,
    (path) => inspect(root, path),
    (path) => inspectAside(root, path),
    signal,
  )
}

function inspect(root: string, path: string): NewFile {
  const whole = join(root, path)
  try {
    const stats = statSync(whole)
    accessSync(whole, constants.R_OK)
    if (stats.isFile() && stats.size === 0) requireEmpty(whole)
    return described(whole, path, stats)
  } catch (error) {
    throw error instanceof CommandError ? error : unreadable(whole, error)
  }
}

async function inspectAside(root: string, path: string): Promise<NewFile> {
  const whole = join(root, path)
  try {
    const stats = await stat(whole)
    await access(whole, constants.R_OK)
    if (stats.isFile() && stats.size === 0) await requireEmptyAside(whole)
    return described(whole, path, stats)
  } catch (error) {
    throw error instanceof CommandError ? error : unreadable(whole, error)
  }
}

function described(whole: string, path: string, stats: Stats): NewFile {
  if (!stats.isFile()) throw new CommandError("not_a_file", `${whole}: it is no regular file any more`)
  return { path, sizeBytes: stats.size, isExecutable: (stats.mode & OWNER_MAY_EXECUTE) !== 0 }
}

function requireEmpty(path: string): void {
  const fd = openSync(path, FLAGS)
  try {
    if (readSync(fd, new Uint8Array(1), 0, 1, 0) > 0) throw sizeUnknown(path)
  } finally {
    closeSync(fd)
  }
}

async function requireEmptyAside(path: string): Promise<void> {
  const handle = await open(path, FLAGS)
  try {
    if ((await handle.read(new Uint8Array(1), 0, 1, 0)).bytesRead > 0) throw sizeUnknown(path)
  } finally {
    await handle.close()
  }
}

/** Such a file would be shared as an empty one, and its downloaders would not notice. */
export function sizeUnknown(path: string): CommandError {
  const what = "its size is not known before it is read (as below /proc); share a copy of it"
  return new CommandError("not_a_file", `${path}: ${what}`)
}
