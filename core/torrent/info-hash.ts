import { createHash } from "node:crypto"
import { BencodedText, type BencodeInput, bencodedString, encodeBencode } from "../base/encode-bencode.js"
import { atOnce, type Steps } from "../base/steps.js"
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
  const content = files === undefined ? { length: sizeBytes } : { files: entriesOf(files) }
  return { ...content, name: name ?? hash, "piece length": partSizeBytes, pieces: partDigests, private: 1 }
}

/** First 20 bytes of the SHA-256 of the bencoded info dictionary: Uint8Array. Binds a private document's derived values to all of it. */
export function infoDigest(torrent: Torrent): Uint8Array {
  return digestOf(torrent, "sha256").subarray(0, 20)
}

/** SHA-1 of the bencoded info dictionary: Uint8Array, 20 bytes. */
export function infoHash(torrent: Torrent): Uint8Array {
  return torrent.standard?.infoHash ?? digestOf(torrent, "sha1")
}

/** Bytes of the bencoded info dictionary. */
export function infoBytes(torrent: Torrent): number {
  const { standard, secret } = torrent
  if (standard !== undefined) return standard.infoBytes
  if (!knownBytes.has(torrent)) digestOf(torrent, secret === undefined ? "sha1" : "sha256")
  return knownBytes.get(torrent) ?? 0
}

/** The bencoded info dictionary of one of our torrent files. */
export function encodeInfo(torrent: Torrent): Uint8Array {
  return encodeBencode({ ...infoDictionary(torrent) })
}

/** What peers call the document in their handshake, Uint8Array, 20 bytes. The holder of a private link knows no info hash, and the handshake is inside TLS. */
export function handshakeHash(torrent: Torrent): Uint8Array {
  return torrent.secret === undefined ? infoHash(torrent) : infoDigest(torrent)
}

/** Sizes of info dictionaries, counted as they are hashed. */
const knownBytes = new WeakMap<Torrent, number>()

/** Digests that were computed, by torrent: that of a folder with 300,000 files takes 0.1 s. */
const known = { sha1: new WeakMap<Torrent, Uint8Array>(), sha256: new WeakMap<Torrent, Uint8Array>() }

function digestOf(torrent: Torrent, algorithm: "sha1" | "sha256"): Uint8Array {
  const digest = known[algorithm].get(torrent) ?? computeDigest(torrent, algorithm)
  known[algorithm].set(torrent, digest)
  // A copy, so that no caller changes what the next one gets.
  return Uint8Array.from(digest)
}

function computeDigest(torrent: Torrent, algorithm: "sha1" | "sha256"): Uint8Array {
  return atOnce(digesting(torrent, algorithm))
}

/** Computes the digests that the functions above will be asked for. */
export function* hashingInfo(torrent: Torrent): Steps<void> {
  if (torrent.standard !== undefined) return
  for (const algorithm of torrent.secret === undefined ? (["sha1"] as const) : (["sha1", "sha256"] as const))
    known[algorithm].set(torrent, yield* digesting(torrent, algorithm))
}

/** Bytes of the bencoded info dictionary, counted without making it. */
export function* countingInfoBytes(torrent: Torrent): Steps<number> {
  let byteCount = 0
  for (const bytes of encodedPieces(torrent)) {
    byteCount += bytes.length
    yield
  }
  return byteCount
}

function* digesting(torrent: Torrent, algorithm: "sha1" | "sha256"): Steps<Uint8Array> {
  const hash = createHash(algorithm)
  let byteCount = 0
  for (const bytes of encodedPieces(torrent)) {
    byteCount += bytes.length
    hash.update(bytes)
    yield
  }
  knownBytes.set(torrent, byteCount)
  return hash.digest()
}

/** The bencoded info dictionary in pieces, for one of 500,000 files need not be in memory to be hashed. */
function* encodedPieces(torrent: Torrent): Generator<Uint8Array> {
  const { files: _, pieces, private: __, ...others } = infoDictionary(torrent)
  const encoded = encodeBencode({ ...others })
  if (torrent.files === undefined) yield encoded.subarray(0, -"e".length)
  else {
    // "files" is the first of its keys.
    yield Buffer.from("d5:filesl")
    for (const { text } of batchesOf(torrent.files)) yield Buffer.from(text)
    yield Buffer.from("e")
    yield encoded.subarray("d".length, -"e".length)
  }
  // Its last keys.
  yield Buffer.from(`6:pieces${pieces.length}:`)
  for (let from = 0; from < pieces.length; from += DIGESTS_AT_ONCE) yield pieces.subarray(from, from + DIGESTS_AT_ONCE)
  yield Buffer.from("7:privatei1ee")
}

/** Bytes of digests in one piece. Our choice: those of 1,000,000 parts take 20 MB, and 15 ms to hash. */
const DIGESTS_AT_ONCE = 1024 * 1024

/** Characters of entries that are encoded at a time. Our choice. */
const BATCH_LENGTH = 8_192

/** Made in batches: a folder may have 500,000 entries. */
function entriesOf(files: FolderLayout): Iterable<BencodedText> {
  return { [Symbol.iterator]: () => batchesOf(files) }
}

function* batchesOf(files: FolderLayout): Generator<BencodedText> {
  const paths = new PathEncoder()
  let batch = ""
  for (let index = 0; index < files.entryCount; index++) {
    const attribute = attributeOf(files, index)
    const attr = attribute === undefined ? "" : `4:attr${bencodedString(attribute)}`
    batch += `d${attr}6:lengthi${files.sizeOf(index)}e4:pathl${paths.encode(files.path(index))}ee`
    if (batch.length < BATCH_LENGTH) continue
    yield new BencodedText(batch)
    batch = ""
  }
  yield new BencodedText(batch)
}

/** Bencodes the components of paths. Files of one folder follow each other, so the folder's components are kept. */
class PathEncoder {
  #folder = ""
  #encodedFolder = ""

  encode(path: string): string {
    const nameAt = path.lastIndexOf("/") + 1
    const folder = path.slice(0, nameAt)
    if (folder !== this.#folder) {
      this.#folder = folder
      this.#encodedFolder = folder.slice(0, -1).split("/").map(bencodedString).join("")
    }
    return (nameAt === 0 ? "" : this.#encodedFolder) + bencodedString(path.slice(nameAt))
  }
}
