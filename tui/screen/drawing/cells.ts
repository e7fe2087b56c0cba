import textWidth from "./text-width.js"

/** Meaning, not colour: components/styles.ts chooses from the terminal's own 16 colours. */
export type Tone = "plain" | "dim" | "title" | "accent" | "good" | "moving" | "busy" | "warn" | "bad"

/** A stretch of one line in one style, already as wide as it will be drawn. */
export interface Cell {
  readonly text: string
  readonly tone?: Tone
  readonly inverse?: boolean
  /** A bar: it would say the opposite when it is inverted. */
  readonly isBar?: boolean
}

/** One line of the screen, left to right. Never wider than the screen. */
export type Row = readonly Cell[]

export type Align = "left" | "right"

const segmenter = new Intl.Segmenter()

/** ASCII without controls: one cell each, no need to ask the width tables. */
const SIMPLE = /^[\x20-\x7e]*$/

/** Columns that `text` takes on a terminal. */
export const widthOf = textWidth

/** `text` cut or padded to exactly `width` columns; what is cut ends in `ellipsis`. Never splits a character. */
export function fitText(text: string, width: number, ellipsis: string, align: Align = "left"): string {
  if (width <= 0) return ""
  const own = widthOf(text)
  if (own <= width) return align === "left" ? text + " ".repeat(width - own) : " ".repeat(width - own) + text
  const cut = cutTo(text, width - 1) + ellipsis
  return cut + " ".repeat(width - widthOf(cut))
}

/** The longest beginning of `text` that is at most `width` columns wide. */
export function cutTo(text: string, width: number): string {
  if (SIMPLE.test(text)) return text.slice(0, Math.max(0, width))
  let taken = ""
  let columns = 0
  for (const { segment } of segmenter.segment(text)) {
    columns += widthOf(segment)
    if (columns > width) break
    taken += segment
  }
  return taken
}

/** `text` as wide as it is, with "?" for every cell of a character that is not ASCII. */
export function asciiText(text: string): string {
  if (SIMPLE.test(text)) return text
  let ascii = ""
  for (const { segment } of segmenter.segment(text))
    ascii += SIMPLE.test(segment) ? segment : "?".repeat(widthOf(segment))
  return ascii
}

/** A row as wide as the screen: cut where it is too long, padded where it is too short. */
export function fitRow(row: Row, width: number, ellipsis: string): Row {
  const cells: Cell[] = []
  let left = width
  for (const cell of row) {
    const own = widthOf(cell.text)
    if (own > left) {
      if (left > 0) cells.push({ ...cell, text: fitText(cell.text, left, ellipsis) })
      return cells
    }
    cells.push(cell)
    left -= own
  }
  if (left > 0) cells.push({ text: " ".repeat(left) })
  return cells
}

/** The row shown as chosen: inverse over its whole width, but for bars. */
export function inverted(row: Row): Row {
  return row.map((cell) => (cell.isBar === true ? cell : { text: cell.text, inverse: true }))
}

export function textOf(row: Row): string {
  return row.map((cell) => cell.text).join("")
}
