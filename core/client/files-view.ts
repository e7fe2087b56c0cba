import type { TreePage, TreeQuery } from "../api/file-tree.js"
import type { FilesPage, FilesQuery } from "../api/selection.js"
import type { ClientResources } from "../document/client-resources.js"
import type { Document } from "../document/document.js"
import { Bitfield } from "../torrent/bitfield.js"
import { FolderLayout } from "../torrent/folder-layout.js"
import { partsOf } from "./document-view.js"
import { DoneFiles } from "./done-files.js"
import { type FilesNow, FileTable } from "./file-table.js"
import { TreeTable } from "./tree-table.js"

/** The table of a document lives as long as the document. */
const TABLES = new WeakMap<Document, FileTable>()
const FULL = new WeakMap<Document, Bitfield>()
const TREES = new WeakMap<Document, TreeTable>()
const DONE = new WeakMap<Document, DoneFiles>()

/** A page of a document's files; a single file is the only one of its document. */
export function viewFiles(document: Document, query: FilesQuery, nowMs: number): FilesPage {
  const table = TABLES.get(document) ?? new FileTable(layoutOf(document), document.lengths)
  TABLES.set(document, table)
  return table.page(query, filesNow(document, nowMs))
}

/** The same as a tree; `changed` is called when a page that was not ready can be had. */
export function viewTree(
  document: Document | undefined,
  query: TreeQuery,
  { clock, changed }: Pick<ClientResources, "clock" | "changed">,
): TreePage | undefined {
  if (document === undefined) return undefined
  const table = TREES.get(document) ?? new TreeTable(layoutOf(document), document.lengths, () => changed())
  TREES.set(document, table)
  return table.page(query, filesNow(document, clock.now()))
}

/** Complete files of those that are wanted, while a folder is downloaded; undefined else, and while its parts are unknown. */
export function countDoneFiles(document: Document, nowMs: number): number | undefined {
  const { files } = document.torrent
  if (files === undefined || !document.isDownload || partsOf(document) === undefined) return undefined
  const done = DONE.get(document) ?? new DoneFiles(files, document.lengths)
  DONE.set(document, done)
  return done.count(filesNow(document, nowMs))
}

function layoutOf({ torrent, name, lengths }: Document): FolderLayout {
  const { sizeBytes } = lengths
  return torrent.files ?? FolderLayout.of([{ path: name, sizeBytes, isPadding: false, isExecutable: false }])
}

function filesNow(document: Document, nowMs: number): FilesNow {
  const { partCount } = document.lengths
  const have = partsOf(document) ?? (document.haveCount === partCount ? fullOf(document, partCount) : undefined)
  return { nowMs, have, selection: document.wanted?.files }
}

/** The same each time, as tables expect it of what has not changed. */
function fullOf(document: Document, partCount: number): Bitfield {
  const full = FULL.get(document) ?? Bitfield.full(partCount)
  FULL.set(document, full)
  return full
}
