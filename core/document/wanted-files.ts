import type { FileChoice, NamedFiles } from "../api/selection.js"
import { CommandError } from "../base/errors.js"
import type { Steps } from "../base/steps.js"
import type { LibraryEntry } from "../library/library-entry.js"
import type { Bitfield } from "../torrent/bitfield.js"
import { FileSelection } from "../torrent/file-selection.js"
import type { FolderLayout } from "../torrent/folder-layout.js"
import { bytesOfParts, createLengths } from "../torrent/lengths.js"
import { findingFilesAt, holdingText } from "../torrent/name-files.js"
import { selectingFiles } from "../torrent/select-files.js"
import type { Torrent } from "../torrent/torrent-file.js"

type Stored = NonNullable<LibraryEntry["selection"]>

/** The wanted files of a folder document of which not all are wanted, and their parts. */
export class WantedFiles {
  /** The patterns, as typed; empty when files were chosen one by one. */
  readonly only: readonly string[]
  readonly files: FileSelection
  readonly parts: Bitfield
  readonly partBytes: number

  private constructor(only: readonly string[], files: FileSelection, torrent: Torrent) {
    const lengths = createLengths(torrent.sizeBytes, torrent.partSizeBytes)
    this.only = only
    this.files = files
    this.parts = files.parts(lengths)
    this.partBytes = bytesOfParts(lengths, this.parts)
  }

  /** Undefined when these are all files. */
  static of(torrent: Torrent, only: readonly string[], files: FileSelection): WantedFiles | undefined {
    return files.isWhole ? undefined : new WantedFiles(only, files, torrent)
  }

  /** As it was remembered. What is not of this torrent file is forgotten: all files are wanted. */
  static restored(torrent: Torrent, stored: Stored | undefined): WantedFiles | undefined {
    const files = stored && torrent.files && FileSelection.decode(torrent.files, stored.files)
    return files && WantedFiles.of(torrent, stored.only, files)
  }

  /** For the list of documents. */
  get stored(): Stored {
    return { only: [...this.only], files: this.files.encoded }
  }

  /** Every file of another selection is in this one. */
  hasFilesOf(other: WantedFiles | undefined): boolean {
    return other !== undefined && this.files.hasAllOf(other.files)
  }
}

/** Chooses files by those that are wanted now; undefined: all. */
export type Choose = (before: WantedFiles | undefined) => Promise<WantedFiles | undefined>

/**
 * The wanted files after a choice, in steps; `before`: those that are wanted now. Undefined: all.
 * @throws CommandError "not_a_folder"; "no_such_file", "bad_argument" as `selectingFiles`.
 */
export function* choosingFiles(
  torrent: Torrent,
  choice: FileChoice | undefined,
  before: WantedFiles | undefined,
): Steps<WantedFiles | undefined> {
  const { files: layout } = torrent
  if (layout === undefined)
    throw new CommandError(
      "not_a_folder",
      `${torrent.name ?? torrent.hash} is a single file: there are no files to choose from`,
    )
  if (choice === undefined) return undefined
  if ("only" in choice) {
    const files = yield* matchingFiles(layout, choice.only)
    yield
    return WantedFiles.of(torrent, choice.only, files)
  }
  const isAdded = "add" in choice
  const changed = yield* markingChanged(layout, isAdded ? choice.add : choice.drop)
  yield
  const wasWanted = (index: number) => before?.files.has(index) ?? true
  const files = new FileSelection(layout, (index) => (changed[index] === 1 ? isAdded : wasWanted(index)))
  if (files.fileCount === 0) throw new CommandError("bad_argument", "no file would be wanted any more")
  yield
  return WantedFiles.of(torrent, [], files)
}

function matchingFiles(layout: FolderLayout, only: readonly string[]): Steps<FileSelection> {
  if (only.length === 0) throw new CommandError("bad_argument", "there is no pattern for files")
  return selectingFiles(layout, only)
}

/** Paths that are compared in one step. Our choice: some milliseconds. */
const COMPARED_AT_ONCE = 4_096

/** 1 for each entry that is changed. */
function* markingChanged(layout: FolderLayout, given: readonly number[] | NamedFiles): Steps<Uint8Array> {
  const marks = new Uint8Array(layout.entryCount)
  if (!("names" in given)) {
    for (const index of requireEntries(layout, given)) marks[index] = 1
    return marks
  }
  const { names, isLiteral = false, holding = "" } = given
  const named = yield* isLiteral ? findingFilesAt(layout, names) : matchingFiles(layout, names)
  const holds = holding === "" ? () => true : holdingText(holding)
  for (let index = 0; index < layout.entryCount; index++) {
    if (named.has(index) && holds(layout.path(index))) marks[index] = 1
    if (index % COMPARED_AT_ONCE === 0) yield
  }
  if (holding === "" || marks.includes(1)) return marks
  throw new CommandError("no_such_file", `none of these files has "${holding}" in its path`)
}

/** The numbers may have come over a socket. */
function requireEntries(layout: FolderLayout, indices: readonly number[]): readonly number[] {
  const bad = indices.find(
    (index) => !(Number.isInteger(index) && index >= 0 && index < layout.entryCount) || layout.isPadding(index),
  )
  if (bad !== undefined) throw new CommandError("bad_argument", `the document has no file with the number ${bad}`)
  return indices
}
