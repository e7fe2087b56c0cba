import { createHash } from "node:crypto"
import { type BencodeValue, decodeBencode, readingEntries } from "../base/bencode.js"
import { P2pError, TorrentFileError } from "../base/errors.js"
import { atOnce, type Steps } from "../base/steps.js"
import { DIGEST_BYTES } from "./digests.js"
import type { FolderLayout } from "./folder-layout.js"
import { createLengths } from "./lengths.js"
import { parsingMetainfoFiles } from "./parse-metainfo-files.js"
import { MAX_NAME_BYTES, MAX_PART_COUNT, MAX_PART_SIZE_BYTES, MAX_TORRENT_FILE_BYTES } from "./parse-torrent.js"
import { shownValue } from "./shown-value.js"
import type { StandardTorrent, Torrent } from "./torrent-file.js"
import { isStandardTrackerUrl, MAX_TRACKER_URLS } from "./tracker-urls.js"

/** The largest info dictionary, and room for the addresses of trackers beside it. */
export const MAX_METAINFO_BYTES = MAX_TORRENT_FILE_BYTES + 1024 * 1024

/** Levels: the file tree of a hybrid torrent (BEP 52) has one for each folder. */
const LIMITS = { maxBytes: MAX_METAINFO_BYTES, maxDepth: 128 }

/** Entries of a dictionary as they stand in the file. */
type RawEntries = ReadonlyMap<string, Uint8Array>

/** True when a torrent file is bencoded, as standard ones are: those begin with a dictionary, JSON never begins so. */
export function isMetainfo(content: Uint8Array): boolean {
  return content[0] === 0x64 // "d"
}

/**
 * Reads a standard metainfo file (.torrent, BEP 3), version 1 or the version 1 half of a hybrid. Its document is
 * known by its info hash. Unknown keys are ignored, but count for the info hash.
 * @throws TorrentFileError that names the field: malformed, or version 2 only (BEP 52).
 */
export function parseMetainfo(content: Uint8Array): Torrent {
  return atOnce(parsingMetainfo(content))
}

/** The same in steps. */
export function* parsingMetainfo(content: Uint8Array): Steps<Torrent> {
  return yield* inWords(function* () {
    const file = yield* readingEntries(withoutBlanksBehind(content), LIMITS)
    const rawInfo = infoIn(file)
    const infoHash = yield* hashingBytes(rawInfo)
    return yield* torrentOf(file, yield* readingEntries(rawInfo, LIMITS), { infoHash, infoBytes: rawInfo.length })
  })
}

/** The bytes of the info dictionary: a view. @throws as `parseMetainfo`. */
export function* findingRawInfo(content: Uint8Array): Steps<Uint8Array> {
  return yield* inWords(function* () {
    return infoIn(yield* readingEntries(withoutBlanksBehind(content), LIMITS))
  })
}

/** Bytes that are hashed in one step. Our choice: a millisecond. */
const HASHED_AT_ONCE = 1024 * 1024

/** SHA-1, Uint8Array of 20 bytes. */
export function* hashingBytes(bytes: Uint8Array): Steps<Uint8Array> {
  const hash = createHash("sha1")
  for (let from = 0; from < bytes.length; from += HASHED_AT_ONCE) {
    hash.update(bytes.subarray(from, from + HASHED_AT_ONCE))
    yield
  }
  return Uint8Array.from(hash.digest())
}

function infoIn(file: RawEntries): Uint8Array {
  const info = file.get("info")
  if (info?.[0] !== CHAR_DICTIONARY) throw refused("info", entryOf(file, "info"), "a dictionary")
  return info
}

const CHAR_DICTIONARY = 0x64 // "d"

type InfoFacts = Pick<StandardTorrent, "infoHash" | "infoBytes">

function* torrentOf(file: RawEntries, info: RawEntries, facts: InfoFacts): Steps<Torrent> {
  return {
    ...(yield* contentOf(info)),
    hash: Buffer.from(facts.infoHash).toString("hex"),
    secret: undefined,
    standard: { ...facts, announceTiers: parseAnnounceTiers(file), isPrivate: entryOf(info, "private") === 1 },
  }
}

/** What an info dictionary says of the content. @throws TorrentFileError as `parseMetainfo`. */
export function* parsingInfo(info: Uint8Array): Steps<TorrentContent> {
  return yield* inWords(function* () {
    return yield* contentOf(yield* readingEntries(info, LIMITS))
  })
}

export type TorrentContent = Omit<Torrent, "hash" | "secret" | "standard" | "trackers">

