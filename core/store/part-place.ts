import { digestAt } from "../torrent/digests.js"
import { type Lengths, partOffset } from "../torrent/lengths.js"
import type { Torrent } from "../torrent/torrent-file.js"

/** Where a part stands in its document, and what its bytes must hash to. */
export interface PartPlace {
  readonly partIndex: number
  /** Bytes from the start of the document. */
  readonly offset: number
  /** SHA-1, 20 bytes. */
  readonly digest: Uint8Array
}

export function partPlace({ partDigests }: Torrent, lengths: Lengths, partIndex: number): PartPlace {
  return { partIndex, offset: partOffset(lengths, partIndex), digest: digestAt(partDigests, partIndex) }
}
