import { sortingPlaces } from "../base/sort-in-steps.js"
import { atOnce, type Steps } from "../base/steps.js"
import { type FolderFile, type FolderLayout, FolderLayoutBuilder } from "./folder-layout.js"
import { choosePartSize } from "./part-size.js"

/** A file of a folder that is to be shared. */
export interface NewFile {
  /** Components joined by "/", each a safe one. */
  readonly path: string
  readonly sizeBytes: number
  readonly isExecutable: boolean
}

export interface NewLayout {
  readonly layout: FolderLayout
  readonly partSizeBytes: number
}

/**
 * How a new torrent file orders a folder (docs/engine/file-formats.md#folders): files by the bytes of their paths in UTF-8; one of at least a part
 * begins at the border of a part, after padding where needed, so that its parts have the same digests in the folder's next version.
 */
export function newFolderLayout(files: readonly NewFile[], givenPartSize?: number): NewLayout {
  return atOnce(layingOut(files, givenPartSize))
}

/** The same in steps. */
export function* layingOut(files: readonly NewFile[], givenPartSize?: number): Steps<NewLayout> {
  const ordered = yield* inOrder(files)
  let partSizeBytes = givenPartSize ?? choosePartSize(ordered.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0))
  for (;;) {
    const layout = yield* withPadding(ordered, partSizeBytes)
    // Padding may make the folder so large that its parts have to be larger.
    const wanted = givenPartSize ?? choosePartSize(layout.sizeBytes)
    if (wanted <= partSizeBytes) return { layout, partSizeBytes }
    partSizeBytes = wanted
  }
}

/** Files that are looked at in one step. Our choice: some milliseconds. */
const LOOKED_AT_ONCE = 8_192

/** One character per byte of UTF-8: texts of such are compared as their bytes are. No two files have one path. */
function* inOrder(files: readonly NewFile[]): Steps<NewFile[]> {
  const keys: string[] = []
  for (const { path } of files) if (keys.push(keyOf(path)) % LOOKED_AT_ONCE === 0) yield
  const order = yield* sortingPlaces(files.length, (a, b) => ((keys[a] ?? "") < (keys[b] ?? "") ? -1 : 1))
  const ordered: NewFile[] = []
  for (const at of order) {
    const file = files[at]
    if (file !== undefined && ordered.push(file) % LOOKED_AT_ONCE === 0) yield
  }
  return ordered
}

const NOT_ASCII = /[^\0-\x7f]/

function keyOf(path: string): string {
  return NOT_ASCII.test(path) ? Buffer.from(path).toString("latin1") : path
}

function* withPadding(files: readonly NewFile[], partSizeBytes: number): Steps<FolderLayout> {
  const entries = new FolderLayoutBuilder()
  let offset = 0
  for (const [index, { path, sizeBytes, isExecutable }] of files.entries()) {
    const over = offset % partSizeBytes
    if (over > 0 && sizeBytes >= partSizeBytes) {
      entries.add(padding(partSizeBytes - over))
      offset += partSizeBytes - over
    }
    entries.add({ path, sizeBytes, isExecutable, isPadding: false })
    offset += sizeBytes
    if (index % LOOKED_AT_ONCE === LOOKED_AT_ONCE - 1) yield
  }
  return entries.build()
}

/** The name that BEP 47 recommends. */
function padding(sizeBytes: number): FolderFile {
  return { path: `.pad/${sizeBytes}`, sizeBytes, isPadding: true, isExecutable: false }
}
