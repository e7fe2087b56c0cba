import { existsSync, readFileSync } from "node:fs"
import { decodeRecord } from "../../core/store/resume-layout.js"
import { infoHash } from "../../core/torrent/info-hash.js"
import { createLengths, partLength, partOffset } from "../../core/torrent/lengths.js"
import type { Torrent } from "../../core/torrent/torrent-file.js"

/**
 * How many parts of the unfinished download of `filePath` its resume record is sure of; throws when the file does not hold
 * one of them as `content` has it. 0 where there is no record.
 */
export function recordedPartCount(filePath: string, torrent: Torrent, content: Buffer): number {
  const partPath = `${filePath}.part`
  if (!existsSync(partPath) || !existsSync(`${partPath}.resume`)) return 0
  const lengths = createLengths(torrent.sizeBytes, torrent.partSizeBytes)
  const binding = { infoHash: infoHash(torrent), partCount: lengths.partCount }
  const record = decodeRecord(readFileSync(`${partPath}.resume`), binding)
  if (!record.ok) throw new Error(`a process that was killed left a record that says nothing: ${record.reason}`)
  const bytes = readFileSync(partPath)
  for (let index = 0; index < lengths.partCount; index++) {
    const from = partOffset(lengths, index)
    const to = from + partLength(lengths, index)
    if (record.checkpoint.have.has(index) && content.compare(bytes, from, to, from, to) !== 0)
      throw new Error(`part ${index} is recorded and not there`)
  }
  return record.checkpoint.have.count
}
