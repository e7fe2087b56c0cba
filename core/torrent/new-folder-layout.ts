import { type FolderFile, FolderLayout } from "./folder-layout.js"
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
  const ordered = inOrder(files)
  let partSizeBytes = givenPartSize ?? choosePartSize(ordered.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0))
  for (;;) {
    const layout = FolderLayout.of(withPadding(ordered, partSizeBytes))
    // Padding may make the folder so large that its parts have to be larger.
    const wanted = givenPartSize ?? choosePartSize(layout.sizeBytes)
    if (wanted <= partSizeBytes) return { layout, partSizeBytes }
    partSizeBytes = wanted
  }
}

/** One character per byte of UTF-8: texts of such are compared as their bytes are. */
function inOrder(files: readonly NewFile[]): NewFile[] {
  const keyed = files.map((file) => ({ file, key: keyOf(file.path) }))
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ file }) => file)
}

const NOT_ASCII = /[^\0-\x7f]/

function keyOf(path: string): string {
  return NOT_ASCII.test(path) ? Buffer.from(path).toString("latin1") : path
}

function withPadding(files: readonly NewFile[], partSizeBytes: number): FolderFile[] {
  const entries: FolderFile[] = []
  let offset = 0
  for (const { path, sizeBytes, isExecutable } of files) {
    const over = offset % partSizeBytes
    if (over > 0 && sizeBytes >= partSizeBytes) {
      entries.push(padding(partSizeBytes - over))
      offset += partSizeBytes - over
    }
    entries.push({ path, sizeBytes, isExecutable, isPadding: false })
    offset += sizeBytes
  }
  return entries
}

/** The name that BEP 47 recommends. */
function padding(sizeBytes: number): FolderFile {
  return { path: `.pad/${sizeBytes}`, sizeBytes, isPadding: true, isExecutable: false }
}
