import { closeSync, constants, fstatSync, openSync, readFileSync, writeFileSync } from "node:fs"
import { errnoOf } from "../../core/index.js"

/** Without O_NONBLOCK, a fifo in the place of the file would block until another program opens it. */
const READ_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK
const WRITE_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_NONBLOCK

/** The text of a small file in the state folder; undefined where none can be read, it is no regular file, or it has more than `maxBytes`. */
export function readOwnFile(path: string, maxBytes = Number.POSITIVE_INFINITY): string | undefined {
  return unlessRefused(() =>
    withOpen(path, READ_FLAGS, (fd) => {
      const stats = fstatSync(fd)
      return stats.isFile() && stats.size <= maxBytes ? readFileSync(fd, "utf8") : undefined
    }),
  )
}

/** Makes `text` the content of such a file, for its user's eyes only. A disk that does not take it costs the memory of it, nothing else. */
export function writeOwnFile(path: string, text: string): void {
  unlessRefused(() => withOpen(path, WRITE_FLAGS | constants.O_TRUNC, (fd) => writeFileSync(fd, text)))
}

/** Likewise, at the end of its content. */
export function appendToOwnFile(path: string, text: string): void {
  unlessRefused(() => withOpen(path, WRITE_FLAGS | constants.O_APPEND, (fd) => writeFileSync(fd, text)))
}

function withOpen<Result>(path: string, flags: number, use: (fd: number) => Result): Result {
  const fd = openSync(path, flags, 0o600)
  try {
    return use(fd)
  } finally {
    closeSync(fd)
  }
}

function unlessRefused<Result>(act: () => Result): Result | undefined {
  try {
    return act()
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    return undefined
  }
}
