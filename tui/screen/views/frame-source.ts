import type { Cell, Row } from "../drawing/cells.js"
import type { ScreenState } from "../state/state.js"
import { type Frame, frameOf } from "./frame.js"

/**
 * Makes the function that answers the frame of the present state. What looks as before is the same object as before,
 * single rows and the whole frame: most snapshots change a few lines of the screen, many none, and what is the same need
 * not be drawn.
 */
export function createFrameSource(stateOf: () => ScreenState): () => Frame {
  let state: ScreenState | undefined
  let frame: Frame | undefined
  return () => {
    const now = stateOf()
    if (frame === undefined || now !== state) frame = settled(frame, frameOf(now))
    state = now
    return frame
  }
}

function settled(before: Frame | undefined, now: Frame): Frame {
  if (before === undefined) return now
  const rows = now.rows.map((row, place) => {
    const shown = before.rows[place]
    return shown !== undefined && sameRow(shown, row) ? shown : row
  })
  const isSame =
    before.columns === now.columns &&
    before.hasColor === now.hasColor &&
    before.theme === now.theme &&
    before.background === now.background &&
    before.rows.length === rows.length &&
    rows.every((row, place) => row === before.rows[place]) &&
    sameInput(before.input, now.input)
  return isSame ? before : { ...now, rows }
}

function sameRow(before: Row, now: Row): boolean {
  return before.length === now.length && before.every((cell, place) => sameCell(cell, now[place]))
}

function sameCell(a: Cell, b: Cell | undefined): boolean {
  return a.text === b?.text && a.tone === b.tone && a.inverse === b.inverse
}

function sameInput(a: Frame["input"], b: Frame["input"]): boolean {
  if (a === undefined || b === undefined) return a === b
  return a.prompt === b.prompt && a.text === b.text && a.cursorColumn === b.cursorColumn && a.row === b.row
}
