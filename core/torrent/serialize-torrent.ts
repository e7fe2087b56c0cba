import { DIGEST_BYTES } from "./digests.js"
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
  return `${JSON.stringify({ FileInfo: fields }, null, 2)}\n`
}

function hexDigests(digests: Uint8Array): string[] {
  const hex = Buffer.from(digests.buffer, digests.byteOffset, digests.length).toString("hex")
  return Array.from({ length: digests.length / DIGEST_BYTES }, (_, index) =>
    hex.slice(index * DIGEST_BYTES * 2, (index + 1) * DIGEST_BYTES * 2),
  )
}
