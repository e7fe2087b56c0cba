import { TorrentFileError } from "../base/errors.js"
import { atOnce, type Steps } from "../base/steps.js"
import { CheckedEntries } from "./checked-entries.js"
import { isApart } from "./files-apart.js"
import { MAX_FOLDER_ENTRIES, pathFault } from "./folder-bounds.js"
import type { FolderFile, FolderLayout } from "./folder-layout.js"
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
  const entries = new CheckedEntries(FIELD)
  for (const list of lists) {
    for (const one of list) entries.add(parseEntry(one, entries.count))
    yield
  }
  return yield* entries.layout(sizeBytes)
}

function oneList(value: unknown): { readonly lists: readonly (readonly unknown[])[]; readonly entryCount: number } {
  if (!Array.isArray(value) || value.length === 0) throw refused(FIELD, value, "a list of files")
  return { lists: [value], entryCount: value.length }
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
