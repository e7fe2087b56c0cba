import { createHash } from "node:crypto"
import { type BencodeInput, writeBencode } from "../base/encode-bencode.js"
import { attributeOf, type FolderLayout } from "./folder-layout.js"
import type { Torrent } from "./torrent-file.js"

/** The BitTorrent v1 info dictionary of a torrent file (docs/engine/file-formats.md#info-hash; BEP 3, BEP 27 for "private", BEP 47 for "attr"). */
export interface InfoDictionary {
  /** Of a file. */
  readonly length?: number
  /** Of a folder. */
  readonly files?: Iterable<BencodeInput>
  readonly name: string
  readonly "piece length": number
  /** SHA-1 of every part, 20 bytes each. */
  readonly pieces: Uint8Array
  readonly private: 1
}

export function infoDictionary(torrent: Torrent): InfoDictionary {
  const { files, sizeBytes, name, hash, partSizeBytes, partDigests } = torrent
  const content = files === undefined ? { length: sizeBytes } : { files: { [Symbol.iterator]: () => entriesOf(files) } }
  return { ...content, name: name ?? hash, "piece length": partSizeBytes, pieces: partDigests, private: 1 }
}

/** First 20 bytes of the SHA-256 of the bencoded info dictionary: Uint8Array. Binds a private document's derived values to all of it. */
export function infoDigest(torrent: Torrent): Uint8Array {
  return digestOf(torrent, "sha256").subarray(0, 20)
}

/** SHA-1 of the bencoded info dictionary: Uint8Array, 20 bytes. What peers call the document in their handshake. */
export function infoHash(torrent: Torrent): Uint8Array {
  return torrent.standard?.infoHash ?? digestOf(torrent, "sha1")
}

function digestOf(torrent: Torrent, algorithm: "sha1" | "sha256"): Uint8Array {
  const hash = createHash(algorithm)
  // Spread, because an interface has no index signature that the encoder's type could accept.
  writeBencode({ ...infoDictionary(torrent) }, (bytes) => hash.update(bytes))
  return Uint8Array.from(hash.digest())
}

/** Made one by one: a folder may have 500,000. */
function* entriesOf(files: FolderLayout): Generator<BencodeInput> {
  for (let index = 0; index < files.entryCount; index++)
    yield { attr: attributeOf(files, index), length: files.sizeOf(index), path: files.path(index).split("/") }
}
