import type { DocumentSnapshot, TreeRow } from "../../../core/index.js"
import { formatBytes, formatCount, formatPercent, fractionOf } from "../../base/format.js"
import { filesWords, listedName } from "../../words/folder-words.js"
import { wantedFilesWords } from "../../words/wanted-words.js"
import { bar } from "../drawing/bar.js"
import { inverted, type Row, type Tone } from "../drawing/cells.js"
import { type Column, itemRow, placeColumns, type SortedTitle, titleRow } from "../drawing/columns.js"
import type { Glyphs } from "../drawing/glyphs.js"
import { widthBesideBar, withScrollBar } from "../drawing/scroll-bar.js"
import { selectedDocument } from "../state/document-order.js"
import { changeOf, type FilesState, filesOf, filesRoom, firstRow, rowAt, rowCountOf } from "../state/files.js"
import type { ScreenState } from "../state/state.js"
import type { Body } from "./body.js"

/** Columns of the cursor, of what is being changed, and of "[x]". */
export const MARKS_WIDTH = 5

/** The files of the selected document: a folder as a tree. At most `height` rows. */
export function filesView(state: ScreenState, glyphs: Glyphs, height: number): Body {
  const document = selectedDocument(state)
  if (document === undefined) return { rows: [[{ text: "No document is selected.", tone: "dim" }]] }
  if (document.isDescribed === false)
    return { rows: [[{ text: "Its files are known when its description has come.", tone: "dim" }]] }
  const files = filesOf(state)
  const count = rowCountOf(files)
  const head = headRow(document, files)
  if (files.shown === undefined || count === 0) return { rows: [head, emptyRow(files)] }
  const room = Math.min(filesRoom(state), height - 2)
  const start = firstRow(state)
  const shown = Math.max(0, Math.min(room, count - start))
  const placed = placeColumns(columnsOf(glyphs), widthBesideBar(state.columns, count, room))
  const rows = Array.from({ length: shown }, (_, place): Row => {
    const row = rowAt(files, start + place)
    // Its page is on its way.
    if (row === undefined) return [{ text: `${" ".repeat(MARKS_WIDTH + 1)}${glyphs.ellipsis}`, tone: "dim" }]
    const isSelected = start + place === files.cursor
    const line = itemRow(placed, lineOf(row, files, isSelected), glyphs.ellipsis)
    return isSelected ? inverted(line) : line
  })
  const extent = { start, shown, count }
  const titles = titleRow(placed, glyphs.ellipsis, sortedTitle(files, glyphs))
  return { rows: [head, titles, ...withScrollBar(rows, extent, state.columns, glyphs)], extent }
}

/** "tree/  1,204 of 30,000 files wanted, 3.20 GiB  filter csv: 12 files, 3.10 MiB" */
function headRow(document: DocumentSnapshot, { filter, shown, isBehind }: FilesState): Row {
  const { name, isFolder, selection, sizeBytes } = document
  const wanted = `${wantedFilesWords(document)} wanted, ${formatBytes(selection?.wantedBytes ?? sizeBytes)}`
  const isFound = filter !== "" && shown !== undefined && shown.filter === filter
  const found = isFound ? `: ${filesWords(shown.page.matchingCount)}, ${formatBytes(shown.page.matchingBytes)}` : ""
  return [
    { text: `${listedName(name, isFolder)}  `, tone: "title" },
    { text: wanted },
    ...(filter === "" ? [] : [{ text: `  filter ${filter}${found}`, tone: "accent" } as const]),
    ...(isBehind && shown !== undefined ? [{ text: "  looking", tone: "dim" } as const] : []),
  ]
}

function emptyRow({ filter, shown }: FilesState): Row {
  if (shown === undefined) return [{ text: "Looking through the files", tone: "dim" }]
  return [{ text: `No file with "${filter}" in its path. Esc shows all.`, tone: "dim" }]
}

