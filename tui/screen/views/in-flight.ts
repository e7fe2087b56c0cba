import type { PartInFlight } from "../../../core/index.js"
import { formatBytes, formatDuration, formatPercent, formatRate, fractionOf } from "../../base/format.js"
import { bar } from "../drawing/bar.js"
import { type Cell, fitText, type Row } from "../drawing/cells.js"
import { type Column, itemRow, placeColumns, titleRow } from "../drawing/columns.js"
import type { Glyphs } from "../drawing/glyphs.js"
import { widthBesideBar, withScrollBar } from "../drawing/scroll-bar.js"
import type { ScreenState } from "../state/state.js"
import type { Body } from "./body.js"

/**
 * The parts that arrive, from `scroll.parts` on, and below them in one line those that are checked; at most `height` rows. One line a part
 * while there is room for all of them, else several parts a line.
 */
export function inFlightTable(state: ScreenState, glyphs: Glyphs, height: number): Body {
  const { arriving, checking, room } = shapeOf(state, height)
  if (arriving.length + checking.length === 0 || height < 2)
    return { rows: [[{ text: "No part is in flight.", tone: "dim" }]] }
  const below = checking.length === 0 ? [] : [checkingRow(checking, state, glyphs)]
  if (arriving.length === 0 || room < 1) return { rows: below }
  const body = arriving.length > room ? grid(arriving, state, glyphs, room + 1) : table(arriving, state, glyphs)
  return { ...body, rows: [...body.rows, ...below] }
}

function shapeOf({ detail }: ScreenState, height: number) {
  const parts = detail?.inFlight ?? []
  const arriving = parts.filter(({ verifying }) => !verifying)
  const checking = parts.filter(({ verifying }) => verifying)
  return { arriving, checking, room: height - 1 - (checking.length === 0 ? 0 : 1) }
}

/** How far `scroll.parts` goes in as many rows, and how many lines are in sight there. */
export function inFlightScroll(state: ScreenState, height: number): { readonly last: number; readonly page: number } {
  const { arriving, room } = shapeOf(state, height)
  const lines = arriving.length > room ? Math.ceil(arriving.length / partsPerLine(state)) : 0
  return { last: Math.max(0, lines - room - 1), page: Math.max(1, room + 1) }
}

function table(parts: readonly PartInFlight[], state: ScreenState, glyphs: Glyphs): Body {
  const placed = placeColumns(inFlightColumns(glyphs), state.columns)
  return { rows: [titleRow(placed, glyphs.ellipsis), ...parts.map((part) => itemRow(placed, part, glyphs.ellipsis))] }
}

/** Columns of one part in the grid: index, bar, share, rate. */
const GRID = { index: 7, bar: 8, done: 6, rate: 10, gap: 3 } as const
const GRID_WIDTH = GRID.index + GRID.bar + GRID.done + GRID.rate + 3 + GRID.gap

function partsPerLine({ columns }: ScreenState): number {
  return Math.max(1, Math.floor((columns - 2 + GRID.gap) / GRID_WIDTH))
}

function grid(parts: readonly PartInFlight[], state: ScreenState, glyphs: Glyphs, room: number): Body {
  const perRow = partsPerLine(state)
  const lines = Math.ceil(parts.length / perRow)
  const first = state.view === "parts" ? Math.min(state.scroll.parts, Math.max(0, lines - room)) : 0
  const rows: Row[] = []
  for (let line = first; line < Math.min(lines, first + room); line++) {
    const cells = parts.slice(line * perRow, (line + 1) * perRow).flatMap((part) => gridCells(part, glyphs))
    rows.push(cells)
  }
  const start = first * perRow
  const extent = { start, shown: Math.min(parts.length, start + rows.length * perRow) - start, count: parts.length }
  const lineExtent = { start: first, shown: rows.length, count: lines }
  return {
    rows:
      widthBesideBar(state.columns, lines, room) < state.columns
        ? withScrollBar(rows, lineExtent, state.columns, glyphs)
        : rows,
    extent,
  }
}

function gridCells(part: PartInFlight, glyphs: Glyphs): readonly Cell[] {
  const right = (text: string, width: number): string => fitText(text, width, glyphs.ellipsis, "right")
  return [
    { text: `${right(String(part.index), GRID.index)} ` },
    barCell(part, GRID.bar, glyphs),
    { text: ` ${right(doneText(part), GRID.done)} ${right(rateText(part), GRID.rate)}${" ".repeat(GRID.gap)}` },
  ]
}

/** "checking: 17, 18 and 4 more": parts whose bytes are all here. */
function checkingRow(parts: readonly PartInFlight[], { columns }: ScreenState, glyphs: Glyphs): Row {
  const indices = parts.map(({ index }) => String(index))
  const words = (shown: number): string => {
    const rest = indices.length - shown
    return indices.slice(0, shown).join(", ") + (rest > 0 ? ` and ${rest} more` : "")
  }
  let shown = indices.length
  while (shown > 1 && words(shown).length > columns - 12) shown--
  return [{ text: `${glyphs.checking} checking `, tone: "busy" }, { text: words(shown) }]
}

function inFlightColumns(glyphs: Glyphs): readonly Column<PartInFlight>[] {
  const right = "right" as const
  return [
    { title: "Part", width: 7, align: right, priority: 0, cell: ({ index }) => ({ text: String(index) }) },
    { title: "", width: 12, flexible: true, priority: 0, cell: (part, width) => barCell(part, width, glyphs) },
    { title: "Done", width: 6, align: right, priority: 3, cell: (part) => ({ text: doneText(part) }) },
    { title: "Size", width: 8, align: right, priority: 5, cell: (part) => ({ text: formatBytes(part.lengthBytes) }) },
    { title: "Rate", width: 10, align: right, priority: 2, cell: (part) => ({ text: rateText(part) }) },
    { title: "Peer", width: 21, priority: 1, cell: peerCell },
    { title: "Age", width: 6, align: right, priority: 4, cell: (part) => ({ text: ageText(part) }) },
    { title: "Tries", width: 5, align: right, priority: 6, cell: triesCell },
  ]
}

function barCell({ receivedBytes, lengthBytes }: PartInFlight, width: number, glyphs: Glyphs): Cell {
  return { text: bar(fractionOf(receivedBytes, lengthBytes), Math.min(width, MAX_BAR_WIDTH), glyphs), tone: "busy" }
}

function doneText({ receivedBytes, lengthBytes }: PartInFlight): string {
  return formatPercent(receivedBytes, lengthBytes)
}

function peerCell({ peers }: PartInFlight): Cell {
  return peers.length === 0 ? { text: "waits for a peer", tone: "warn" } : { text: peers.join(" ") }
}

/** One that waits does not change: nothing on the screen does. */
function ageText({ ageMs, peers }: PartInFlight): string {
  return peers.length === 0 ? "-" : formatDuration(Math.floor(ageMs / 1000))
}

function triesCell({ retries }: PartInFlight): Cell {
  return { text: String(retries + 1), tone: retries > 0 ? "warn" : "dim" }
}

/** A bar longer than this says no more. */
const MAX_BAR_WIDTH = 60

function rateText({ bytesPerSecond, peers }: PartInFlight): string {
  if (peers.length === 0) return "waits"
  return bytesPerSecond === 0 ? "-" : formatRate(bytesPerSecond)
}
