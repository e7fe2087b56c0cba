import type { FileSort } from "./selection.js"

/** One page of the files of a folder document as a tree: the rows of open folders, one after the other. */
export interface TreeQuery {
  /** Part of a path, in any case: shows the files that have it, in their folders. */
  readonly filter?: string | undefined
  /** Among those of one folder. "path": by name, folders first. "done": by the done share. */
  readonly sort: FileSort
  readonly descending?: boolean | undefined
  /** Every folder is open, or none, but for those of `except`: numbers of `FolderRow`, at most MAX_EXCEPTIONS. */
  readonly isOpen: boolean
  readonly except: readonly number[]
  /** 0-based number of the first row. */
  readonly from: number
  /** At most MAX_FILE_ROWS. */
  readonly count: number
}

/** Our choice: more than a user opens one by one. */
export const MAX_EXCEPTIONS = 1_000

interface RowOfTree {
  /** 0 at the top. */
  readonly depth: number
  /** The last component of the path, fit to show. */
  readonly name: string
  /** The whole path as the torrent file has it: for commands, not to be shown. */
  readonly literalPath: string
  /** Number of the row of its folder; undefined at the top. */
  readonly parentRow: number | undefined
  readonly sizeBytes: number
  /** Bytes in verified parts on disk. Those of a folder may be a second old. */
  readonly doneBytes: number
}

export interface TreeFileRow extends RowOfTree {
  readonly kind: "file"
  readonly isWanted: boolean
}

/** Its figures are those of the files below it that pass the filter. */
export interface TreeFolderRow extends RowOfTree {
  readonly kind: "folder"
  /** The same for as long as the document is known. */
  readonly folder: number
  readonly isOpen: boolean
  readonly fileCount: number
  readonly wantedCount: number
}

export type TreeRow = TreeFileRow | TreeFolderRow

export interface TreePage {
  /** False while the order is worked out: there are no rows yet, and a change of the snapshot follows. */
  readonly isReady: boolean
  /** Of the whole tree, as far as folders are open. */
  readonly rowCount: number
  /** Files of the document, without padding. */
  readonly fileCount: number
  /** Files that pass the filter, their bytes, and those of them that are wanted. */
  readonly matchingCount: number
  readonly matchingBytes: number
  readonly matchingWanted: number
  readonly rows: readonly TreeRow[]
}
