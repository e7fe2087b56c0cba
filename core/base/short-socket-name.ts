import { existsSync } from "node:fs"
import { constants, open } from "node:fs/promises"
import { basename, dirname } from "node:path"

/** Bytes of a Unix socket's path that every system takes (sockaddr_un: 104 on macOS, 108 on Linux, one of them a zero). Node cuts longer ones off. */
const MAX_SOCKET_PATH_BYTES = 103

/** Descriptors by number, as names: short ones for whatever they are open on (Linux). */
const DESCRIPTORS = "/proc/self/fd"

/** Longest file name after "/proc/self/fd/<number>/", bytes. */
const MAX_NAME_BYTES = 80

/** Linux's O_PATH, which Node does not name: the descriptor of a socket's name in its folder. */
const O_PATH = 0o10000000

/**
 * Calls `task` with a name for `path` that fits into a socket's address: the path itself, or one through a descriptor of its folder or, when
 * the name alone is too long, of the file. Resolves to undefined where there is none.
 */
export async function withShortName<T>(path: string, task: (name: string) => Promise<T>): Promise<T | undefined> {
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES) return task(path)
  if (!existsSync(DESCRIPTORS)) return undefined
  const isNameShort = Buffer.byteLength(basename(path)) <= MAX_NAME_BYTES
  const handle = isNameShort
    ? await open(dirname(path), O_PATH | constants.O_DIRECTORY)
    : await open(path, O_PATH | constants.O_NOFOLLOW)
  try {
    const place = `${DESCRIPTORS}/${handle.fd}`
    return await task(isNameShort ? `${place}/${basename(path)}` : place)
  } finally {
    await handle.close()
  }
}
