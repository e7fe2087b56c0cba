import type { TreeFileRow, TreeFolderRow, TreePage, TreeRow } from "../../core/index.js"

/** A row of a tree, with plain values for whatever a test doesn't care about. */
export function fakeFile(path: string, given: Partial<TreeFileRow> = {}): TreeFileRow {
  return { kind: "file", ...placeOf(path), sizeBytes: 1024, doneBytes: 0, isWanted: true, ...given }
}

export function fakeFolder(path: string, given: Partial<TreeFolderRow> = {}): TreeFolderRow {
  const figures = { sizeBytes: 2048, doneBytes: 0, fileCount: 2, wantedCount: 2 }
  return { kind: "folder", ...placeOf(path), ...figures, folder: path.length, isOpen: false, ...given }
}

function placeOf(path: string) {
  const components = path.split("/")
  const [depth, name] = [components.length - 1, components.at(-1) ?? ""]
  return { literalPath: path, depth, name, parentRow: depth === 0 ? undefined : 0 }
}

/** A page with these rows, which are the first of `rowCount`. */
export function fakePage(rows: readonly TreeRow[], given: Partial<TreePage> = {}): TreePage {
  const counts = { rowCount: rows.length, fileCount: 5, matchingCount: 5, matchingBytes: 5120, matchingWanted: 5 }
  return { isReady: true, ...counts, rows, ...given }
}
