import { namesApart } from "../../words/document-names.js"
import { bar } from "../drawing/bar.js"
import { inverted, type Row } from "../drawing/cells.js"
import { type Column, itemRow, placeColumns, type SortedTitle, titleRow } from "../drawing/columns.js"
import type { Glyphs } from "../drawing/glyphs.js"
import { isRoomy } from "../drawing/layout.js"
import { widthBesideBar, withScrollBar } from "../drawing/scroll-bar.js"
import { type Listed, listed, placeInList } from "../state/document-order.js"
import type { ScreenState, SortColumn } from "../state/state.js"
import { windowStart } from "../state/window.js"
import type { Body } from "./body.js"
import { documentPanel, panelHeight } from "./document-panel.js"
import { type ListLine, lineOfDocument, lineOfJob, rateCell } from "./list-line.js"
import { STANDING_WORDS } from "./status-words.js"
import { totalLine } from "./total-line.js"

/** The home screen: every document in one line, and the selected one below in more. At most `height` rows. */
export function documentsView(state: ScreenState, glyphs: Glyphs, height: number): Body {
  const lines = listed(state)
  const { documents, jobs } = state.snapshot
  if (documents.length === 0 && jobs.length === 0) return { rows: emptyList() }
  if (lines.length === 0) return { rows: nothingShown(state) }
  const below = isRoomy(state) ? 1 : 0
  const { start, room } = listWindow(state, glyphs, height)
  const shown = lines.slice(start, start + room)
  const extent = { start, shown: shown.length, count: lines.length }
  const width = widthBesideBar(state.columns, lines.length, room)
  const placed = placeColumns(listColumns(glyphs, barWidth(width)), width)
  const names = namesApart(documents)
  const rows = shown.map((line): Row => {
    const isSelected = line.id === state.selectedId
    const row = itemRow(placed, { ...shownLine(line, names, state), isSelected }, glyphs.ellipsis)
    return isSelected ? inverted(row) : row
  })
  const list = [
    titleRow(placed, glyphs.ellipsis, sortedTitle(state, glyphs)),
    ...withScrollBar(rows, extent, state.columns, glyphs),
  ]
  if (!isRoomy(state)) return { rows: list, extent }
  const left = height - list.length - below
  return { rows: [...list, totalLine(state, glyphs), ...documentPanel(state, glyphs, left)], extent }
}

/** The lines of the list that are in sight: the first of them, and how many there is room for. */
export function listWindow(state: ScreenState, glyphs: Glyphs, height: number): { start: number; room: number } {
  const lines = listed(state)
  const below = isRoomy(state) ? 1 : 0
  const panel = isRoomy(state) ? panelHeight(state, glyphs, height - 1 - below - lines.length) : 0
  const room = Math.max(1, height - 1 - below - panel)
  return { start: windowStart(lines.length, room, placeInList(state, state.selectedId) ?? 0), room }
}

function shownLine(line: Listed, names: ReadonlyMap<string, string>, state: ScreenState): ListLine {
  if (line.kind === "job") return lineOfJob(line.job)
  return lineOfDocument(line.document, names.get(line.id) ?? line.document.name, state)
}

const TITLES: Readonly<Record<Exclude<SortColumn, "attention" | "added">, string>> = {
  name: "Name",
  size: "Size",
  done: "Done",
  down: "Down",
  up: "Up",
  peers: "Peers",
  eta: "ETA",
  ratio: "Ratio",
}

/** The title of the column that the list is sorted by, and what it becomes with its arrow. */
function sortedTitle({ sort }: ScreenState, glyphs: Glyphs): SortedTitle | undefined {
  if (sort.column === "attention" || sort.column === "added") return undefined
  return { title: TITLES[sort.column], arrow: sort.descending ? glyphs.down : glyphs.up }
}

type ShownLine = ListLine & { readonly isSelected: boolean }

/** On a wide screen names have room enough, and a longer bar says more. */
function barWidth(columns: number): number {
  return Math.max(16, Math.floor((columns - 60) / 3))
}

function listColumns(glyphs: Glyphs, barWidth: number): readonly Column<ShownLine>[] {
  const right = "right" as const
  const marks = ({ isSelected, isMarked, isUnseen, letter, isPrivate }: ShownLine): string =>
    `${isSelected ? glyphs.cursor : " "}${isMarked ? glyphs.marked : isUnseen ? glyphs.unseen : " "}${letter}${isPrivate ? glyphs.lock : " "}`
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
    { title: TITLES.ratio, width: 6, align: right, priority: 7, cell: ({ ratio }) => ({ text: ratio }) },
  ]
}

function nothingShown({ filter, standing }: ScreenState): readonly Row[] {
  const named = filter === "" ? "" : ` with "${filter}" in its name`
  const at = standing === undefined ? "" : ` ${STANDING_WORDS[standing]}`
  return [[{ text: `No document${at}${named}. Esc shows all.`, tone: "dim" }]]
}

function emptyList(): readonly Row[] {
  return [
    [],
    [{ text: "  Nothing is shared here yet.", tone: "title" }],
    [],
    [{ text: "  Press u to share a file:   upload <path_to_file>" }],
    [{ text: "  Press d to fetch one:      download <torrent_or_link> [path_to_file]" }],
    [{ text: "  Press ? for all keys and commands.", tone: "dim" }],
  ]
}
