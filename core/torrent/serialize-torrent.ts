import { DIGEST_BYTES } from "./digests.js"
import { attributeOf, type FolderLayout } from "./folder-layout.js"
import type { Torrent } from "./torrent-file.js"

/** The text of a torrent file (docs/engine/file-formats.md#torrent-file), ending in a line feed. `parseTorrent` reads it back. */
export function serializeTorrent(torrent: Torrent): string {
  const fields = {
    Size: torrent.sizeBytes,
    PartSize: torrent.partSizeBytes,
    Parts: hexDigests(torrent.partDigests),
    Hash: torrent.hash,
    ...(torrent.name !== undefined && { Name: torrent.name }),
    ...(torrent.secret && { Secret: Buffer.from(torrent.secret).toString("hex") }),
  }
  const head = JSON.stringify({ FileInfo: fields }, null, 2).slice(0, -"\n  }\n}".length)
  // One file a line, without blanks: a folder of 500,000 files has to fit into 64 MiB.
  const files = torrent.files === undefined ? "" : `,\n    "Files": [\n${fileLines(torrent.files)}\n    ]`
  // Behind `FileInfo`, by which torrent files are recognised at their beginning.
  const trackers = torrent.trackers === undefined ? "" : `,\n  "Trackers": ${JSON.stringify(torrent.trackers)}`
  return `${head}${files}\n  }${trackers}\n}\n`
}

function hexDigests(digests: Uint8Array): string[] {
  const hex = Buffer.from(digests.buffer, digests.byteOffset, digests.length).toString("hex")
  return Array.from({ length: digests.length / DIGEST_BYTES }, (_, index) =>
    hex.slice(index * DIGEST_BYTES * 2, (index + 1) * DIGEST_BYTES * 2),
  )
}

function fileLines(files: FolderLayout): string {
  return Array.from({ length: files.entryCount }, (_, index) => {
    const attribute = attributeOf(files, index)
    const entry = {
      Path: files.path(index).split("/"),
      Size: files.sizeOf(index),
      ...(attribute !== undefined && { Attr: attribute }),
    }
    return JSON.stringify(entry)
  }).join(",\n")
}
