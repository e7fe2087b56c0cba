import { statfsSync } from "node:fs"

/**
 * A transaction is begun only where so much is free, bytes (our choice): 250 pages of 4 KiB, more than the changes of one request or one
 * group mostly touch. For lmdb corrupts its heap when a page can't be written for want of room, and the process aborts.
 */
const ROOM_BYTES = 1024 * 1024

/** What is asked of statfs(2). */
export interface FreeBlocks {
  /** Blocks free to users other than root. */
  readonly bavail: number
  readonly bsize: number
}

/** Throws an error with the code ENOSPC when the disk that `folder` is on is all but full. */
export function requireRoom(folder: string, statfs: (path: string) => FreeBlocks = statfsSync): void {
  const { bavail, bsize } = statfs(folder)
  const freeBytes = bavail * bsize
  if (freeBytes >= ROOM_BYTES) return
  const message = `${folder}: ${freeBytes} bytes are free on this disk, a transaction needs ${ROOM_BYTES}`
  throw Object.assign(new Error(message), { code: "ENOSPC" })
}
