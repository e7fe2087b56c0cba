import { createHash } from "node:crypto"
import { encodeBencode } from "../base/bencode.js"
import type { Torrent } from "./torrent-file.js"

/** The BitTorrent v1 info dictionary of a torrent file (docs/engine/file-formats.md#info-hash; BEP 3, and BEP 27 for "private"). */
export interface InfoDictionary {
  readonly length: number
  readonly name: string
  readonly "piece length": number
  /** SHA-1 of every part, 20 bytes each. */
  readonly pieces: Uint8Array
  readonly private: 1
}

export function infoDictionary(torrent: Torrent): InfoDictionary {
  return {
    length: torrent.sizeBytes,
    name: torrent.name ?? torrent.hash,
    "piece length": torrent.partSizeBytes,
    pieces: torrent.partDigests,
    private: 1,
  }
}

/** First 20 bytes of the SHA-256 of the bencoded info dictionary: Uint8Array. Binds what is derived for a private document to all of it. */
export function infoDigest(torrent: Torrent): Uint8Array {
  const digest = createHash("sha256")
    .update(encodeBencode({ ...infoDictionary(torrent) }))
    .digest()
  return Uint8Array.from(digest.subarray(0, 20))
}

/** SHA-1 of the bencoded info dictionary: Uint8Array, 20 bytes. What peers call the document in their handshake. */
export function infoHash(torrent: Torrent): Uint8Array {
  if (torrent.standard !== undefined) return torrent.standard.infoHash
  // Spread, because an interface has no index signature that the encoder's type could accept.
  return Uint8Array.from(
    createHash("sha1")
      .update(encodeBencode({ ...infoDictionary(torrent) }))
      .digest(),
  )
}
