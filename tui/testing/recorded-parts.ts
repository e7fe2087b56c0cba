import { existsSync, readFileSync } from "node:fs"
import { decodeRecord } from "../../core/store/resume-layout.js"
import { infoHash } from "../../core/torrent/info-hash.js"
import { createLengths, partLength, partOffset } from "../../core/torrent/lengths.js"
import { parseTorrent } from "../../core/torrent/parse-torrent.js"
import type { Torrent } from "../../core/torrent/torrent-file.js"

/** How many parts the record of an unfinished download is sure of, also while it is written: it throws at times. */
export function recordedCount(targetPath: string, torrentPath: string): number {
  const torrent = parseTorrent(readFileSync(torrentPath))
  return checkpointOf(`${targetPath}.part.resume`, torrent).have.count
}

/**
 * How many parts of the unfinished download of `filePath` its resume record is sure of; throws when the file does not hold
 * one of them as `content` has it. 0 where there is no record.
 */
export function recordedPartCount(filePath: string, torrent: Torrent, content: Buffer): number {
  const partPath = `${filePath}.part`
  if (!existsSync(partPath) || !existsSync(`${partPath}.resume`)) return 0
  const lengths = createLengths(torrent.sizeBytes, torrent.partSizeBytes)
  const { have } = checkpointOf(`${partPath}.resume`, torrent)
  const bytes = readFileSync(partPath)
  for (let index = 0; index < lengths.partCount; index++) {
    const from = partOffset(lengths, index)
    const to = from + partLength(lengths, index)
    if (have.has(index) && content.compare(bytes, from, to, from, to) !== 0)
      throw new Error(`part ${index} is recorded and not there`)
  }
  return have.count
}

function checkpointOf(recordPath: string, torrent: Torrent) {
  const { partCount } = createLengths(torrent.sizeBytes, torrent.partSizeBytes)
  const record = decodeRecord(readFileSync(recordPath), { infoHash: infoHash(torrent), partCount })
  if (!record.ok) throw new Error(`a process that was killed left a record that says nothing: ${record.reason}`)
  return record.checkpoint
}
