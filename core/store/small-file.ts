import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs"

/** Larger files are read aside: the thread is held for less than a millisecond. Our choice: the torrent file of 800 parts. */
const SMALL_BYTES = 32 * 1024

/**
 * The bytes of a file, read at once on this thread; undefined when it is large, empty, no regular file, or changes meanwhile. Throws the
 * system error.
 */
export function readSmallFile(path: string): Buffer | undefined {
  // O_NONBLOCK: opening a fifo would block until a writer opens it.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stats = fstatSync(fd)
    if (!stats.isFile() || stats.size === 0 || stats.size > SMALL_BYTES) return undefined
    // One byte more shows whether the file has grown.
    const bytes = Buffer.allocUnsafeSlow(stats.size + 1)
    return readSync(fd, bytes, 0, bytes.length, 0) === stats.size ? bytes.subarray(0, stats.size) : undefined
  } finally {
    closeSync(fd)
  }
}
