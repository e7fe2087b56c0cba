import type { RowCell } from "./row-cells.js"
import { ASCII, at, atColumn, ERASE_TO_END } from "./sequences.js"

/** To go over fewer cells takes more bytes than to draw them again. */
const SHORTEST_GAP = 5

const NO_STYLE = "\u001B[m"
const BLANK: RowCell = { text: " ", style: "", isNarrow: true }

/** Styles that show on a blank: inverse, underline, a background. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const SHOWS_ON_BLANK = /\u001B\[(7|4|4[0-8][\d;]*|10[0-7])m/

/** Lines and blocks take two columns on some terminals for Chinese, Japanese and Korean (UAX #11, "ambiguous"). */
function isAmbiguous(cell: RowCell | undefined): boolean {
  return cell !== undefined && !ASCII.test(cell.text)
}

/**
 * Draws the columns of a row that differ from those that are there, 0-based row. Undefined where the row has to be drawn whole: a
 * character whose width a terminal may see differently has changed, or has moved.
 */
export function changedCells(before: readonly RowCell[], now: readonly RowCell[], row: number): string | undefined {
  const pen = new Pen(row)
  for (let column = 0; column < now.length; column++) {
    const [old, cell] = [before[column] ?? BLANK, now[column] ?? BLANK]
    if (isAlike(old, cell)) continue
    if (!old.isNarrow || !cell.isNarrow) return undefined
    pen.goTo(column, now)
    pen.draw(cell)
  }
  if (before.slice(now.length).some(({ isNarrow }) => !isNarrow)) return undefined
  if (before.length > now.length) pen.eraseFrom(now.length, now)
  return pen.end()
}

function isAlike(a: RowCell, b: RowCell): boolean {
  if (a.text !== b.text || a.isNarrow !== b.isNarrow) return false
  return a.style === b.style || (isEmpty(a) && isEmpty(b))
}

/** A blank looks the same in most styles. */
function isEmpty({ text, style }: RowCell): boolean {
  return text === " " && !SHOWS_ON_BLANK.test(style)
}

/** Collects what is written of one row, and knows where the terminal's cursor stands and in which style it writes. */
class Pen {
  readonly #row: number
  #drawn = ""
  #style = ""
  /** Undefined: nothing is drawn yet. */
  #column: number | undefined
  /** Was the last character ASCII, so that the cursor stands where it should on every terminal? */
  #isSure = true

  constructor(row: number) {
    this.#row = row
  }

  goTo(column: number, cells: readonly RowCell[]): void {
    if (this.#column === undefined) this.#drawn += at(this.#row, column)
    else if (this.#canDrawOver(column, cells)) for (const cell of cells.slice(this.#column, column)) this.draw(cell)
    else if (column !== this.#column || !(this.#isSure || isAmbiguous(cells[column]))) this.#drawn += atColumn(column)
    this.#column = column
  }

  draw(cell: RowCell): void {
    if (!isEmpty(cell) || SHOWS_ON_BLANK.test(this.#style)) this.#wear(cell.style)
    this.#drawn += cell.text
    this.#column = (this.#column ?? 0) + 1
    this.#isSure = !isAmbiguous(cell)
  }

  eraseFrom(column: number, cells: readonly RowCell[]): void {
    this.goTo(column, cells)
    this.#wear("")
    this.#drawn += ERASE_TO_END
  }

  end(): string {
    this.#wear("")
    return this.#drawn
  }

  #canDrawOver(column: number, cells: readonly RowCell[]): boolean {
    const from = this.#column ?? column
    if (column - from >= SHORTEST_GAP) return false
    const between = cells.slice(from, column)
    return this.#isSure && between.every((cell) => cell.style === this.#style && !isAmbiguous(cell))
  }

  #wear(style: string): void {
    if (style.startsWith(this.#style)) this.#drawn += style.slice(this.#style.length)
    else this.#drawn += NO_STYLE + style
    this.#style = style
  }
}