function* contentOf(info: RawEntries): Steps<TorrentContent> {
  refuseVersionTwo(info)
  const files = yield* parsingFilesOf(info)
  const sizeBytes = files?.sizeBytes ?? wholeNumber(info, "length", 0, Number.MAX_SAFE_INTEGER)
  const partSizeBytes = wholeNumber(info, "piece length", 1, MAX_PART_SIZE_BYTES)
  return {
    sizeBytes,
    partSizeBytes,
    partDigests: parsePieces(entryOf(info, "pieces"), createLengths(sizeBytes, partSizeBytes).partCount),
    name: parseName(entryOf(info, info.has("name.utf-8") ? "name.utf-8" : "name")),
    files,
  }
}

/** A folder, also one of a single file; undefined for a file. */
function* parsingFilesOf(info: RawEntries): Steps<FolderLayout | undefined> {
  const raw = info.get("files")
  return raw && (yield* parsingMetainfoFiles(raw))
}

function entryOf(entries: RawEntries, key: string): BencodeValue | undefined {
  const raw = entries.get(key)
  return raw && decodeBencode(raw, LIMITS)
}

function* inWords<T>(reading: () => Steps<T>): Steps<T> {
  try {
    return yield* reading()
  } catch (cause) {
    if (!(cause instanceof P2pError) || cause instanceof TorrentFileError) throw cause
    throw new TorrentFileError("(file)", `.torrent file: ${cause.message}`, { cause })
  }
}

/** Editors and web forms leave a newline behind the dictionary, or zeros. They count for nothing. */
function withoutBlanksBehind(content: Uint8Array): Uint8Array {
  let end = content.length
  while (end > 0 && BLANKS.has(content[end - 1] ?? -1)) end--
  return content.subarray(0, end)
}

/** NUL, tab, newline, carriage return, space. */
const BLANKS: ReadonlySet<number> = new Set([0x00, 0x09, 0x0a, 0x0d, 0x20])

function refuseVersionTwo(info: RawEntries): void {
  if (info.has("pieces") || !info.has("file tree")) return
  throw new TorrentFileError(
    "info.pieces",
    "info.pieces: the torrent has BitTorrent version 2 only; version 1 is needed",
  )
}

function parsePieces(value: BencodeValue | undefined, partCount: number): Uint8Array {
  if (partCount > MAX_PART_COUNT)
    throw new TorrentFileError("info.pieces", `info.pieces: ${partCount} parts, at most ${MAX_PART_COUNT} are allowed`)
  if (!(value instanceof Uint8Array)) throw refused("info.pieces", value, `${DIGEST_BYTES} bytes for each part`)
  if (value.length !== partCount * DIGEST_BYTES)
    throw new TorrentFileError(
      "info.pieces",
      `info.pieces: ${value.length} bytes, but ${partCount} parts need ${partCount * DIGEST_BYTES}`,
    )
  return value
}

/** Only shown and, made safe, used for the file's name: bytes that are no UTF-8 are replaced, not refused. */
function parseName(value: BencodeValue | undefined): string {
  if (!(value instanceof Uint8Array) || value.length === 0 || value.length > MAX_NAME_BYTES)
    throw refused("info.name", value, `a text of 1 to ${MAX_NAME_BYTES} bytes`)
  return textOf(value)
}

/**
 * BEP 12: the tiers of `announce-list` replace `announce`, which is asked last here. A torrent may name none that can be asked: then its peers
 * come from the local network, from hosts of the config, or not at all.
 */
function parseAnnounceTiers(file: RawEntries): readonly (readonly string[])[] {
  const [list, announce] = [entryOf(file, "announce-list"), entryOf(file, "announce")]
  const tiers = [...(Array.isArray(list) ? list : []), announce].map(announceUrlsOf)
  const seen = new Set<string>()
  const isNew = (url: string) =>
    seen.size < MAX_TRACKER_URLS && isStandardTrackerUrl(url) && seen.size < seen.add(url).size
  return tiers.map((urls) => urls.filter(isNew)).filter((urls) => urls.length > 0)
}

/** The URLs of a tier, or of a single entry where a list is expected; blanks around them are no part of them. */
function announceUrlsOf(tier: BencodeValue | undefined): string[] {
  const entries = Array.isArray(tier) ? tier : [tier]
  return entries.flatMap((value) => (value instanceof Uint8Array ? textOf(value).trim() : []))
}

function wholeNumber(info: RawEntries, key: string, min: number, max: number): number {
  const value = entryOf(info, key)
  if (typeof value === "number" && value >= min && value <= max) return value
  throw refused(`info.${key}`, value, `bytes, a whole number from ${min} to ${max}`)
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

function refused(field: string, value: unknown, allowed: string): TorrentFileError {
  const shown = value instanceof Uint8Array ? `${value.length} bytes` : shownValue(value)
  return new TorrentFileError(
    field,
    `${field}: ${value === undefined ? "it is missing" : `got ${shown}`}, it must be ${allowed}`,
  )
}
