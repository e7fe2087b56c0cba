import type { LibraryEntry } from "../library/library-entry.js"
import type { KnownParts } from "../life/life.js"
import { createLengths } from "../torrent/lengths.js"
import type { Torrent } from "../torrent/torrent-file.js"

/** The parts of a paused document at the end of the last run: a finished file that is wanted as a whole has all. */
export function partsAtPause(torrent: Torrent, { download, haveCount, selection }: LibraryEntry): KnownParts {
  const { partCount } = createLengths(torrent.sizeBytes, torrent.partSizeBytes)
  if (!download && selection === undefined) return { count: partCount, bits: undefined, counted: true }
  return { count: haveCount ?? 0, bits: undefined, counted: haveCount !== undefined }
}
