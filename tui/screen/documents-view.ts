import type { DocumentSnapshot, JobSnapshot } from "../../core/index.js"
import { formatBytes, formatDuration, formatPercent, formatRate, formatRatio, fractionOf } from "../format.js"
import { bar } from "./bar.js"
import { inverted, type Row, type Tone } from "./cells.js"
import { type Column, itemRow, placeColumns, titleRow } from "./columns.js"
import { listedDocuments } from "./document-order.js"
import { documentPanel, PANEL_MIN_ROWS } from "./document-panel.js"
import type { Glyphs } from "./glyphs.js"
import { isRoomy } from "./layout.js"
import type { ScreenState, SortColumn } from "./state.js"
import { windowStart } from "./window.js"

/** The home screen: every document in one line, and the selected one below in more. Exactly `height` rows or fewer. */
export function documentsView(state: ScreenState, glyphs: Glyphs, height: number): readonly Row[] {
  const listed = listedDocuments(state)
  if (listed.length === 0 && state.snapshot.jobs.length === 0) return emptyList(state)
  const panelRows = isRoomy(state) ? Math.max(0, Math.min(height - 4 - listed.length, height - PANEL_MIN_ROWS)) : 0
  const panelHeight = isRoomy(state) ? Math.max(PANEL_MIN_ROWS, panelRows) : 0
  const jobs = state.snapshot.jobs.map((job) => jobRow(job, state.columns, glyphs))
  const list = documentList(state, listed, glyphs, Math.max(2, height - panelHeight - jobs.length))
  const rows = [...list, ...jobs]
  return panelHeight === 0 ? rows : [...rows, ...documentPanel(state, glyphs, height - rows.length)]
}

function documentList(
  state: ScreenState,
  listed: readonly DocumentSnapshot[],
  glyphs: Glyphs,
  height: number,
): readonly Row[] {
  const columns = documentColumns(glyphs, state.marked)
  const placed = placeColumns(columns, state.columns)
  const sorted = state.sort.column === "added" ? "" : TITLES[state.sort.column]
  const room = Math.max(1, height - 1)
  const selected = listed.findIndex((document) => document.id === state.selectedId)
  const start = windowStart(listed.length, room, Math.max(0, selected))
  const rows = listed.slice(start, start + room).map((document) => {
    const row = itemRow(placed, document, glyphs.ellipsis)
    return document.id === state.selectedId ? inverted(row) : row
  })
  return [titleRow(placed, glyphs.ellipsis, sorted), ...rows]
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

const BAR_WIDTH = 16

function documentColumns(glyphs: Glyphs, marked: ReadonlySet<string>): readonly Column<DocumentSnapshot>[] {
  return [
    {
      title: "",
      width: 2,
      priority: 0,
      cell: (document) => ({
        text: (marked.has(document.id) ? glyphs.marked : " ") + stateLetter(document),
        tone: stateTone(document),
      }),
    },
    { title: TITLES.name, width: 16, flexible: true, priority: 0, cell: (document) => ({ text: document.name }) },
    {
      title: TITLES.size,
      width: 8,
      align: "right",
      priority: 3,
      cell: ({ sizeBytes }) => ({ text: formatBytes(sizeBytes) }),
    },
    { title: TITLES.done, width: 6, align: "right", priority: 0, cell: (document) => ({ text: doneText(document) }) },
    {
      title: "",
      width: BAR_WIDTH,
      priority: 5,
      cell: (document, width) => ({ text: bar(doneFraction(document), width, glyphs), tone: stateTone(document) }),
    },
    {
      title: TITLES.down,
      width: 10,
      align: "right",
      priority: 1,
      cell: (document) => rateCell(document.downBytesPerSecond),
    },
    {
      title: TITLES.up,
      width: 10,
      align: "right",
      priority: 4,
      cell: (document) => rateCell(document.upBytesPerSecond),
    },
    {
      title: TITLES.peers,
      width: 7,
      align: "right",
      priority: 6,
      cell: ({ connectedPeers, knownPeers }) => ({ text: `${connectedPeers}/${knownPeers}` }),
    },
    {
      title: TITLES.eta,
      width: 6,
      align: "right",
      priority: 2,
      cell: ({ etaSeconds }) => ({ text: formatDuration(etaSeconds) }),
    },
    {
      title: TITLES.ratio,
      width: 5,
      align: "right",
      priority: 7,
      cell: ({ uploadedBytes, sizeBytes }) => ({ text: formatRatio(uploadedBytes, sizeBytes) }),
    },
  ]
}

function rateCell(bytesPerSecond: number): { text: string; tone?: Tone } {
  return bytesPerSecond > 0 ? { text: formatRate(bytesPerSecond) } : { text: "-", tone: "dim" }
}

/** While checking, what has been looked at; else what is there. */
function doneFraction(document: DocumentSnapshot): number {
  if (document.checkedCount !== undefined) return fractionOf(document.checkedCount, document.partCount)
  return fractionOf(document.haveBytes, document.sizeBytes)
}

function doneText(document: DocumentSnapshot): string {
  if (document.checkedCount !== undefined) return formatPercent(document.checkedCount, document.partCount)
  return formatPercent(document.haveBytes, document.sizeBytes)
}

const LETTERS = { checking: "C", downloading: "D", seeding: "S", paused: "P", failed: "F" } as const

/** A letter for the state; lower case where it wants to move and can't. */
export function stateLetter(document: DocumentSnapshot): string {
  return isWaiting(document) ? "w" : LETTERS[document.state]
}

export function stateTone(document: DocumentSnapshot): Tone {
  if (isWaiting(document)) return "warn"
  const tones = { checking: "busy", downloading: "accent", seeding: "good", paused: "dim", failed: "bad" } as const
  return tones[document.state]
}

function isWaiting(document: DocumentSnapshot): boolean {
  return document.state === "downloading" && document.why !== "" && document.downBytesPerSecond === 0
}

/** Hashing for an upload, shown like a transfer. */
function jobRow(job: JobSnapshot, width: number, glyphs: Glyphs): Row {
  const eta = job.bytesPerSecond > 0 ? (job.totalBytes - job.doneBytes) / job.bytesPerSecond : undefined
  const columns: readonly Column<JobSnapshot>[] = [
    { title: "", width: 2, priority: 0, cell: () => ({ text: " H", tone: "busy" }) },
    { title: "", width: 16, flexible: true, priority: 0, cell: ({ name }) => ({ text: `${name} (hashing)` }) },
    { title: "", width: 8, align: "right", priority: 3, cell: () => ({ text: formatBytes(job.totalBytes) }) },
    {
      title: "",
      width: 6,
      align: "right",
      priority: 0,
      cell: () => ({ text: formatPercent(job.doneBytes, job.totalBytes) }),
    },
    {
      title: "",
      width: BAR_WIDTH,
      priority: 1,
      cell: (_job, cells) => ({ text: bar(fractionOf(job.doneBytes, job.totalBytes), cells, glyphs), tone: "busy" }),
    },
    { title: "", width: 10, align: "right", priority: 2, cell: () => rateCell(job.bytesPerSecond) },
    { title: "", width: 6, align: "right", priority: 2, cell: () => ({ text: formatDuration(eta) }) },
  ]
  return itemRow(placeColumns(columns, width), job, glyphs.ellipsis)
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
