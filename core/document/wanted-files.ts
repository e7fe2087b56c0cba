import type { FileChoice, NamedFiles } from "../api/selection.js"
import { CommandError } from "../base/errors.js"
import type { LibraryEntry } from "../library/library-entry.js"
import type { Bitfield } from "../torrent/bitfield.js"
import { FileSelection } from "../torrent/file-selection.js"
import type { FolderLayout } from "../torrent/folder-layout.js"
import { bytesOfParts, createLengths } from "../torrent/lengths.js"
import { filesAt, holdingText } from "../torrent/name-files.js"
import { selectFiles } from "../torrent/select-files.js"
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

/**
 * The wanted files after a choice; `before`: those that are wanted now. Undefined: all.
 * @throws CommandError "not_a_folder"; "no_such_file", "bad_argument" as `selectFiles`.
 */
export function chosenFiles(
  torrent: Torrent,
  choice: FileChoice | undefined,
  before: WantedFiles | undefined,
): WantedFiles | undefined {
  const { files: layout } = torrent
  if (layout === undefined)
    throw new CommandError(
      "not_a_folder",
      `${torrent.name ?? torrent.hash} is a single file: there are no files to choose from`,
    )
  if (choice === undefined) return undefined
  if ("only" in choice) return WantedFiles.of(torrent, choice.only, filesMatching(layout, choice.only))
  const isAdded = "add" in choice
  const isChanged = changedFiles(layout, isAdded ? choice.add : choice.drop)
  const wasWanted = (index: number) => before?.files.has(index) ?? true
  const files = new FileSelection(layout, (index) => (isChanged(index) ? isAdded : wasWanted(index)))
  if (files.fileCount === 0) throw new CommandError("bad_argument", "no file would be wanted any more")
  return WantedFiles.of(torrent, [], files)
}

function filesMatching(layout: FolderLayout, only: readonly string[]): FileSelection {
  if (only.length === 0) throw new CommandError("bad_argument", "there is no pattern for files")
  return selectFiles(layout, only)
}

function changedFiles(layout: FolderLayout, given: readonly number[] | NamedFiles): (index: number) => boolean {
  if (!("names" in given)) {
    const changed = new Set(requireEntries(layout, given))
    return (index) => changed.has(index)
  }
  const { names, isLiteral = false, holding = "" } = given
  const named = isLiteral ? filesAt(layout, names) : filesMatching(layout, names)
  if (holding === "") return (index) => named.has(index)
  const holds = holdingText(holding)
  const isNamed = (index: number) => named.has(index) && holds(layout.path(index))
  for (let index = 0; index < layout.entryCount; index++) if (isNamed(index)) return isNamed
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
