import { constants } from "node:fs"
import { type FileHandle, open } from "node:fs/promises"

/** Read at a time. Our choice. */
const CHUNK_BYTES = 64 * 1024

/**
 * The first `maxBytes` of the file at `path`, and one more byte if there are more: a device has no end, and the size of a pipe is unknown
 * before it is read. `flags` as of open(2). Rejects with the system error.
 */
export async function readAtMost(
  path: string,
  maxBytes: number,
  flags: number = constants.O_RDONLY,
): Promise<Uint8Array> {
  const handle = await open(path, flags)
  try {
    return await readStartOf(handle, maxBytes)
  } finally {
    await handle.close()
  }
}

/** The same of an open file, from where it stands. */
export async function readStartOf(handle: FileHandle, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for (let left = maxBytes + 1; left > 0; ) {
    const chunk = new Uint8Array(Math.min(left, CHUNK_BYTES))
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, null)
    if (bytesRead === 0) break
    chunks.push(chunk.subarray(0, bytesRead))
    left -= bytesRead
  }
  return Buffer.concat(chunks)
}
