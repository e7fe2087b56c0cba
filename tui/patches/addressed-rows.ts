import textWidth, { isNarrow } from "../screen/drawing/text-width.js"
import { changedCells } from "./changed-cells.js"
import { cellsOf, piecesOf, type RowCell } from "./row-cells.js"
import { ASCII, at, atColumn, ERASE_TO_END } from "./sequences.js"

interface Stream {
  readonly columns: number
  readonly rows: number
  write(chunk: string): unknown
}

interface CursorPosition {
  /** Column and row, 0-based. */
  readonly x: number
  readonly y: number
}

/** What Ink 6.8 makes with `logUpdate.create`: a function that draws a frame, with these members. */
interface Renderer {
  /** Draws what differs from the frame before; `frame` ends in a line break unless it fills the screen. */
  (frame: string): boolean
  clear(): void
  done(): void
  sync(frame: string): void
  setCursorPosition(position: CursorPosition | undefined): void
  isCursorDirty(): boolean
  willRender(frame: string): boolean
}

const HIDE_CURSOR = "\u001B[?25l"
const SHOW_CURSOR = "\u001B[?25h"
const ERASE_LINE = "\u001B[2K"

/**
 * Takes the place of Ink 6.8's log-update in the bundled programs (patches.ts). That one goes from line to line by counting them,
 * so that one line which the terminal breaks shifts all that is drawn after it. Here each row that has changed is addressed by its
 * number, and so is the column behind every character whose width a terminal may see differently.
 */
function create(stream: Stream): Renderer {
  let shown: readonly ShownRow[] = []
  let shownCursor: CursorPosition | undefined
  let cursor: CursorPosition | undefined
  let isCursorSet = false
  const wanted = (): CursorPosition | undefined => (isCursorSet ? cursor : undefined)
  const forget = (): void => {
    shown = []
    shownCursor = undefined
  }
  const render = (frame: string): boolean => {
    const lines = linesOf(frame)
    const next = wanted()
    isCursorSet = false
    const rows = drawRows(shown, lines, stream)
    shown = rows.shown
    if (rows.drawn === "" && isSamePlace(shownCursor, next)) return false
    const hidden = shownCursor === undefined ? "" : HIDE_CURSOR
    const placed = next === undefined ? "" : at(next.y, next.x) + SHOW_CURSOR
    stream.write(hidden + rows.drawn + placed)
    shownCursor = next
    return true
  }
  return Object.assign(render, {
    clear: (): void => {
      stream.write(drawRows(shown, [], stream).drawn)
      forget()
    },
    done: forget,
    sync: (frame: string): void => {
      shown = linesOf(frame).map((line) => ({ line, cells: undefined, changes: 0 }))
    },
    setCursorPosition: (position: CursorPosition | undefined): void => {
      cursor = position
      isCursorSet = true
    },
    isCursorDirty: (): boolean => isCursorSet,
    willRender: (frame: string): boolean => !isSamePlace(shownCursor, wanted()) || !isShown(shown, linesOf(frame)),
  })
}

function linesOf(frame: string): readonly string[] {
  return (frame.endsWith("\n") ? frame.slice(0, -1) : frame).split("\n")
}

function isShown(shown: readonly ShownRow[], lines: readonly string[]): boolean {
  return shown.length === lines.length && lines.every((line, row) => shown[row]?.line === line)
}

function isSamePlace(a: CursorPosition | undefined, b: CursorPosition | undefined): boolean {
  return a?.x === b?.x && a?.y === b?.y
}

/** A row that is on the screen. */
interface ShownRow {
  readonly line: string
  /** Undefined: not worked out yet. */
  cells: readonly RowCell[] | undefined
  /** Changes since it was drawn whole. */
  changes: number
}

/**
 * A row is drawn whole after as many changes in single cells: what another program has written there, or a terminal that sees a width
 * differently has left there, goes away.
 */
const CHANGES_BETWEEN_WHOLE = 50

/** The rows that differ, each at its place. Rows below the last one of the terminal would all land on that. */
function drawRows(before: readonly ShownRow[], lines: readonly string[], { columns, rows }: Stream) {
  let drawn = ""
  const shown: ShownRow[] = []
  for (let row = 0; row < Math.max(before.length, lines.length); row++) {
    const old = before[row]
    const line = lines[row] ?? ""
    if (old?.line === line) {
      if (row < lines.length) shown.push(old)
      continue
    }
    const next: ShownRow = { line, cells: undefined, changes: 0 }
    const part = old === undefined ? undefined : changedPart(old, next, row, columns)
    if (part !== undefined) next.changes = (old?.changes ?? 0) + 1
    if (row < rows) drawn += part ?? at(row, 0) + wholeRow(line, columns)
    if (row < lines.length) shown.push(next)
  }
  return { drawn, shown }
}

/** What differs of a row, or undefined where it has to be drawn whole. */
function changedPart(old: ShownRow, next: ShownRow, row: number, columns: number): string | undefined {
  if (old.changes >= CHANGES_BETWEEN_WHOLE) return undefined
  const [before, now] = [knownCells(old), knownCells(next)]
  // A row that was cut at the edge may have left half a character there.
  if (before === undefined || now === undefined || Math.max(before.length, now.length) > columns) return undefined
  return changedCells(before, now, row)
}

function knownCells(row: ShownRow): readonly RowCell[] | undefined {
  if (row.cells === undefined) {
    const pieces = piecesOf(row.line)
    row.cells = pieces && cellsOf(pieces)
  }
  return row.cells
}

/** Styles, characters that are one cell wide everywhere, and the others. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const PIECES = /\u001B\[[\d;:]*m|[\x20-\x7E]+(?!\p{M})|[\x20-\x7E]?[^\x20-\x7E\u001B]+|\u001B/gu

/** A row in which a width that the terminal sees differently costs the cells of that character alone. */
function wholeRow(line: string, columns: number): string {
  const isSure = isNarrow(line)
  // What was there shows through where the terminal takes fewer cells.
  let placed = isSure ? "" : ERASE_LINE
  let column = 0
  let isAway = false
  for (const [piece] of line.matchAll(PIECES)) {
    const isStyle = piece.startsWith("\u001B")
    if (isAway && !isStyle) placed += atColumn(column)
    placed += piece
    if (isStyle) continue
    column += textWidth(piece)
    isAway = !ASCII.test(piece)
  }
  // Behind a full line the cursor stands on its last character, which would be erased with the rest.
  return isSure && column < columns ? `${placed}${ERASE_TO_END}` : placed
}

export default { create }
