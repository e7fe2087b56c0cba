import { CommandError } from "../base/errors.js"
import type { Steps } from "../base/steps.js"
import { FileSelection } from "./file-selection.js"
import type { FolderLayout } from "./folder-layout.js"

/** Stands for the whole folder: no file is called so. */
const WHOLE_FOLDER = "."

/** Paths that are compared with every file. Our choice: 300,000 files take less than a second. */
const MAX_FOLDERS = 100

/** Paths that are compared in one step. Our choice: some milliseconds. */
const COMPARED_AT_ONCE = 16_384

/**
 * The files at these paths and below them, taken as they are, in steps; "." is the whole folder. At least one path.
 * @throws CommandError "no_such_file" for a path without a file, "bad_argument" for none, or for too many folders.
 */
export function* findingFilesAt(layout: FolderLayout, paths: readonly string[]): Steps<FileSelection> {
  if (paths.length === 0) throw new CommandError("bad_argument", "there is no path of a file")
  const missing = new Set(paths.map((path) => path.replace(/(?<=.)\/+$/, "")))
  const isWhole = missing.delete(WHOLE_FOLDER)
  const marks = new Uint8Array(layout.entryCount)
  yield* markingFiles(layout, missing, marks)
  if (missing.size > MAX_FOLDERS)
    throw new CommandError("bad_argument", `there are more than ${MAX_FOLDERS} paths of folders`)
  for (const folder of missing)
    if (!(yield* markingBelow(layout, `${folder}/`, marks)))
      throw new CommandError("no_such_file", `the folder has no file and no folder at "${folder}"`)
  return FileSelection.of(layout, isWhole ? marks.fill(1) : marks)
}

/** Takes the paths of files out of `paths`. */
function* markingFiles(layout: FolderLayout, paths: Set<string>, marks: Uint8Array): Steps<void> {
  for (let index = 0; index < layout.entryCount && paths.size > 0; index++) {
    if (!layout.isPadding(index) && paths.delete(layout.path(index))) marks[index] = 1
    if (index % COMPARED_AT_ONCE === 0) yield
  }
}

/** False when there is no file below. */
function* markingBelow(layout: FolderLayout, folder: string, marks: Uint8Array): Steps<boolean> {
  let isAny = false
  for (let index = 0; index < layout.entryCount; index++) {
    if (index % COMPARED_AT_ONCE === 0) yield
    if (layout.isPadding(index) || !layout.path(index).startsWith(folder)) continue
    isAny = true
    marks[index] = 1
  }
  return isAny
}

/** Whether a path holds a text, in any case. One letter may be typed and stored as one code point or as two. */
export function holdingText(text: string): (path: string) => boolean {
  const wanted = inCase(text)
  return (path) => inCase(path).includes(wanted)
}

export function inCase(text: string): string {
  return text.normalize("NFC").toLowerCase()
}
