import { bar } from "../drawing/bar.js"
import { inverted, type Row } from "../drawing/cells.js"
import { type Column, itemRow, placeColumns, titleRow } from "../drawing/columns.js"
import type { Glyphs } from "../drawing/glyphs.js"
import { isRoomy } from "../drawing/layout.js"
import { listedDocuments, selectedJob } from "../state/document-order.js"
import type { ScreenState, SortColumn } from "../state/state.js"
import { windowStart } from "../state/window.js"
import { documentPanel, panelHeight } from "./document-panel.js"
import { type ListLine, lineOfDocument, lineOfJob, rateCell } from "./list-line.js"

/** The home screen: every document in one line, and the selected one below in more. Exactly `height` rows or fewer. */
export function documentsView(state: ScreenState, glyphs: Glyphs, height: number): readonly Row[] {
  const listed = listedDocuments(state)
  const { jobs } = state.snapshot
  if (listed.length === 0 && jobs.length === 0) return emptyList(state)
  const placed = placeColumns(listColumns(glyphs, barWidth(state.columns)), state.columns)
  const shown = (id: string, line: ListLine): Row => {
    const isSelected = id === state.selectedId
    const row = itemRow(placed, { ...line, isSelected }, glyphs.ellipsis)
    return isSelected ? inverted(row) : row
  }
  const jobRows = jobs.map((job) => shown(job.id, lineOfJob(job)))
  const panel = isRoomy(state) ? panelHeight(state, glyphs, height - 1 - listed.length) : 0
  const room = Math.max(1, height - 1 - jobRows.length - panel)
  const selected = listed.findIndex((document) => document.id === state.selectedId)
  // What is hashed stands below the last document.
  const inSight = selectedJob(state) === undefined ? selected : listed.length - 1
  const start = windowStart(listed.length, room, Math.max(0, inSight))
  const rows = listed
    .slice(start, start + room)
    .map((document) => shown(document.id, lineOfDocument(document, state.marked.has(document.id))))
  const list = [titleRow(placed, glyphs.ellipsis, sortedTitle(state)), ...rows, ...jobRows]
  return isRoomy(state) ? [...list, ...documentPanel(state, glyphs, height - list.length)] : list
}

const TITLES: Readonly<Record<Exclude<SortColumn, "added">, string>> = {
  name: "Name",
  size: "Size",
  done: "Done",
  down: "Down",
  up: "Up",
  peers: "Peers",
  eta: "ETA",
  ratio: "Ratio",
}

function sortedTitle({ sort }: ScreenState): string {
  return sort.column === "added" ? "" : TITLES[sort.column]
}

type ShownLine = ListLine & { readonly isSelected: boolean }

/** On a wide screen names have room enough, and a longer bar says more. */
function barWidth(columns: number): number {
  return Math.max(16, Math.floor((columns - 60) / 3))
}

function listColumns(glyphs: Glyphs, barWidth: number): readonly Column<ShownLine>[] {
  const right = "right" as const
  const marks = ({ isSelected, isMarked, letter, isPrivate }: ShownLine): string =>
    `${isSelected ? glyphs.cursor : " "}${isMarked ? glyphs.marked : " "}${letter}${isPrivate ? glyphs.lock : " "}`
  return [
    { title: "", width: 4, priority: 0, cell: (line) => ({ text: marks(line), tone: line.tone }) },
    { title: TITLES.name, width: 16, flexible: true, priority: 0, cell: ({ name }) => ({ text: name }) },
    { title: TITLES.size, width: 8, align: right, priority: 3, cell: ({ size }) => ({ text: size }) },
    { title: TITLES.done, width: 6, align: right, priority: 0, cell: ({ done }) => ({ text: done }) },
    {
      title: "",
      width: barWidth,
      priority: 5,
      cell: ({ fraction, tone }, width) => ({ text: bar(fraction, width, glyphs), tone, isBar: true }),
    },
    { title: TITLES.down, width: 10, align: right, priority: 1, cell: ({ down }) => rateCell(down) },
    { title: TITLES.up, width: 10, align: right, priority: 4, cell: ({ up }) => rateCell(up) },
    { title: TITLES.peers, width: 7, align: right, priority: 6, cell: ({ peers }) => ({ text: peers }) },
    { title: TITLES.eta, width: 6, align: right, priority: 2, cell: ({ eta }) => ({ text: eta }) },
    { title: TITLES.ratio, width: 5, align: right, priority: 7, cell: ({ ratio }) => ({ text: ratio }) },
  ]
}

function emptyList(state: ScreenState): readonly Row[] {
  if (state.filter !== "")
    return [[{ text: `No document has "${state.filter}" in its name. Esc shows all.`, tone: "dim" }]]
  return [
    [],
    [{ text: "  Nothing is shared here yet.", tone: "title" }],
    [],
    [{ text: "  Press u to share a file:   upload <path_to_file> <path_to_torrent>" }],
    [{ text: "  Press d to fetch one:      download <path_to_torrent> [path_to_file]" }],
    [{ text: "  Press ? for all keys and commands.", tone: "dim" }],
  ]
}
