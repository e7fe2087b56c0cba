import { constants } from "node:fs"
import { open } from "node:fs/promises"
import { CommandError } from "../base/errors.js"
import type { Hasher } from "../hashing/hasher.js"
import { bytesOfRun, createLengths } from "../torrent/lengths.js"
import { MAX_PART_COUNT } from "../torrent/parse-torrent.js"
import { choosePartSize } from "../torrent/part-size.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { digestParts } from "./digest-parts.js"
import { unreadable } from "./disk-errors.js"
import { type FileIdentity, identityFromStats, identityOf, sameIdentity } from "./file-identity.js"
import { sizeUnknown } from "./inspect-files.js"

export interface CreateTorrentOptions {
  readonly filePath: string
  /** The document's uuid from the tracker. */
  readonly hash: string
  readonly name?: string
  /** 32 random bytes make the document private. */
  readonly secret?: Uint8Array
  readonly hasher: Hasher
  /** Default: `choosePartSize` of the file's size. */
  readonly partSizeBytes?: number
  readonly onProgress?: (progress: { readonly doneBytes: number; readonly totalBytes: number }) => void
  /** Aborting rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

export interface CreatedTorrent {
  readonly torrent: Torrent
  /** The file as it was hashed: hand it to the seed store, and the file need not be hashed again. */
  readonly identity: FileIdentity
}

/**
 * Hashes a file into a torrent, on the hasher's threads, in bounded memory.
 * @throws CommandError "no_such_file", "not_a_file", "not_readable", "file_too_large", or "file_changed" when the file
 * changes while it is hashed.
 */
export async function createTorrent(options: CreateTorrentOptions): Promise<CreatedTorrent> {
  const { filePath } = options
  const identity = await regularFileIdentity(filePath)
  const lengths = createLengths(identity.sizeBytes, options.partSizeBytes ?? choosePartSize(identity.sizeBytes))
  if (lengths.partCount > MAX_PART_COUNT) {
    const what = `${filePath}: ${lengths.partCount} parts of ${lengths.partSizeBytes} bytes, at most ${MAX_PART_COUNT}`
    throw new CommandError("file_too_large", what)
  }
  let doneBytes = 0
  const partDigests = await digestParts({
    ...{ path: filePath, lengths, hasher: options.hasher, signal: options.signal, changed: () => changed(filePath) },
    source: { kind: "file", path: filePath, flags: constants.O_RDONLY },
    onSlice: (slice) => {
      doneBytes += bytesOfRun(lengths, slice)
      options.onProgress?.({ doneBytes, totalBytes: lengths.sizeBytes })
    },
  })
  // The file may be gone by now, which is a change too.
  const after = await identityOf(filePath).catch(() => undefined)
  if (!after || !sameIdentity(identity, after)) throw changed(filePath)
  const { hash, name, secret } = options
  const { sizeBytes, partSizeBytes } = lengths
  return { torrent: { hash, sizeBytes, partSizeBytes, partDigests, name, secret }, identity }
}

async function regularFileIdentity(path: string): Promise<FileIdentity> {
  try {
    // Opened, not only checked: an unreadable file is reported before hashing starts. Without O_NONBLOCK, opening a fifo would
    // block until a writer opens it.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const stats = await handle.stat({ bigint: true })
      if (!stats.isFile()) throw new CommandError("not_a_file", `${path}: not a regular file`)
      if (stats.size === 0n && (await handle.read(new Uint8Array(1), 0, 1, 0)).bytesRead > 0) throw sizeUnknown(path)
      return identityFromStats(stats)
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw error instanceof CommandError ? error : unreadable(path, error)
  }
}

function changed(path: string): CommandError {
  return new CommandError(
    "file_changed",
    `${path}: it changed while it was hashed; upload it again once it no longer changes`,
  )
}
