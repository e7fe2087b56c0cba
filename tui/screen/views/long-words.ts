import type { Cell, Row } from "../drawing/cells.js"
import type { Glyphs } from "../drawing/glyphs.js"
import { wrapText } from "../drawing/wrap-text.js"
import type { ScreenState } from "../state/state.js"
import { longProblem, messageCell } from "./footer.js"

/** Lines of a sentence at most: what lies below it stays in sight. The last one is cut. */
const MAX_LINES = 6

export interface Spoken {
  /** In place of the lowest lines of the view. */
  readonly above: readonly Row[]
  /** The line above the keys. */
  readonly last: Row
}

/** What there is to say, on as many lines as it takes: a sentence that is cut often loses what to do. */
export function spoken(state: ScreenState, glyphs: Glyphs, height: number): Spoken {
  const problem = longProblem(state)
  if (problem !== undefined) {
    const lines = linesOf({ text: problem, tone: "bad" }, state.columns, height - 1)
    return { above: [rule(state, glyphs), ...lines], last: [] }
  }
  const cell = state.mode.kind === "command" ? undefined : messageCell(state)
  if (cell === undefined) return { above: [], last: [] }
  const lines = linesOf(cell, state.columns, height)
  const above = lines.length > 1 ? [rule(state, glyphs), ...lines.slice(0, -1)] : []
  return { above, last: lines.at(-1) ?? [] }
}

function linesOf({ text, tone }: Cell, columns: number, height: number): readonly Row[] {
  const most = Math.max(1, Math.min(MAX_LINES, height))
  const lines = wrapText(text, columns)
  const shown = lines.length <= most ? lines : [...lines.slice(0, most - 1), lines.slice(most - 1).join(" ")]
  return shown.map((line): Row => [tone === undefined ? { text: line } : { text: line, tone }])
}

function rule({ columns }: ScreenState, glyphs: Glyphs): Row {
  return [{ text: glyphs.rule.repeat(columns), tone: "dim" }]
}
