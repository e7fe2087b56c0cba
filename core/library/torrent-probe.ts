import { closeSync, constants, openSync, readSync } from "node:fs"
import { open } from "node:fs/promises"
import { errnoOf } from "../base/errors.js"
import { mapInPlaceOrAside } from "../base/in-place-or-aside.js"

/** Bytes of a JSON file that are read to recognise a torrent file. */
const PROBE_BYTES = 4_096

/** What every torrent file has near its beginning. */
const MARK = '"FileInfo"'

/** O_NONBLOCK: the file may have been replaced by a fifo since the folder was listed. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK

/** Which of these files look like torrent files, in their order. A file that can't be read is none. */
export async function torrentFilesAmong(paths: readonly string[]): Promise<string[]> {
  const buffer = Buffer.alloc(PROBE_BYTES)
  const looks = await mapInPlaceOrAside(paths, (path) => probe(path, buffer), probeAside)
  return paths.filter((_, index) => looks[index] === true)
}

function probe(path: string, buffer: Buffer): boolean {
  try {
    const fd = openSync(path, FLAGS)
    try {
      return buffer.subarray(0, readSync(fd, buffer, 0, PROBE_BYTES, 0)).includes(MARK)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    return falseIfUnreadable(error)
  }
}

async function probeAside(path: string): Promise<boolean> {
  try {
    const handle = await open(path, FLAGS)
    try {
      const buffer = Buffer.alloc(PROBE_BYTES)
      const { bytesRead } = await handle.read(buffer, 0, PROBE_BYTES, 0)
      return buffer.subarray(0, bytesRead).includes(MARK)
    } finally {
      await handle.close()
    }
  } catch (error) {
    return falseIfUnreadable(error)
  }
}

/** A file that can't be read is none of ours; a disk that fails shows elsewhere. */
function falseIfUnreadable(error: unknown): boolean {
  if (errnoOf(error) !== undefined) return false
  throw error
}