/** One row of the tree, ready to be put into columns. */
interface FileLine {
  readonly row: TreeRow
  readonly isSelected: boolean
  readonly isChanging: boolean
  /** Of a folder: of all files below, of some, of none. */
  readonly wanted: "on" | "partly" | "off"
  readonly fraction: number
  readonly tone: Tone
}

function lineOf(row: TreeRow, files: FilesState, isSelected: boolean): FileLine {
  const change = changeOf(files, row.literalPath)
  const wanted = change === undefined ? wantedOf(row) : change.isOn ? "on" : "off"
  const fraction = row.sizeBytes === 0 ? 1 : fractionOf(row.doneBytes, row.sizeBytes)
  const tone = wanted === "off" ? "dim" : fraction === 1 ? "good" : "moving"
  return { row, isSelected, isChanging: change !== undefined && change.isMade !== true, wanted, fraction, tone }
}

function wantedOf(row: TreeRow): FileLine["wanted"] {
  if (row.kind === "file") return row.isWanted ? "on" : "off"
  return row.wantedCount === row.fileCount ? "on" : row.wantedCount === 0 ? "off" : "partly"
}

/** As help says it. */
export const WANTED_MARKS: Readonly<Record<FileLine["wanted"], string>> = { on: "[x]", partly: "[-]", off: "[ ]" }

const TITLES = { path: "Name", size: "Size", done: "Done" } as const

function sortedTitle({ sort }: FilesState, glyphs: Glyphs): SortedTitle {
  return { title: TITLES[sort.column], arrow: sort.descending ? glyphs.down : glyphs.up }
}

const BAR_WIDTH = 12

function columnsOf(glyphs: Glyphs): readonly Column<FileLine>[] {
  const right = "right" as const
  const marks = ({ isSelected, isChanging, wanted }: FileLine): string =>
    `${isSelected ? glyphs.cursor : " "}${isChanging ? glyphs.changing : " "}${WANTED_MARKS[wanted]}`
  return [
    { title: "", width: MARKS_WIDTH, priority: 0, cell: (line) => ({ text: marks(line), tone: line.tone }) },
    {
      title: TITLES.path,
      width: 14,
      flexible: true,
      priority: 0,
      cell: (line, width) => ({ text: nameIn(line.row, width, glyphs), ...(line.wanted === "off" && { tone: "dim" }) }),
    },
    {
      title: "Files",
      width: 15,
      align: right,
      priority: 4,
      cell: ({ row }) => ({ text: countWords(row), tone: "dim" }),
    },
    {
      title: TITLES.size,
      width: 8,
      align: right,
      priority: 2,
      cell: ({ row }) => ({ text: formatBytes(row.sizeBytes) }),
    },
    { title: TITLES.done, width: 7, align: right, priority: 1, cell: ({ row }) => ({ text: doneWords(row) }) },
    {
      title: "",
      width: BAR_WIDTH,
      priority: 3,
      cell: ({ fraction, tone }, width) => ({ text: bar(fraction, width, glyphs), tone, isBar: true }),
    },
  ]
}

/** Deep rows are set in no further than half of the column. */
function nameIn(row: TreeRow, width: number, glyphs: Glyphs): string {
  const indent = " ".repeat(Math.min(2 * row.depth, Math.floor(width / 2)))
  if (row.kind === "file") return `${indent}  ${row.name}`
  return `${indent}${row.isOpen ? glyphs.opened : glyphs.closed} ${row.name}/`
}

/** "1,204/30,000" of a folder that is partly wanted, else "30,000". */
function countWords(row: TreeRow): string {
  if (row.kind === "file") return ""
  const { wantedCount, fileCount } = row
  const isPartly = wantedCount > 0 && wantedCount < fileCount
  return isPartly ? `${formatCount(wantedCount)}/${formatCount(fileCount)}` : formatCount(fileCount)
}

function doneWords({ doneBytes, sizeBytes }: TreeRow): string {
  return sizeBytes === 0 ? "" : formatPercent(doneBytes, sizeBytes)
}
