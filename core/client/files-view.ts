import type { FilesPage, FilesQuery } from "../api/selection.js"
import type { Document } from "../document/document.js"
import { Bitfield } from "../torrent/bitfield.js"
import { FolderLayout } from "../torrent/folder-layout.js"
import { partsOf } from "./document-view.js"
import { FileTable } from "./file-table.js"

/** The table of a document lives as long as the document. */
const TABLES = new WeakMap<Document, FileTable>()

/** A page of a document's files; a single file is the only one of its document. */
export function viewFiles(document: Document, query: FilesQuery, nowMs: number): FilesPage {
  const { lengths, torrent, name, haveCount } = document
  const { sizeBytes, partCount } = lengths
  const table =
    TABLES.get(document) ??
    new FileTable(
      torrent.files ?? FolderLayout.of([{ path: name, sizeBytes, isPadding: false, isExecutable: false }]),
      lengths,
    )
  TABLES.set(document, table)
  const have = partsOf(document) ?? (haveCount === partCount ? Bitfield.full(partCount) : undefined)
  return table.page(query, { nowMs, have, selection: document.wanted?.files })
}
