import { Bitfield } from "../torrent/bitfield.js"
import type { Lengths } from "../torrent/lengths.js"

/** One file of a folder, for `FolderLayout.of`. */
export function fileEntry(path: string, sizeBytes: number, isPadding = false) {
  return { ...{ path, sizeBytes, isPadding }, isExecutable: false }
}

/** Of a document with these lengths, the parts that are there. */
export function havingParts({ partCount }: Lengths, parts: readonly number[]): Bitfield {
  const have = new Bitfield(partCount)
  for (const part of parts) have.add(part)
  return have
}
