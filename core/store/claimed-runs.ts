import type { Bitfield } from "../torrent/bitfield.js"
import type { FolderLayout } from "../torrent/folder-layout.js"
import type { Lengths } from "../torrent/lengths.js"

/** Bytes [from, to) of a document. */
export interface Run {
  readonly from: number
  readonly to: number
}

/** The runs of a file's bytes that are in parts of a set, in order, neighbours joined. Takes a step per part of the file. */
export function claimedRuns(layout: FolderLayout, lengths: Lengths, fileIndex: number, parts: Bitfield): Run[] {
  const [begin, end] = [layout.offsetOf(fileIndex), layout.offsetOf(fileIndex + 1)]
  const size = lengths.partSizeBytes
  const runs: Run[] = []
  for (let part = Math.floor(begin / size); part * size < end; part++) {
    if (!parts.has(part)) continue
    const from = Math.max(begin, part * size)
    const to = Math.min(end, (part + 1) * size)
    const last = runs.at(-1)
    if (last?.to === from) runs[runs.length - 1] = { from: last.from, to }
    else if (to > from) runs.push({ from, to })
  }
  return runs
}

/** True when every byte of the file is in a part of the set; also for an empty file. */
export function isCovered(layout: FolderLayout, lengths: Lengths, fileIndex: number, parts: Bitfield): boolean {
  const [begin, end] = [layout.offsetOf(fileIndex), layout.offsetOf(fileIndex + 1)]
  for (let part = Math.floor(begin / lengths.partSizeBytes); part * lengths.partSizeBytes < end; part++)
    if (begin < end && !parts.has(part)) return false
  return true
}
