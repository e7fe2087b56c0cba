import { TorrentFileError } from "../base/errors.js"
import { atOnce, type Steps } from "../base/steps.js"
import { isApart } from "./files-apart.js"
import { MAX_FOLDER_ENTRIES, pathFault } from "./folder-bounds.js"
import { type FolderFile, FolderLayout } from "./folder-layout.js"
import { findPathCollision, OrderOfPaths } from "./path-collisions.js"
import { shownValue } from "./shown-value.js"

const FIELD = "FileInfo.Files"

/** Parses `FileInfo.Files` at once, see `parsingFileList`. */
export function parseFiles(value: unknown, sizeBytes: number): FolderLayout {
  return atOnce(parsingFileList(value, sizeBytes))
}

/**
 * Parses `FileInfo.Files` (docs/engine/file-formats.md#folders). An unsafe entry is refused, not mapped: paths are part of the info hash.
 * `value`: the list, or its runs. `sizeBytes` is `FileInfo.Size`.
 * @throws TorrentFileError that names the entry; SyntaxError where a run is no JSON.
 */
export function* parsingFileList(value: unknown, sizeBytes: number): Steps<FolderLayout> {
  const { lists, entryCount } = isApart(value) ? { lists: value.lists(), entryCount: value.entryCount } : oneList(value)
  if (entryCount > MAX_FOLDER_ENTRIES)
    throw new TorrentFileError(FIELD, `${FIELD}: ${entryCount} files, at most ${MAX_FOLDER_ENTRIES} are allowed`)
  const entries: FolderFile[] = []
  const order = new OrderOfPaths()
  for (const list of lists) {
    for (const one of list) {
      const entry = parseEntry(one, entries.length)
      entries.push(entry)
      if (!entry.isPadding) order.add(entry.path)
    }
    yield
  }
  return layoutOf(entries, FIELD, { sizeBytes, areApart: order.isKept })
}

function oneList(value: unknown): { readonly lists: readonly (readonly unknown[])[]; readonly entryCount: number } {
  if (!Array.isArray(value) || value.length === 0) throw refused(FIELD, value, "a list of files")
  return { lists: [value], entryCount: value.length }
}

/** What is known of entries. */
export interface KnownOfEntries {
  /** That their sizes have to add up to. */
  readonly sizeBytes?: number
  /** Their paths are known not to collide. */
  readonly areApart?: boolean
}

/**
 * The layout of entries whose paths and sizes were checked one by one. `field` names the list in messages.
 * @throws TorrentFileError when paths collide, when there is no file but padding, or when sizes do not add up to `sizeBytes` (where given).
 */
export function layoutOf(
  entries: readonly FolderFile[],
  field: string,
  { sizeBytes, areApart = false }: KnownOfEntries = {},
): FolderLayout {
  const files = entries.filter(({ isPadding }) => !isPadding)
  if (files.length === 0) throw new TorrentFileError(field, `${field}: it holds no file`)
  const sum = entries.reduce((bytes, entry) => bytes + entry.sizeBytes, 0)
  if (!Number.isSafeInteger(sum)) throw new TorrentFileError(field, `${field}: its sizes add up to more than 2^53-1`)
  if (sizeBytes !== undefined && sum !== sizeBytes)
    throw new TorrentFileError(field, `${field}: its sizes add up to ${sum}, but FileInfo.Size is ${sizeBytes}`)
  if (!areApart) refuseCollision(files, field)
  return FolderLayout.of(entries)
}

function refuseCollision(files: readonly FolderFile[], field: string): void {
  const collision = findPathCollision(files.map(({ path }) => path))
  if (collision === undefined) return
  const [one, other] = collision.paths.map(shownValue)
  const what =
    collision.kind === "same"
      ? `${one} and ${other} are one path (or differ in Unicode normalisation only)`
      : `${one} is a file, and a folder in ${other}`
  throw new TorrentFileError(field, `${field}: ${what}`)
}

function parseEntry(value: unknown, index: number): FolderFile {
  // The name of a field is made where it is needed: 300,000 entries have a million.
  const field = (name = "") => `${FIELD}[${index}]${name}`
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw refused(field(), value, "an object")
  const { Path, Size, Attr }: { Path?: unknown; Size?: unknown; Attr?: unknown } = value
  if (Attr !== undefined && Attr !== "p" && Attr !== "x") throw refused(field(".Attr"), Attr, '"p" or "x"')
  return {
    path: parsePath(Path, field),
    sizeBytes: parseSize(Size, field),
    isPadding: Attr === "p",
    isExecutable: Attr === "x",
  }
}

function parsePath(value: unknown, field: (name: string) => string): string {
  if (!Array.isArray(value) || !value.every((name) => typeof name === "string"))
    throw refused(field(".Path"), value, "a list of names")
  const path = value.join("/")
  const fault = pathFault(value)
  if (fault !== undefined)
    throw new TorrentFileError(field(".Path"), `${field(".Path")}: ${shownValue(path)}: ${fault}`)
  return path
}

function parseSize(value: unknown, field: (name: string) => string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0)) return value
  throw refused(field(".Size"), value, "bytes, a whole number from 0 to 2^53-1")
}

function refused(field: string, value: unknown, allowed: string): TorrentFileError {
  const received = value === undefined ? "it is missing" : `got ${shownValue(value)}`
  return new TorrentFileError(field, `${field}: ${received}, it must be ${allowed}`)
}
