import { type BigIntStats, constants } from "node:fs"
import { type FileHandle, lstat, open, statfs, unlink } from "node:fs/promises"
import { dirname } from "node:path"
import { CommandError, errnoOf, StoreError } from "../base/errors.js"
import type { DiskCalls } from "./disk-calls.js"
import { noRoomWords } from "./disk-errors.js"

/** O_NONBLOCK: opening a fifo in its place would block until a writer opens it. */
const REOPEN_FLAGS = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK
const CREATE_FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

export interface UnfinishedFile {
  readonly handle: FileHandle
  /** As it was found, before anything was changed. */
  readonly stats: BigIntStats
}

/** Makes the file that a download grows in. `mode`: before the umask. @throws CommandError "target_exists"; rejects with system errors. */
export function createUnfinishedFile(path: string, mode: number): Promise<UnfinishedFile> {
  return openRegularFile(path, CREATE_FLAGS, mode)
}

/**
 * Opens an existing one. Links, folders and the like are refused, never followed or replaced.
 * @throws CommandError "target_exists"; rejects with system errors.
 */
export function openUnfinishedFile(path: string): Promise<UnfinishedFile> {
  return openRegularFile(path, REOPEN_FLAGS)
}

async function openRegularFile(path: string, flags: number, mode?: number): Promise<UnfinishedFile> {
  const handle = await open(path, flags, mode).catch((cause: unknown) => {
    const errno = errnoOf(cause)
    if (errno === "EEXIST" || errno === "ELOOP" || errno === "EISDIR" || errno === "ENXIO") throw inTheWay(path, cause)
    throw cause
  })
  try {
    const stats = await handle.stat({ bigint: true })
    if (!stats.isFile()) throw inTheWay(path)
    return { handle, stats }
  } catch (error) {
    await handle.close()
    throw error
  }
}

/**
 * Refuses a download that can't end for want of space: now, not at 99 %.
 * @throws StoreError "disk_full".
 */
export async function requireSpace(
  path: string,
  neededBytes: number,
  calls: Pick<DiskCalls, "freeBytesAt">,
): Promise<void> {
  const freeBytes = await calls.freeBytesAt(path)
  if (neededBytes <= freeBytes) return
  const what = `${path}: ${noRoomWords(neededBytes, freeBytes)}`
  throw new StoreError("disk_full", what)
}

/** Bytes that may still be written in the folder of `path`: for a download that waits for space. */
export async function freeBytesAt(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(dirname(path))
  return bavail * bsize
}

/** The file's own stats, links not followed, or undefined when it is missing. */
export async function statsIfThere(path: string): Promise<BigIntStats | undefined> {
  try {
    return await lstat(path, { bigint: true })
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined
    throw error
  }
}

/** Deletes the name when it still means this very file. */
export async function unlinkIfSame(path: string, file: Pick<BigIntStats, "ino">): Promise<void> {
  if ((await statsIfThere(path))?.ino === file.ino) await unlink(path)
}

function inTheWay(path: string, cause?: unknown): CommandError {
  return new CommandError("target_exists", `${path}: a folder or a device is in the way; name another file`, { cause })
}
