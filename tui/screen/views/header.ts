import { formatHostPort, type TrackerSnapshot } from "../../../core/index.js"
import { formatRate } from "../../base/format.js"
import type { Cell, Row, Tone } from "../drawing/cells.js"
import { widthOf } from "../drawing/cells.js"
import type { Glyphs } from "../drawing/glyphs.js"
import { isRoomy } from "../drawing/layout.js"
import { type ScreenState, VIEWS } from "../state/state.js"

/** Listening address, tracker, totals and limits; what doesn't fit is left out from the right. One or two rows. */
export function header(state: ScreenState, glyphs: Glyphs): readonly Row[] {
  return isRoomy(state) ? [statusRow(state, glyphs), tabsRow(state)] : [statusRow(state, glyphs)]
}

/** Blanks between the pieces of the first line. */
const GAP = 2

function statusRow(state: ScreenState, glyphs: Glyphs): Row {
  const { listening, tracker } = state.snapshot
  const title = "p2p-tui"
  const withLimits = totals(state.snapshot, glyphs, true)
  const fits = title.length + GAP + widthOf(withLimits) <= state.columns
  const pieces: readonly Cell[] = [
    { text: title, tone: "title" },
    { text: fits ? withLimits : totals(state.snapshot, glyphs, false) },
    trackerCell(tracker),
    { text: `listening on ${formatHostPort(listening.host, listening.port)}`, tone: "dim" },
  ]
  const row: Cell[] = []
  let room = state.columns
  for (const piece of pieces) {
    const width = widthOf(piece.text) + (row.length === 0 ? 0 : GAP)
    if (width > room) break
    row.push(row.length === 0 ? piece : { ...piece, text: " ".repeat(GAP) + piece.text })
    room -= width
  }
  return row
}

function trackerCell(tracker: TrackerSnapshot): Cell {
  if (tracker.state === "none") return { text: "no tracker", tone: "dim" }
  const address = tracker.url.replace(/^http:\/\//, "")
  const own = tracker.kind === "own" ? " (own)" : ""
  const words = { unasked: "not asked yet", answering: "ok", refusing: "refuses", away: "away" } as const
  const tones: Readonly<Record<Exclude<TrackerSnapshot["state"], "none">, Tone>> = {
    unasked: "dim",
    answering: "good",
    refusing: "bad",
    away: "bad",
  }
  return { text: `tracker ${address}${own} ${words[tracker.state]}`, tone: tones[tracker.state] }
}

/** "↓ 23.4 MiB/s (limit 30.0 MiB/s) ↑ 0 B/s" */
function totals(snapshot: ScreenState["snapshot"], glyphs: Glyphs, withLimits: boolean): string {
  const { downBytesPerSecond, upBytesPerSecond, limits } = snapshot
  const limited = (limit: number | undefined): string =>
    withLimits && limit !== undefined ? ` (limit ${formatRate(limit)})` : ""
  const down = `${glyphs.down} ${formatRate(downBytesPerSecond)}${limited(limits.downBytesPerSecond)}`
  return `${down} ${glyphs.up} ${formatRate(upBytesPerSecond)}${limited(limits.upBytesPerSecond)}`
}

function tabsRow(state: ScreenState): Row {
  const row: Cell[] = VIEWS.flatMap((view, index): Cell[] => [
    {
      text: ` ${index + 1} ${capitalised(view)} `,
      ...(view === state.view ? { inverse: true } : { tone: "dim" as const }),
    },
    { text: " " },
  ])
  row.push(state.view === "help" ? { text: " ? Help ", inverse: true } : { text: " ? Help ", tone: "dim" })
  if (state.filter !== "" && state.mode.kind !== "filter")
    row.push({ text: `  filter: ${state.filter}`, tone: "accent" })
  if (state.marked.size > 0) row.push({ text: `  ${state.marked.size} marked`, tone: "accent" })
  if (state.sort.column !== "added") row.push({ text: `  by ${state.sort.column}`, tone: "dim" })
  return row
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
