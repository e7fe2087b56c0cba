import type { Theme } from "../../base/screen-config.js"
import { asciiText, fitRow, type Row } from "../drawing/cells.js"
import { ASCII, type Glyphs, UNICODE } from "../drawing/glyphs.js"
import { bodyHeight, drawnRows, isTooSmall, SMALLEST } from "../drawing/layout.js"
import type { ScreenState } from "../state/state.js"
import type { Background } from "../state/themes.js"
import type { Body } from "./body.js"
import { documentsView } from "./documents-view.js"
import { filesView } from "./files-view.js"
import { footerRow, type InputLine, inputLine } from "./footer.js"
import { header } from "./header.js"
import { helpView } from "./help-view.js"
import { logView } from "./log-view.js"
import { spoken } from "./long-words.js"
import { noticeView } from "./notice-view.js"
import { partsView } from "./parts-view.js"
import { peersView } from "./peers-view.js"
import { pickRows } from "./pick-list.js"
import { qrView } from "./qr-view.js"

/** Everything that is drawn, worked out: components only put it there. */
export interface Frame {
  readonly columns: number
  readonly hasColor: boolean
  readonly theme: Theme
  readonly background: Background | undefined
  /** Exactly as many as are drawn, each exactly `columns` wide. */
  readonly rows: readonly Row[]
  /** The line being typed and the row it takes the place of. */
  readonly input: (InputLine & { readonly row: number }) | undefined
}

/** The whole screen for a state. Pure. */
export function frameOf(state: ScreenState): Frame {
  const glyphs = state.ascii ? ASCII : UNICODE
  const height = drawnRows(state)
  const { columns, hasColor, theme, background } = state
  const looks = { columns, hasColor, theme, background }
  if (isTooSmall(state)) return { ...looks, rows: tooSmall(state, glyphs, height), input: undefined }
  const body = bodyOf(state, glyphs, bodyHeight(state))
  const top = header(state, body.extent, glyphs)
  const list = pickRows(state, glyphs, bodyHeight(state))
  const { above, last } = spoken(state, glyphs, bodyHeight(state))
  const rows = [
    ...top,
    ...covered(filled(body.rows, bodyHeight(state)), list.length > 0 ? list : above),
    last,
    footerRow(state, glyphs),
  ]
  const line = inputLine(state)
  return {
    ...looks,
    rows: rows.slice(0, height).map((row) => shownRow(fitRow(row, columns, glyphs.ellipsis), state)),
    input: line === undefined ? undefined : { ...line, text: shownText(line.text, state), row: height - 2 },
  }
}

function shownText(text: string, { onlyAscii }: ScreenState): string {
  return onlyAscii ? asciiText(text) : text
}

function shownRow(row: Row, state: ScreenState): Row {
  return state.onlyAscii ? row.map((cell) => ({ ...cell, text: asciiText(cell.text) })) : row
}

function bodyOf(state: ScreenState, glyphs: Glyphs, height: number): Body {
  if (state.mode.kind === "qr") return { rows: qrView(state.mode, state, height) }
  if (state.mode.kind === "notice") return { rows: noticeView(state.mode, state, height) }
  switch (state.view) {
    case "documents":
      return documentsView(state, glyphs, height)
    case "parts":
      return partsView(state, glyphs, height)
    case "peers":
      return peersView(state, glyphs, height)
    case "files":
      return filesView(state, glyphs, height)
    case "log":
      return logView(state, glyphs, height)
    case "help":
      return helpView(state, glyphs, height)
    default:
      return state.view satisfies never
  }
}

/** `list` over the lowest of the rows. */
function covered(rows: readonly Row[], list: readonly Row[]): readonly Row[] {
  return [...rows.slice(0, Math.max(0, rows.length - list.length)), ...list].slice(-rows.length)
}

function filled(rows: readonly Row[], height: number): readonly Row[] {
  const missing = Math.max(0, height - rows.length)
  return [...rows.slice(0, height), ...new Array<Row>(missing).fill([])]
}

/** On as many lines as it takes; where there is no room for that, what is needed comes first. */
function tooSmall({ columns, rows }: ScreenState, glyphs: Glyphs, height: number): readonly Row[] {
  const needed = `needs ${SMALLEST.columns}x${SMALLEST.rows}`
  const whole = wrapped(`too small: ${columns}x${rows}, ${needed}`, columns)
  const lines = whole.length <= height ? whole : wrapped(needed, columns).slice(0, height)
  return lines.map((text) => fitRow([{ text }], columns, glyphs.ellipsis))
}

/** Words of ASCII, as many to a line as fit. */
function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(" ")) {
    const last = lines.pop()
    if (last === undefined) lines.push(word)
    else lines.push(...(last.length + 1 + word.length <= width ? [`${last} ${word}`] : [last, word]))
  }
  return lines
}
