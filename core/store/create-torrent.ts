import { constants } from "node:fs"
import { open } from "node:fs/promises"
import { CommandError, errnoOf, P2pError } from "../base/errors.js"
import { hashFile } from "../hashing/hash-file.js"
import type { Hasher } from "../hashing/hasher.js"
import { DIGEST_BYTES } from "../torrent/digests.js"
import { createLengths, type Lengths } from "../torrent/lengths.js"
import { MAX_PART_COUNT } from "../torrent/parse-torrent.js"
import { choosePartSize } from "../torrent/part-size.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { unreadable } from "./disk-errors.js"
import { type FileIdentity, identityFromStats, identityOf, sameIdentity } from "./file-identity.js"

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
  const partDigests = await digestParts(options, lengths)
  // The file may be gone by now, which is a change too.
  const after = await identityOf(filePath).catch(() => undefined)
  if (!after || !sameIdentity(identity, after)) throw changed(filePath)
  const { hash, name, secret } = options
  const { sizeBytes, partSizeBytes } = lengths
  return { torrent: { hash, sizeBytes, partSizeBytes, partDigests, name, secret }, identity }
}

async function digestParts(options: CreateTorrentOptions, lengths: Lengths): Promise<Uint8Array> {
  const partDigests = new Uint8Array(lengths.partCount * DIGEST_BYTES)
  let doneBytes = 0
  try {
    await hashFile({
      source: { kind: "file", path: options.filePath, flags: constants.O_RDONLY },
      lengths,
      runs: [{ fromPart: 0, toPart: lengths.partCount }],
      hasher: options.hasher,
      signal: options.signal,
      onSlice: ({ fromPart, toPart }, digests) => {
        if (digests.length !== (toPart - fromPart) * DIGEST_BYTES) throw changed(options.filePath)
        partDigests.set(digests, fromPart * DIGEST_BYTES)
        doneBytes += Math.min(toPart * lengths.partSizeBytes, lengths.sizeBytes) - fromPart * lengths.partSizeBytes
        options.onProgress?.({ doneBytes, totalBytes: lengths.sizeBytes })
      },
    })
  } catch (error) {
    // Ours, the caller's abort, or a bug: only what the disk said is put into words here.
    if (error instanceof P2pError || errnoOf(error) === undefined) throw error
    throw unreadable(options.filePath, error)
  }
  return partDigests
}

async function regularFileIdentity(path: string): Promise<FileIdentity> {
  try {
    // Opened, not only looked at: a file that can't be read is told before anything is hashed. O_NONBLOCK: a fifo
    // would wait for its writer for ever.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const stats = await handle.stat({ bigint: true })
      if (!stats.isFile()) throw new CommandError("not_a_file", `${path}: not a regular file`)
      // Such a file would be shared as an empty one, and whoever fetches it would not notice.
      if (stats.size === 0n && (await handle.read(new Uint8Array(1), 0, 1, 0)).bytesRead > 0) {
        const what = "its size is not known before it is read (as below /proc); share a copy of it"
        throw new CommandError("not_a_file", `${path}: ${what}`)
      }
      return identityFromStats(stats)
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw error instanceof CommandError ? error : unreadable(path, error)
  }
}

function changed(path: string): CommandError {
  return new CommandError("file_changed", `${path}: it changed while it was hashed; upload it again when it is at rest`)
}
