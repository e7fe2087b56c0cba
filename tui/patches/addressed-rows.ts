import textWidth, { isNarrow } from "../screen/drawing/text-width.js"

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
const ERASE_TO_END = "\u001B[K"

/** Moves to a place of the screen, 0-based. */
const at = (row: number, column: number): string => `\u001B[${row + 1};${column + 1}H`

/**
 * Takes the place of Ink 6.8's log-update in the bundled programs (patches.ts). That one goes from line to line by counting them,
 * so that one line which the terminal breaks shifts all that is drawn after it. Here each row that has changed is addressed by its
 * number, and so is the column behind every character whose width a terminal may see differently.
 */
function create(stream: Stream): Renderer {
  let shown: readonly string[] = []
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
    const rows = changedRows(shown, lines, stream)
    if (rows === "" && isSamePlace(shownCursor, next)) return false
    const hidden = shownCursor === undefined ? "" : HIDE_CURSOR
    const placed = next === undefined ? "" : at(next.y, next.x) + SHOW_CURSOR
    stream.write(hidden + rows + placed)
    shown = lines
    shownCursor = next
    return true
  }
  return Object.assign(render, {
    clear: (): void => {
      stream.write(changedRows(shown, [], stream))
      forget()
    },
    done: forget,
    sync: (frame: string): void => {
      shown = linesOf(frame)
    },
    setCursorPosition: (position: CursorPosition | undefined): void => {
      cursor = position
      isCursorSet = true
    },
    isCursorDirty: (): boolean => isCursorSet,
    willRender: (frame: string): boolean =>
      !isSamePlace(shownCursor, wanted()) || linesOf(frame).join("\n") !== shown.join("\n"),
  })
}

function linesOf(frame: string): readonly string[] {
  return (frame.endsWith("\n") ? frame.slice(0, -1) : frame).split("\n")
}

function isSamePlace(a: CursorPosition | undefined, b: CursorPosition | undefined): boolean {
  return a?.x === b?.x && a?.y === b?.y
}

/** The rows that differ, each at its place. Rows below the last one of the terminal would all land on that. */
function changedRows(before: readonly string[], now: readonly string[], { columns, rows }: Stream): string {
  let drawn = ""
  for (let row = 0; row < Math.min(rows, Math.max(before.length, now.length)); row++) {
    const [old = "", line = ""] = [before[row], now[row]]
    if (before[row] === now[row]) continue
    const kept = isNarrow(old) && isNarrow(line) ? keptLength(old, line) : 0
    drawn += at(row, textWidth(line.slice(0, kept))) + placedLine(line, kept, columns)
  }
  return drawn
}

/** Sequences that end one style, and all of them. */
const ENDS_ONE = /^(2[2-79]|39|49|5[459])$/

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const SEQUENCE = /\u001B\[([\d;:]*)m/g

/** How much of the beginning of `line` is on the screen as part of `old`: up to a place where no style is open. */
function keptLength(old: string, line: string): number {
  let same = 0
  while (same < line.length && line[same] === old[same]) same++
  let openStyles = 0
  let end = 0
  let kept = 0
  for (const { 0: sequence, 1: codes = "", index } of line.matchAll(SEQUENCE)) {
    // Between two sequences every place is as good as the last of them.
    if (openStyles === 0) kept = Math.min(same, index)
    end = index + sequence.length
    if (end > same) return kept
    if (codes === "" || codes === "0") openStyles = 0
    else openStyles += ENDS_ONE.test(codes) ? -1 : 1
    if (openStyles === 0) kept = end
  }
  return openStyles === 0 ? same : kept
}

/** Styles, characters that are one cell wide everywhere, and the others. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const PIECES = /\u001B\[[\d;:]*m|[\x20-\x7E]+|[^\x20-\x7E\u001B]+|\u001B/g

/** A line in which a width that the terminal sees differently costs the cells of that character alone. */
function placedLine(line: string, kept: number, columns: number): string {
  // Behind a full line the cursor stands on its last character, which would be erased with the rest.
  if (isNarrow(line)) return line.slice(kept) + (textWidth(line) < columns ? ERASE_TO_END : "")
  // What was there shows through where the terminal takes fewer cells.
  let placed = ERASE_LINE
  let column = 0
  for (const [piece] of line.matchAll(PIECES)) {
    placed += piece
    if (piece.startsWith("\u001B")) continue
    column += textWidth(piece)
    if (!isNarrow(piece)) placed += `\u001B[${column + 1}G`
  }
  return placed
}

export default { create }
