import { fitText, inverted, type Row } from "../drawing/cells.js"
import type { Glyphs } from "../drawing/glyphs.js"
import { withScrollBar } from "../drawing/scroll-bar.js"
import { pickItems } from "../state/pick-items.js"
import type { ScreenState } from "../state/state.js"
import { windowStart } from "../state/window.js"

/** Lines of the list at most: what lies below it stays in sight. */
const MAX_ROWS = 12

interface Line {
  readonly label: string
  readonly note: string
}

interface Choosing {
  readonly lines: readonly Line[]
  readonly chosen: number | undefined
}

/** What can be chosen now, above the line being typed; nothing while there is nothing to choose. */
export function pickRows(state: ScreenState, glyphs: Glyphs, height: number): readonly Row[] {
  const { mode } = state
  if (mode.kind === "pick") {
    const items = pickItems(state, mode)
    if (items.length === 0) return [rule(state, glyphs), [{ text: "  nothing has these letters", tone: "dim" }]]
    return listRows({ lines: items, chosen: mode.chosen }, state, glyphs, height)
  }
  if (mode.kind !== "command" || mode.choices.length === 0) return []
  const lines = mode.choices.map(({ label }) => ({ label, note: "" }))
  return listRows({ lines, chosen: mode.chosen }, state, glyphs, height)
}

function listRows({ lines, chosen }: Choosing, state: ScreenState, glyphs: Glyphs, height: number): readonly Row[] {
  const room = Math.max(1, Math.min(MAX_ROWS, lines.length, height - 1))
  const start = windowStart(lines.length, room, chosen ?? 0)
  const rows = lines.slice(start, start + room).map((line, place): Row => {
    const isChosen = start + place === chosen
    const row = lineRow(line, isChosen, state.columns - 2, glyphs)
    return isChosen ? inverted(row) : row
  })
  const extent = { start, shown: rows.length, count: lines.length }
  return [rule(state, glyphs), ...withScrollBar(rows, extent, state.columns, glyphs)]
}

function rule({ columns }: ScreenState, glyphs: Glyphs): Row {
  return [{ text: glyphs.rule.repeat(columns), tone: "dim" }]
}

function lineRow({ label, note }: Line, isChosen: boolean, width: number, glyphs: Glyphs): Row {
  const mark = isChosen ? `${glyphs.cursor} ` : "  "
  if (note === "") return [{ text: mark + fitText(label, width - 2, glyphs.ellipsis) }]
  const half = Math.floor((width - 3) / 2)
  return [
    { text: `${mark}${fitText(label, half, glyphs.ellipsis)} ` },
    { text: fitText(note, width - 3 - half, glyphs.ellipsis), tone: "dim" },
  ]
}
