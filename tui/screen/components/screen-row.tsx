import { Box, Text } from "ink"
import { memo, type ReactElement } from "react"
import type { Cell, Row } from "../cells.js"
import { STYLES } from "./styles.js"

/** One line of the screen. Drawn again only when something in it has changed. */
export const ScreenRow = memo(function ScreenRow({ row }: { readonly row: Row }): ReactElement {
  return (
    <Box height={1} flexShrink={0}>
      {row.map((cell, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a cell has no identity but its place in the line
        <Text key={place} {...STYLES[cell.tone ?? "plain"]} inverse={cell.inverse === true}>
          {cell.text}
        </Text>
      ))}
    </Box>
  )
}, sameRow)

function sameRow(before: { readonly row: Row }, after: { readonly row: Row }): boolean {
  if (before.row === after.row) return true
  return before.row.length === after.row.length && before.row.every((cell, place) => sameCell(cell, after.row[place]))
}

function sameCell(a: Cell, b: Cell | undefined): boolean {
  return a.text === b?.text && a.tone === b.tone && a.inverse === b.inverse
}
