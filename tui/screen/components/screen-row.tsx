import { Text } from "ink"
import { memo, type ReactElement } from "react"
import type { Row } from "../drawing/cells.js"
import type { Styles } from "./styles.js"

interface Props {
  readonly row: Row
  readonly styles: Styles
}

/**
 * One line of the screen: one node to lay out, whose cells are only styles. Drawn again only when it has changed:
 * frame-source.ts keeps those rows that have not.
 */
export const ScreenRow = memo(function ScreenRow({ row, styles }: Props): ReactElement {
  return (
    <Text>
      {withoutPadding(row).map((cell, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a cell has no identity but its place in the line
        <Text key={place} {...styles[cell.tone ?? "plain"]} inverse={cell.inverse === true}>
          {cell.text}
        </Text>
      ))}
    </Text>
  )
})

/** Ink takes every character of every line apart in every frame; the blanks at the end are there without being drawn. */
function withoutPadding(row: Row): Row {
  const last = row.at(-1)
  const isPadding = last !== undefined && last.inverse !== true && last.text.trim() === ""
  return isPadding && row.length > 1 ? row.slice(0, -1) : isPadding ? [{ text: " " }] : row
}
