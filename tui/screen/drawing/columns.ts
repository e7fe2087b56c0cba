import { type Align, type Cell, fitText, type Row } from "./cells.js"

/** One column of a table of `T`. */
export interface Column<T> {
  readonly title: string
  /** Columns of the terminal; a flexible one takes what is left, at least this. */
  readonly width: number
  readonly flexible?: boolean
  readonly align?: Align
  /** 0 is never dropped; the highest goes first when the screen is narrow. */
  readonly priority: number
  /** Text of any width, or glyphs that are already as wide as `width`. */
  cell(item: T, width: number): Cell
}

interface PlacedColumn<T> {
  readonly column: Column<T>
  readonly width: number
}

const GAP = 1

/** The columns that fit into `width`, in their order, with their final widths. */
export function placeColumns<T>(columns: readonly Column<T>[], width: number): readonly PlacedColumn<T>[] {
  let shown = columns
  while (shown.length > 1 && neededWidth(shown) > width) {
    const dropped = shown.reduce((worst, column) => (column.priority >= worst.priority ? column : worst))
    if (dropped.priority === 0) break
    shown = shown.filter((column) => column !== dropped)
  }
  const spare = Math.max(0, width - neededWidth(shown))
  return shown.map((column) => ({ column, width: column.flexible === true ? column.width + spare : column.width }))
}

function neededWidth<T>(columns: readonly Column<T>[]): number {
  return columns.reduce((sum, column) => sum + column.width, GAP * (columns.length - 1))
}

/** The title that a table is sorted by, with the arrow that says which way. */
export interface SortedTitle {
  readonly title: string
  readonly arrow: string
}

/** The line of titles. */
export function titleRow<T>(placed: readonly PlacedColumn<T>[], ellipsis: string, sorted?: SortedTitle): Row {
  return spaced(
    placed.map(({ column, width }): Cell => {
      const isSorted = column.title === sorted?.title
      const title = isSorted ? sorted.arrow + column.title : column.title
      return { text: fitText(title, width, ellipsis, column.align), tone: isSorted ? "accent" : "dim" }
    }),
  )
}

export function itemRow<T>(placed: readonly PlacedColumn<T>[], item: T, ellipsis: string): Row {
  return spaced(
    placed.map(({ column, width }) => {
      const cell = column.cell(item, width)
      return { ...cell, text: fitText(cell.text, width, ellipsis, column.align) }
    }),
  )
}

/** Gaps between the cells; neighbours in one style are joined, so that there is less to lay out. */
function spaced(cells: readonly Cell[]): Row {
  const row: Cell[] = []
  const gap = " ".repeat(GAP)
  for (const [index, cell] of cells.entries()) {
    if (index > 0) append(row, cell.isBar === true ? { text: gap } : { ...cell, text: gap })
    append(row, cell)
  }
  return row
}

function append(row: Cell[], cell: Cell): void {
  const last = row.at(-1)
  if (last !== undefined && last.tone === cell.tone && last.isBar === cell.isBar)
    row[row.length - 1] = { ...last, text: last.text + cell.text }
  else row.push(cell)
}
