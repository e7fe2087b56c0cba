import { decodingUtf8 } from "../base/decode-utf8.js"
import { TorrentFileError } from "../base/errors.js"
import { atOnce, type Steps } from "../base/steps.js"
import { refusingBrackets } from "./bracket-bounds.js"
import { DIGEST_BYTES } from "./digests.js"
import { isDocumentHash } from "./document-hash.js"
import { FILES_STAND_APART, type FilesApart, takingFilesApart } from "./files-apart.js"
import type { FolderLayout } from "./folder-layout.js"
import { createLengths } from "./lengths.js"
import { parsingFileList } from "./parse-files.js"
import { decodingDigests, PARTS_STAND_APART, takingPartsApart } from "./parts-apart.js"
import { shownValue } from "./shown-value.js"
import type { Torrent } from "./torrent-file.js"
import { MAX_TRACKER_URL_LENGTH, MAX_TRACKER_URLS, usableTrackers } from "./tracker-urls.js"

/** Caps on what a torrent file may say (our choice: 1,000,000 parts are 43 MB of JSON; two parts are held at a time, and qBittorrent makes parts of up to 256 MiB). */
export const MAX_TORRENT_FILE_BYTES = 64 * 1024 * 1024
export const MAX_PART_SIZE_BYTES = 256 * 1024 * 1024
export const MAX_PART_COUNT = 1_000_000
export const MAX_NAME_BYTES = 4096

/** Bytes of a private document's Secret. */
export const SECRET_BYTES = 32

const DIGEST_HEX = /^[0-9a-f]{40}$/i
const SECRET_HEX = /^[0-9a-f]{64}$/i

/**
 * Parses the text of a torrent file (docs/engine/file-formats.md#torrent-file). Unknown fields are ignored; hex digits and the uuid are
 * converted to lower case. The checks are our own rather than a schema library's: 1,000,000 digests are checked and decoded in one pass.
 * @throws TorrentFileError that names the field, the value received and the allowed values.
 */
export function parseTorrent(content: string | Uint8Array): Torrent {
  return atOnce(parsingTorrent(content))
}

/** The same in steps of some milliseconds. */
export function* parsingTorrent(content: string | Uint8Array): Steps<Torrent> {
  if (content.length > MAX_TORRENT_FILE_BYTES)
    throw new TorrentFileError("(file)", `torrent file: ${content.length} bytes, at most ${MAX_TORRENT_FILE_BYTES}`)
  if (typeof content === "string") return yield* parsingWhole(content)
  return (yield* parsingPartsApart(content)) ?? (yield* parsingWhole(yield* textOf(content)))
}

/** Undefined where the file is wrong or in doubt: then it is parsed as a whole, and what is wrong is found there. */
function* parsingPartsApart(content: Uint8Array): Steps<Torrent | undefined> {
  const apart = yield* takingPartsApart(content)
  if (apart === undefined) return undefined
  try {
    return yield* parsingWhole(apart.rest, apart.list)
  } catch (error) {
    if (error instanceof TorrentFileError) return undefined
    throw error
  }
}

/** `list` is what stands apart of `Parts`. */
function* parsingWhole(text: string, list?: Uint8Array): Steps<Torrent> {
  yield
  const { file, apart } = yield* parsingText(text)
  if (!isObject(file)) throw refused("(file)", file, "a JSON object")
  const fields = file["FileInfo"]
  if (!isObject(fields)) throw refused("FileInfo", fields, "an object")

  const sizeBytes = parseSize(fields["Size"])
  const partSizeBytes = parsePartSize(fields["PartSize"])
  const { partCount } = createLengths(sizeBytes, partSizeBytes)
  const files = apart ?? fields["Files"]
  return {
    hash: parseHash(fields["Hash"]),
    sizeBytes,
    partSizeBytes,
    partDigests:
      list !== undefined && fields["Parts"] === PARTS_STAND_APART
        ? yield* digestsOf(list, partCount)
        : parseDigests(fields["Parts"], partCount, `ceil(${sizeBytes} / ${partSizeBytes})`),
    name: parseName(fields["Name"]),
    files: files === undefined ? undefined : yield* parsingFiles(files, sizeBytes, text),
    secret: parseSecret(fields["Secret"]),
    ...parseTrackers(file["Trackers"]),
  }
}

/** The text as JSON, with a long list of files apart. */
function* parsingText(text: string): Steps<{ readonly file: unknown; readonly apart: FilesApart | undefined }> {
  yield* refusingBrackets(text)
  const apart = yield* takingFilesApart(text)
  yield
  const file = parseJson(apart?.text ?? text)
  // The key may stand elsewhere, or a second time with escapes in it.
  const isInPlace = isObject(file) && isObject(file["FileInfo"]) && file["FileInfo"]["Files"] === FILES_STAND_APART
  return apart === undefined || isInPlace ? { file, apart } : { file: parseJson(text), apart: undefined }
}

function* parsingFiles(files: unknown, sizeBytes: number, text: string): Steps<FolderLayout> {
  try {
    return yield* parsingFileList(files, sizeBytes)
  } catch (error) {
    throw error instanceof SyntaxError ? notJson(text, error) : error
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw notJson(text, cause)
  }
}

