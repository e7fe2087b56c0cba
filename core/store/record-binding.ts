import { infoHash } from "../torrent/info-hash.js"
import { createLengths } from "../torrent/lengths.js"
import type { Torrent } from "../torrent/torrent-file.js"
import type { RecordBinding } from "./resume-layout.js"

/** What binds a resume record to a document. */
export function recordBinding(torrent: Torrent): RecordBinding {
  return { infoHash: infoHash(torrent), partCount: createLengths(torrent.sizeBytes, torrent.partSizeBytes).partCount }
}
