import { constants, fchmod, fdatasync, ftruncate, read, write } from "node:fs"
import { promisify } from "node:util"
import { errnoOf } from "../base/errors.js"

/** For writes to our own unfinished files: symbolic links are not followed. */
export const WRITE_FLAGS = constants.O_RDWR | constants.O_NOFOLLOW

/** To read a finished file that the user named, which may be a link. */
export const READ_FLAGS = constants.O_RDONLY

// The callback calls on plain descriptors: a FileHandle's methods cost several times as much per read.
const readAsync = promisify(read)
const writeAsync = promisify(write)

/** Makes writes durable; the size never changes after a download began, so fdatasync is enough. */
export const syncData = promisify(fdatasync)

/** Sets a file's size, bytes. */
export const truncate = promisify(ftruncate)

/** Sets a file's mode, as chmod(2). */
export const setMode = promisify(fchmod)

/** Fills `target` from `offset` on. False when the file ends before. Rejects with the system error. */
export async function readFully(fd: number, target: Uint8Array, offset: number): Promise<boolean> {
  for (let done = 0; done < target.length; ) {
    const { bytesRead } = await readAsync(fd, target, done, target.length - done, offset + done)
    if (bytesRead === 0) return false
    done += bytesRead
  }
  return true
}

/** Writes all bytes at `offset`. Rejects with the system error. */
export async function writeFully(fd: number, bytes: Uint8Array, offset: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await writeAsync(fd, bytes, done, bytes.length - done, offset + done)
    done += bytesWritten
  }
}

/** For a failed change of a mode: a file system without modes (FAT) refuses it and shows all files alike. Rethrows other errors. */
export function ignoreModeRefusal(error: unknown): void {
  if (errnoOf(error) !== "EPERM" && errnoOf(error) !== "ENOTSUP") throw error
}
