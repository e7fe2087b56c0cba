import { formatHostPort, type TrackerSnapshot } from "../../../core/index.js"
import { formatCount, formatLimit, formatRate } from "../../base/format.js"
import type { Cell, Row, Tone } from "../drawing/cells.js"
import { fitRow, widthOf } from "../drawing/cells.js"
import type { Glyphs } from "../drawing/glyphs.js"
import { isRoomy } from "../drawing/layout.js"
import type { Extent } from "../drawing/scroll-bar.js"
import { type ScreenState, VIEWS, type View } from "../state/state.js"
import { statusCells } from "./status-words.js"

/** Listening address, tracker, totals and limits; what doesn't fit is left out from the right. One or two rows. */
export function header(state: ScreenState, extent: Extent | undefined, glyphs: Glyphs): readonly Row[] {
  const place = extent === undefined ? "" : extentWords(extent)
  if (!isRoomy(state)) return [briefRow(state, place, glyphs)]
  const tabs = tabCells(state)
  // Tabs are not cut for the place.
  const hasRoom = widthOf(tabs.map(({ text }) => text).join("")) + GAP + place.length <= state.columns
  return [
    statusRow(state, glyphs),
    withPlace([...tabs, ...statusCells(state, glyphs)], hasRoom ? place : "", state.columns, glyphs),
  ]
}

/** The place in the list stands at the right end, and is cut last. */
function withPlace(row: Row, place: string, columns: number, glyphs: Glyphs): Row {
  if (place === "") return row
  const room = Math.max(0, columns - place.length - GAP)
  return [...fitRow(row, room, glyphs.ellipsis), { text: " ".repeat(GAP) + place, tone: "dim" }]
}

/** A small screen has one line for all of it: what is said of the list takes the place of the tracker and the address. */
function briefRow(state: ScreenState, place: string, glyphs: Glyphs): Row {
  const status = statusCells(state, glyphs)
  if (status.length === 0) return withPlace(statusRow(state, glyphs), place, state.columns, glyphs)
  return withPlace([{ text: totals(state.snapshot, glyphs, false) }, ...status], place, state.columns, glyphs)
}

/** Blanks between the pieces of the first line. */
const GAP = 2

function statusRow(state: ScreenState, glyphs: Glyphs): Row {
  const { listening, tracker } = state.snapshot
  const title = state.isAttached ? "p2p-tui attached" : "p2p-tui"
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
  const own = tracker.kind === "own" ? " (inside this client)" : ""
  const words = { unasked: "asking", answering: "ok", refusing: "refuses", away: "away" } as const
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
    withLimits && limit !== undefined ? ` (limit ${formatLimit(limit)})` : ""
  const down = `${glyphs.down} ${formatRate(downBytesPerSecond)}${limited(limits.downBytesPerSecond)}`
  return `${down} ${glyphs.up} ${formatRate(upBytesPerSecond)}${limited(limits.upBytesPerSecond)}`
}

/** The view whose tab stands at a column of the line of tabs. */
export function tabAt(state: ScreenState, column: number): View | undefined {
  let end = 0
  for (const [place, { text }] of tabCells(state).entries()) {
    end += widthOf(text)
    // A blank stands behind each tab.
    if (column < end) return place % 2 === 1 ? undefined : (VIEWS[place / 2] ?? "help")
  }
  return undefined
}

/** Below this the tabs are short: their full width is 60, and the place in the list stands beside them. */
const FULL_TABS_COLUMNS = 76

function tabCells(state: ScreenState): readonly Cell[] {
  const isShort = state.columns < FULL_TABS_COLUMNS
  const tab = (view: View, text: string): Cell => ({
    text: isShort ? text : ` ${text} `,
    ...(view === state.view ? { inverse: true } : { tone: "dim" }),
  })
  const row: Cell[] = VIEWS.flatMap((view, index): Cell[] => {
    const name = isShort && view === "documents" ? "docs" : view
    return [tab(view, `${index + 1} ${capitalised(name)}`), { text: " " }]
  })
  return [...row, tab("help", isShort ? "?" : "? Help")]
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}

/** "3-28 of 30"; nothing for a list that is all in sight. */
export function extentWords({ start, shown, count }: Extent): string {
  return shown >= count ? "" : `${formatCount(start + 1)}-${formatCount(start + shown)} of ${formatCount(count)}`
}