/** The parser's own message quotes the input, which may hold terminal escapes; it stays in `cause`. */
function notJson(text: string, cause: unknown): TorrentFileError {
  const begin = text.trim() === "" ? "it is empty" : `it begins ${shownValue(text.slice(0, 30))}`
  const what = `torrent file: it is not JSON, ${begin}`
  return new TorrentFileError("(file)", what, { cause })
}

function* textOf(bytes: Uint8Array): Steps<string> {
  const text = yield* decodingUtf8(bytes)
  if (text === undefined) throw new TorrentFileError("(file)", "torrent file: it is not UTF-8 text")
  return text
}

function parseSize(value: unknown): number {
  if (!isCount(value)) throw refused("FileInfo.Size", value, "bytes, a whole number from 0 to 2^53-1")
  return value
}

function parsePartSize(value: unknown): number {
  if (!isCount(value) || value < 1 || value > MAX_PART_SIZE_BYTES)
    throw refused("FileInfo.PartSize", value, `bytes, a whole number from 1 to ${MAX_PART_SIZE_BYTES}`)
  return value
}

function parseDigests(value: unknown, partCount: number, formula: string): Uint8Array {
  if (!Array.isArray(value)) throw refused("FileInfo.Parts", value, "a list of SHA-1 digests in hex")
  if (partCount > MAX_PART_COUNT || value.length > MAX_PART_COUNT) {
    const count = Math.max(partCount, value.length)
    throw new TorrentFileError(
      "FileInfo.Parts",
      `FileInfo.Parts: ${count} parts, at most ${MAX_PART_COUNT} are allowed`,
    )
  }
  if (value.length !== partCount) {
    const message = `FileInfo.Parts: ${value.length} digests, but ${formula} = ${partCount} are needed`
    throw new TorrentFileError("FileInfo.Parts", message)
  }
  const digests = Buffer.alloc(partCount * DIGEST_BYTES)
  for (const [index, hex] of value.entries()) {
    if (typeof hex !== "string" || !DIGEST_HEX.test(hex))
      throw refused(`FileInfo.Parts[${index}]`, hex, "a SHA-1 in 40 hex digits")
    digests.write(hex, index * DIGEST_BYTES, "hex")
  }
  return new Uint8Array(digests.buffer, digests.byteOffset, digests.length)
}

/** @throws TorrentFileError that names no value: the list is parsed again as a whole. */
function* digestsOf(list: Uint8Array, partCount: number): Steps<Uint8Array> {
  const digests = partCount > MAX_PART_COUNT ? undefined : yield* decodingDigests(list, partCount)
  if (digests === undefined)
    throw new TorrentFileError("FileInfo.Parts", "FileInfo.Parts: not the digests that are needed")
  return digests
}

function parseHash(value: unknown): string {
  if (typeof value !== "string" || !isDocumentHash(value)) throw refused("FileInfo.Hash", value, "a uuid")
  return value.toLowerCase()
}

function parseName(value: unknown): string | undefined {
  if (value === undefined) return undefined
  if (typeof value !== "string" || Buffer.byteLength(value) > MAX_NAME_BYTES)
    throw refused("FileInfo.Name", value, `a text of at most ${MAX_NAME_BYTES} bytes`)
  // Half a surrogate pair has no UTF-8, so two sides could derive different info hashes from it.
  if (Buffer.from(value).toString() !== value) throw refused("FileInfo.Name", value, "well-formed Unicode")
  return value
}

function parseSecret(value: unknown): Uint8Array | undefined {
  if (value === undefined) return undefined
  // The value itself is never shown: it is the key to the document.
  if (typeof value !== "string" || !SECRET_HEX.test(value))
    throw new TorrentFileError("FileInfo.Secret", "FileInfo.Secret: it must be 32 bytes in 64 hex digits")
  return Uint8Array.from(Buffer.from(value, "hex"))
}

/** URLs of other schemes are left out: another client may know them. */
function parseTrackers(value: unknown): { readonly trackers?: readonly string[] } {
  if (value === undefined) return {}
  const isList = Array.isArray(value) && value.every((url) => typeof url === "string")
  if (!isList || value.length > MAX_TRACKER_URLS || value.some((url) => url.length > MAX_TRACKER_URL_LENGTH))
    throw refused("Trackers", value, `at most ${MAX_TRACKER_URLS} URLs of at most ${MAX_TRACKER_URL_LENGTH} characters`)
  const trackers = usableTrackers(value)
  return trackers.length === 0 ? {} : { trackers }
}

/** A whole number from 0 to 2^53-1. JSON may hold -0, and 1e999 becomes Infinity. */
function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && !Object.is(value, -0) && Number(value) >= 0
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function refused(field: string, value: unknown, allowed: string): TorrentFileError {
  const received = value === undefined ? "it is missing" : `got ${shownValue(value)}`
  return new TorrentFileError(field, `${field}: ${received}, it must be ${allowed}`)
}
