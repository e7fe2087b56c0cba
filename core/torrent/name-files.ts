import { CommandError } from "../base/errors.js"
import { FileSelection } from "./file-selection.js"
import type { FolderLayout } from "./folder-layout.js"

/** Stands for the whole folder: no file is called so. */
const WHOLE_FOLDER = "."

/** Paths that are compared with every file. Our choice: 300,000 files take less than a second. */
const MAX_FOLDERS = 100

/**
 * The files at these paths and below them, taken as they are; "." is the whole folder. At least one path.
 * @throws CommandError "no_such_file" for a path without a file, "bad_argument" for none, or for too many folders.
 */
export function filesAt(layout: FolderLayout, paths: readonly string[]): FileSelection {
  if (paths.length === 0) throw new CommandError("bad_argument", "there is no path of a file")
  const missing = new Set(paths.map((path) => path.replace(/(?<=.)\/+$/, "")))
  const isWhole = missing.delete(WHOLE_FOLDER)
  const wanted = exactFiles(layout, missing)
  if (missing.size > MAX_FOLDERS)
    throw new CommandError("bad_argument", `there are more than ${MAX_FOLDERS} paths of folders`)
  for (const folder of missing)
    if (!addBelow(layout, `${folder}/`, wanted))
      throw new CommandError("no_such_file", `the folder has no file and no folder at "${folder}"`)
  return new FileSelection(layout, (index) => isWhole || wanted.has(index))
}

/** Takes the paths of files out of `paths`. */
function exactFiles(layout: FolderLayout, paths: Set<string>): Set<number> {
  const wanted = new Set<number>()
  for (let index = 0; index < layout.entryCount && paths.size > 0; index++)
    if (!layout.isPadding(index) && paths.delete(layout.path(index))) wanted.add(index)
  return wanted
}

/** False when there is no file below. */
function addBelow(layout: FolderLayout, folder: string, wanted: Set<number>): boolean {
  let isAny = false
  for (let index = 0; index < layout.entryCount; index++) {
    if (layout.isPadding(index) || !layout.path(index).startsWith(folder)) continue
    isAny = true
    wanted.add(index)
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
