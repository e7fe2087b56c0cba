import { formatHostPort, type TrackerSnapshot } from "../../core/index.js"
import { formatRate } from "../format.js"
import type { Cell, Row, Tone } from "./cells.js"
import { widthOf } from "./cells.js"
import type { Glyphs } from "./glyphs.js"
import { isRoomy } from "./layout.js"
import { type ScreenState, VIEWS } from "./state.js"

/** Listening address, tracker, totals and limits; what doesn't fit is left out from the right. One or two rows. */
export function header(state: ScreenState, glyphs: Glyphs): readonly Row[] {
  return isRoomy(state) ? [statusRow(state, glyphs), tabsRow(state)] : [statusRow(state, glyphs)]
}

function statusRow(state: ScreenState, glyphs: Glyphs): Row {
  const { listening, tracker, downBytesPerSecond, upBytesPerSecond, limits } = state.snapshot
  const down = `${glyphs.down} ${totalWords(downBytesPerSecond, limits.downBytesPerSecond)}`
  const up = `${glyphs.up} ${totalWords(upBytesPerSecond, limits.upBytesPerSecond)}`
  const pieces: readonly Cell[] = [
    { text: "p2p-tui", tone: "title" },
    { text: `${down} ${up}` },
    trackerCell(tracker),
    { text: `listening on ${formatHostPort(listening.host, listening.port)}`, tone: "dim" },
  ]
  const row: Cell[] = []
  let room = state.columns
  for (const piece of pieces) {
    const width = widthOf(piece.text) + (row.length === 0 ? 0 : 2)
    if (width > room) break
    row.push(row.length === 0 ? piece : { ...piece, text: `  ${piece.text}` })
    room -= width
  }
  return row
}

function trackerCell(tracker: TrackerSnapshot): Cell {
  const address = tracker.url.replace(/^http:\/\//, "")
  const own = tracker.kind === "own" ? " (own)" : ""
  const words = { unasked: "not asked yet", answering: "ok", refusing: "refuses", away: "away" } as const
  const tones: Readonly<Record<TrackerSnapshot["state"], Tone>> = {
    unasked: "dim",
    answering: "good",
    refusing: "bad",
    away: "bad",
  }
  return { text: `tracker ${address}${own} ${words[tracker.state]}`, tone: tones[tracker.state] }
}

function totalWords(bytesPerSecond: number, limit: number | undefined): string {
  return limit === undefined ? formatRate(bytesPerSecond) : `${formatRate(bytesPerSecond)} (limit ${formatRate(limit)})`
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
