import { type Cell, fitRow, type Row } from "./cells.js"
import type { Glyphs } from "./glyphs.js"

/** Where a list stands: lines [start, start + shown) of `count`. */
export interface Extent {
  readonly start: number
  readonly shown: number
  readonly count: number
}

/** Columns that a scroll bar takes, with the gap before it. */
const BAR_WIDTH = 2

/** The columns that a list of `count` lines has when `room` are in sight. */
export function widthBesideBar(columns: number, count: number, room: number): number {
  return count > room ? columns - BAR_WIDTH : columns
}

/** The rows with a bar at the right end that shows which of all lines are in sight; as they are when all are. */
export function withScrollBar(rows: readonly Row[], extent: Extent, columns: number, glyphs: Glyphs): readonly Row[] {
  const { start, count } = extent
  if (count <= rows.length || rows.length === 0) return rows
  const size = Math.max(1, Math.round((rows.length * rows.length) / count))
  const last = count - rows.length
  const top = Math.round((Math.min(start, last) / last) * (rows.length - size))
  return rows.map((row, place): Row => {
    const isThumb = place >= top && place < top + size
    const bar: Cell = { text: ` ${isThumb ? glyphs.scrollThumb : glyphs.scrollTrack}`, tone: "dim", isBar: true }
    return [...fitRow(row, columns - BAR_WIDTH, glyphs.ellipsis), bar]
  })
}
