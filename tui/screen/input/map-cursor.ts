import { bodyHeight, headerRows } from "../drawing/layout.js"
import type { ScreenState } from "../state/state.js"
import { partsOfRun, runOfPart } from "../views/parts-map.js"
import { partsLayout, rowsAboveMap } from "../views/parts-view.js"

/** Moves the cursor of the map by cells or by rows; the first move puts it on the first cell. */
export function moveCell(state: ScreenState, step: { readonly runs: number } | { readonly rows: number }): ScreenState {
  const layout = partsLayout(state, bodyHeight(state))
  if (layout === undefined) return state
  if (state.mapCursor === undefined) return { ...state, mapCursor: 0 }
  const by = "runs" in step ? step.runs : step.rows * layout.runsPerRow
  const run = runOfPart(layout, Math.min(state.mapCursor, layout.partCount - 1)) + by
  if (run < 0 || run >= layout.runs) return state
  return { ...state, mapCursor: partsOfRun(layout, run)[0] }
}

/** Puts the cursor of the map on the cell at a place of the terminal. */
export function pointAtCell(state: ScreenState, column: number, row: number): ScreenState {
  const height = bodyHeight(state)
  const layout = partsLayout(state, height)
  const line = row - headerRows(state) - rowsAboveMap(state, height)
  if (layout === undefined || line < 0) return state
  const place = Math.floor(column / layout.cellsPerRun)
  const run = line * layout.runsPerRow + place
  if (place >= layout.runsPerRow || run >= layout.runs) return state
  return { ...state, mapCursor: partsOfRun(layout, run)[0] }
}
