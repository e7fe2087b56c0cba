import { ASCII, UNICODE } from "../drawing/glyphs.js"
import { bodyHeight, headerRows, isTooSmall } from "../drawing/layout.js"
import { listedIds } from "../state/document-order.js"
import { filesOf, filesRoom, firstRow, rowAt, withFiles } from "../state/files.js"
import type { MousePress } from "../state/key.js"
import type { ScreenState } from "../state/state.js"
import { listWindow } from "../views/documents-view.js"
import { MARKS_WIDTH } from "../views/files-view.js"
import { tabAt } from "../views/header.js"
import { scrollTo } from "../views/scrolling.js"
import { toggleFile } from "./browse-files.js"
import { pointAtCell } from "./map-cursor.js"
import { type Reduced, still } from "./reduced.js"

/** Lines that one notch of the wheel goes. */
const WHEEL_LINES = 3

/** The wheel scrolls; a click on a line of the list selects it, one on a tab goes there. While something is typed or asked, nothing. */
export function mousePressed(state: ScreenState, press: MousePress): Reduced {
  if (state.mode.kind !== "browse" || isTooSmall(state)) return still(state)
  const touched = { ...state, isUntouched: false }
  if (press.what !== "click") {
    return still(scrollTo(touched, { by: press.what === "wheel-down" ? WHEEL_LINES : -WHEEL_LINES }))
  }
  const isOnTabs = headerRows(state) === 2 && press.row === 1
  const view = isOnTabs ? tabAt(state, press.column) : undefined
  if (view !== undefined) {
    const viewBelow = view === "help" && state.view !== "help" ? state.view : "documents"
    return still({ ...touched, view, viewBelow, message: undefined })
  }
  if (state.view === "parts") return still(pointAtCell(touched, press.column, press.row))
  if (state.view === "files") return pressFile(touched, press)
  return still(state.view === "documents" ? selectAt(touched, press.row) : touched)
}

/** A click on the mark of a row is Space, on the rest of it the cursor goes there. */
function pressFile(state: ScreenState, { row, column }: MousePress): Reduced {
  // Below the header stand the lines of facts and of titles.
  const place = row - headerRows(state) - 2
  const at = firstRow(state) + place
  if (place < 0 || place >= filesRoom(state) || rowAt(filesOf(state), at) === undefined) return still(state)
  const moved = withFiles({ ...state, message: undefined }, { cursor: at })
  return column < MARKS_WIDTH ? toggleFile(moved) : still(moved)
}

function selectAt(state: ScreenState, row: number): ScreenState {
  const { start, room } = listWindow(state, state.ascii ? ASCII : UNICODE, bodyHeight(state))
  // Below the header stands the line of titles.
  const place = row - headerRows(state) - 1
  const id = place >= 0 && place < room ? listedIds(state)[start + place] : undefined
  return id === undefined ? state : { ...state, selectedId: id, message: undefined }
}
