import type { JournalEntry } from "../../commands/journal.js"
import type { Row, Tone } from "../drawing/cells.js"
import type { Glyphs } from "../drawing/glyphs.js"
import { widthBesideBar, withScrollBar } from "../drawing/scroll-bar.js"
import { wrapText } from "../drawing/wrap-text.js"
import { LOG_LEVELS, type LogLevelFilter, type ScreenState } from "../state/state.js"
import type { Body } from "./body.js"

/** The newest entries of the chosen levels, newest at the bottom; `scroll.log` lines back from there. */
export function logView(state: ScreenState, glyphs: Glyphs, height: number): Body {
  const entries = shownEntries(state.log, state.logLevel)
  const room = Math.max(1, height - 1)
  const back = state.followLog ? 0 : Math.min(state.scroll.log, Math.max(0, entries.length - room))
  const end = entries.length - back
  const width = widthBesideBar(state.columns, entries.length, room)
  const first = Math.max(0, end - room)
  const rows = entries.slice(first, end).flatMap((entry) => entryRows(entry, width))
  const place = back > 0 ? `${back} newer below` : state.followLog ? "following" : "at the newest"
  const head: Row = [
    { text: `${entries.length} lines, `, tone: "dim" },
    { text: state.logLevel === "debug" ? "all levels" : `${state.logLevel} and above`, tone: "title" },
    { text: `, ${place}`, tone: "dim" },
  ]
  const shown = rows.slice(-room)
  // A line of the log may take several rows: the bar shows entries.
  const extent = { start: first, shown: end - first, count: entries.length }
  return { rows: [head, ...withScrollBar(shown, extent, state.columns, glyphs)], extent }
}

function shownEntries(log: readonly JournalEntry[], level: LogLevelFilter): readonly JournalEntry[] {
  const least = LOG_LEVELS.indexOf(level)
  return least === 0 ? log : log.filter((entry) => LOG_LEVELS.indexOf(entry.level) >= least)
}

const TONES: Readonly<Record<LogLevelFilter, Tone>> = { debug: "dim", info: "plain", warn: "warn", error: "bad" }

/** Time and level, and the message beside them on as many lines as it needs. */
function entryRows(entry: JournalEntry, columns: number): readonly Row[] {
  const about = [entry.document?.name, entry.peer].filter((word) => word !== undefined).join(" ")
  const time = `${timeOfDay(entry.atMs)} `
  const level = `${entry.level.padEnd(5)} `
  const text = about === "" ? entry.message : `${entry.message} (${about})`
  const indent = time.length + level.length
  return wrapText(text, columns - indent).map((line, index) =>
    index === 0
      ? [{ text: time, tone: "dim" }, { text: level, tone: TONES[entry.level] }, { text: line }]
      : [{ text: " ".repeat(indent) + line }],
  )
}

/** "16:07:42", local time. */
function timeOfDay(atMs: number): string {
  const time = new Date(atMs)
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":")
}
