import { errnoOf, P2pError } from "../base/errors.js"
import { type HashSource, hashFile, type PartRun } from "../hashing/hash-file.js"
import type { Hasher } from "../hashing/hasher.js"
import { DIGEST_BYTES } from "../torrent/digests.js"
import type { Lengths } from "../torrent/lengths.js"
import { unreadable } from "./disk-errors.js"

export interface DigestPartsOptions {
  readonly source: HashSource
  /** The path as the user typed it. */
  readonly path: string
  readonly lengths: Lengths
  readonly hasher: Hasher
  readonly signal?: AbortSignal | undefined
  readonly onSlice: (slice: PartRun) => void
  /** The error to throw when the source ends early. */
  readonly changed: () => P2pError
}

/** SHA-1 of every part of a document that is whole, 20 bytes each. @throws CommandError "no_such_file", "not_readable". */
export async function digestParts(options: DigestPartsOptions): Promise<Uint8Array> {
  const { source, path, lengths, hasher, signal, onSlice, changed } = options
  const partDigests = new Uint8Array(lengths.partCount * DIGEST_BYTES)
  try {
    await hashFile({
      ...{ source, lengths, hasher, signal },
      runs: [{ fromPart: 0, toPart: lengths.partCount }],
      onSlice: (slice, digests) => {
        if (digests.length !== (slice.toPart - slice.fromPart) * DIGEST_BYTES) throw changed()
        partDigests.set(digests, slice.fromPart * DIGEST_BYTES)
        onSlice(slice)
      },
    })
  } catch (error) {
    // Ours, the caller's abort, or a bug: only errors of the disk are described here.
    if (error instanceof P2pError || errnoOf(error) === undefined) throw error
    throw unreadable(path, error)
  }
  return partDigests
}
