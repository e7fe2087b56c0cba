import {
  type BencodeDictionary,
  type BencodeValue,
  decodeBencode,
  isBencodeDictionary,
  rawItems,
} from "../base/bencode.js"
import { TorrentFileError } from "../base/errors.js"
import type { Steps } from "../base/steps.js"
import { CheckedEntries } from "./checked-entries.js"
import { MAX_FOLDER_ENTRIES, MAX_PATH_DEPTH, pathFault } from "./folder-bounds.js"
import type { FolderFile, FolderLayout } from "./folder-layout.js"
import { safeComponent } from "./path-component.js"
import { shownValue } from "./shown-value.js"

const FIELD = "info.files"

/** Entries that are parsed in one step. Our choice: a millisecond. */
const PARSED_AT_ONCE = 512

/** Levels of an entry, including its unknown fields. */
const LIMITS = { maxDepth: 32, maxValues: 10 * MAX_PATH_DEPTH }

/** What BitComet calls padding, which it made before there was an attribute for it. */
const OLD_PADDING = "_____padding_file_"

/**
 * Reads `info.files` of a standard torrent (BEP 3, BEP 47), in steps. `raw`: the bencoded list; its entries are decoded one by one. Names are mapped to
 * safe ones, as they do not feed the info hash here. A symbolic link is left out: it has no bytes.
 * @throws TorrentFileError that names the entry; P2pError "bad_bencode".
 */
export function* parsingMetainfoFiles(raw: Uint8Array): Steps<FolderLayout> {
  const entries = new CheckedEntries(FIELD)
  let index = 0
  for (const item of itemsOf(raw)) {
    if (item === undefined || index % PARSED_AT_ONCE === 0) yield
    if (item === undefined) continue
    if (index >= MAX_FOLDER_ENTRIES)
      throw new TorrentFileError(FIELD, `${FIELD}: more than ${MAX_FOLDER_ENTRIES} files, which are allowed at most`)
    const entry = parseEntry(decodeBencode(item, LIMITS), `${FIELD}[${index++}]`)
    if (entry !== undefined) entries.add(entry)
  }
  return yield* entries.layout()
}

const CHAR_LIST = 0x6c // "l"

function itemsOf(raw: Uint8Array): Iterable<Uint8Array | undefined> {
  if (raw[0] !== CHAR_LIST) throw new TorrentFileError(FIELD, `${FIELD}: it must be a list of files`)
  return rawItems(raw, { maxDepth: LIMITS.maxDepth })
}

/** Undefined for a symbolic link. */
function parseEntry(value: BencodeValue, field: string): FolderFile | undefined {
  if (!isBencodeDictionary(value)) throw new TorrentFileError(field, `${field}: it must be a dictionary`)
  const attributes = value["attr"] instanceof Uint8Array ? textOf(value["attr"]) : ""
  if (attributes.includes("l") && (value["length"] ?? 0) === 0) return undefined
  const sizeBytes = value["length"]
  if (typeof sizeBytes !== "number" || sizeBytes < 0) {
    const got = sizeBytes === undefined ? "it is missing" : `got ${shownValue(sizeBytes)}`
    throw new TorrentFileError(`${field}.length`, `${field}.length: ${got}, it must be bytes, 0 or more`)
  }
  const path = parsePath(value, `${field}.path`)
  const isPadding = attributes.includes("p") || path.slice(path.lastIndexOf("/") + 1).startsWith(OLD_PADDING)
  return { path, sizeBytes, isPadding, isExecutable: !isPadding && attributes.includes("x") }
}

/** Clients that wrote `path` in their system's encoding add `path.utf-8`. */
function parsePath(entry: BencodeDictionary, field: string): string {
  const names = namesOf(entry["path.utf-8"]) ?? namesOf(entry["path"])
  if (names === undefined) throw new TorrentFileError(field, `${field}: it must be a list of names`)
  const safe = names.map((name) => safeComponent(textOf(name))).filter((name) => name !== "")
  const fault = pathFault(safe)
  if (fault !== undefined)
    throw new TorrentFileError(field, `${field}: ${shownValue(names.map(textOf).join("/"))}: ${fault}`)
  return safe.join("/")
}

function namesOf(value: BencodeValue | undefined): Uint8Array[] | undefined {
  return Array.isArray(value) && value.every((name) => name instanceof Uint8Array) ? value : undefined
}

const decoder = new TextDecoder()

function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}
