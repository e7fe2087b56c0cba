import { Text } from "ink"
import { memo, type ReactElement } from "react"
import type { Cell, Row } from "../cells.js"
import { STYLES } from "./styles.js"

/**
 * One line of the screen: one node to lay out, whose cells are only styles. Drawn again only when something in it has
 * changed.
 */
export const ScreenRow = memo(function ScreenRow({ row }: { readonly row: Row }): ReactElement {
  return (
    <Text>
      {withoutPadding(row).map((cell, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a cell has no identity but its place in the line
        <Text key={place} {...STYLES[cell.tone ?? "plain"]} inverse={cell.inverse === true}>
          {cell.text}
        </Text>
      ))}
    </Text>
  )
}, sameRow)

/** Ink takes every character of every line apart in every frame; the blanks at the end are there without being drawn. */
function withoutPadding(row: Row): Row {
  const last = row.at(-1)
  const isPadding = last !== undefined && last.inverse !== true && last.text.trim() === ""
  return isPadding && row.length > 1 ? row.slice(0, -1) : isPadding ? [{ text: " " }] : row
}

function sameRow(before: { readonly row: Row }, after: { readonly row: Row }): boolean {
  if (before.row === after.row) return true
  return before.row.length === after.row.length && before.row.every((cell, place) => sameCell(cell, after.row[place]))
}

function sameCell(a: Cell, b: Cell | undefined): boolean {
  return a.text === b?.text && a.tone === b.tone && a.inverse === b.inverse
}
