/**
 * Files of a folder document that are to be wanted. `only`: the files that match one of these patterns, at least one. `add`, `drop`: files
 * added to or taken out of those that are wanted now, by their `index` of a `FileRow` or by name. Plain values, because commands also arrive
 * as JSON.
 */
export type FileChoice =
  | { readonly only: readonly string[] }
  | { readonly add: readonly number[] | NamedFiles }
  | { readonly drop: readonly number[] | NamedFiles }

/** Files of a folder by their paths. */
export interface NamedFiles {
  /** At least one: patterns, or with `isLiteral` paths of files and folders as they are, "." for the whole folder. */
  readonly names: readonly string[]
  readonly isLiteral?: boolean | undefined
  /** Of these files only those whose path holds this text, in any case. */
  readonly holding?: string | undefined
}

/** The wanted files of a folder document of which not all files are wanted. */
export interface SelectionSnapshot {
  /** The patterns, as typed; empty when files were chosen one by one. */
  readonly only: readonly string[]
  readonly wantedFiles: number
  /** Bytes of those files. */
  readonly wantedBytes: number
  /** Parts that hold a byte of a wanted file, and their bytes. Without a missing one the download is complete. */
  readonly partCount: number
  readonly partBytes: number
  /** Those of them that are verified and on disk. While "checking" an estimate. */
  readonly haveCount: number
  readonly haveBytes: number
}

export type FileSort = "path" | "size" | "done"

/** One page of a document's files. */
export interface FilesQuery {
  /** Part of a path, in any case. */
  readonly filter?: string | undefined
  /** "done": by the done share. Files that are equal are in the order of the document. */
  readonly sort: FileSort
  readonly descending?: boolean | undefined
  /** 0-based number of the first row among the matching files. */
  readonly from: number
  /** At most MAX_FILE_ROWS. */
  readonly count: number
}

/** Most rows of one page; our choice: more than a screen shows. */
export const MAX_FILE_ROWS = 1_000

export interface FileRow {
  /** The file's place in the document: stays the same under every filter and order. */
  readonly index: number
  /** Components joined by "/", fit to show. */
  readonly path: string
  /** Bytes. */
  readonly size: number
  readonly wanted: boolean
  /** Bytes of it in verified parts on disk. */
  readonly doneBytes: number
  readonly executable: boolean
}

export interface FilesPage {
  /** Files of the document, without padding. */
  readonly total: number
  /** Files that match the filter. */
  readonly matching: number
  readonly wantedFiles: number
  readonly wantedBytes: number
  readonly rows: readonly FileRow[]
}
