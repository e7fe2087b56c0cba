import type { Steps } from "../base/steps.js"
import { DIGEST_BYTES } from "./digests.js"
import { attributeOf, type FolderLayout } from "./folder-layout.js"
import type { Torrent } from "./torrent-file.js"

/** The text of a torrent file (docs/engine/file-formats.md#torrent-file), ending in a line feed. `parseTorrent` reads it back. */
export function serializeTorrent(torrent: Torrent): string {
  return [...torrentText(torrent)].join("")
}

/** Bytes of that text in UTF-8, counted without making it: of 300,000 files it has 15 MB. */
export function* countingTorrentBytes(torrent: Torrent): Steps<number> {
  let bytes = 0
  for (const text of torrentText(torrent)) {
    bytes += Buffer.byteLength(text)
    yield
  }
  return bytes
}

/** The text in pieces. */
export function* torrentText(torrent: Torrent): Generator<string> {
  yield `{\n  "FileInfo": {\n    "Size": ${torrent.sizeBytes},\n    "PartSize": ${torrent.partSizeBytes},\n    "Parts": `
  yield* digestLines(torrent.partDigests)
  const fields = {
    Hash: torrent.hash,
    ...(torrent.name !== undefined && { Name: torrent.name }),
    ...(torrent.secret && { Secret: Buffer.from(torrent.secret).toString("hex") }),
  }
  yield `,${JSON.stringify({ FileInfo: fields }, null, 2).slice('{\n  "FileInfo": {'.length, -"\n  }\n}".length)}`
  // One file a line, without blanks: a folder of 500,000 files has to fit into 64 MiB.
  if (torrent.files !== undefined) {
    yield ',\n    "Files": [\n'
    yield* fileLines(torrent.files)
    yield "\n    ]"
  }
  // Behind `FileInfo`, by which torrent files are recognised at their beginning.
  const trackers = torrent.trackers === undefined ? "" : `,\n  "Trackers": ${JSON.stringify(torrent.trackers)}`
  yield `\n  }${trackers}\n}\n`
}

/** A digest a line: 1,000,000 of them as strings take 64 MiB. */
function* digestLines(digests: Uint8Array): Generator<string> {
  if (digests.length === 0) return yield "[]"
  const bytes = Buffer.from(digests.buffer, digests.byteOffset, digests.length)
  for (let from = 0; from < bytes.length; from += LINES_AT_ONCE * DIGEST_BYTES) {
    const hex = bytes.toString("hex", from, from + LINES_AT_ONCE * DIGEST_BYTES)
    yield (from === 0 ? "[\n" : ",\n") + hex.replace(/.{40}(?!$)/g, '      "$&",\n').replace(/.{40}$/, '      "$&"')
  }
  yield "\n    ]"
}

/** Lines in one piece. Our choice: half a millisecond. */
const LINES_AT_ONCE = 512

function* fileLines(files: FolderLayout): Generator<string> {
  for (let from = 0; from < files.entryCount; from += LINES_AT_ONCE) {
    const count = Math.min(LINES_AT_ONCE, files.entryCount - from)
    const lines = Array.from({ length: count }, (_, at) => fileLine(files, from + at))
    yield (from === 0 ? "" : ",\n") + lines.join(",\n")
  }
}

function fileLine(files: FolderLayout, index: number): string {
  const attribute = attributeOf(files, index)
  const Path = files.path(index).split("/")
  return JSON.stringify({ Path, Size: files.sizeOf(index), ...(attribute !== undefined && { Attr: attribute }) })
}
