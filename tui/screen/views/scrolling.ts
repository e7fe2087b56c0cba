import { UNICODE } from "../drawing/glyphs.js"
import { bodyHeight } from "../drawing/layout.js"
import { listedIds, placeInList } from "../state/document-order.js"
import { filesOf, filesRoom, rowCountOf, withFiles } from "../state/files.js"
import type { ScreenState } from "../state/state.js"
import { helpRows } from "./help-view.js"
import { partsScroll } from "./parts-view.js"
import { peerLines } from "./peers-view.js"

/** A way to go in a list. */
export type Step = { readonly by: number } | { readonly pages: number } | { readonly to: "first" | "last" }

/** Larger than any list; what shows the list cuts it to its end. */
const END = Number.MAX_SAFE_INTEGER

/** Moves the selection in the list of documents and in the files, and the window in the other views. */
export function scrollTo(state: ScreenState, step: Step): ScreenState {
  if (state.view === "documents") return { ...state, selectedId: moveSelection(state, step) }
  const page = Math.max(1, bodyHeight(state) - 2)
  if (state.view === "files") return scrollFiles(state, step)
  if (state.view === "log") return scrollLog(state, step, page)
  if (state.view === "parts") return scrollParts(state, step)
  const last = Math.max(0, lineCount(state, state.view) - page)
  const start = Math.min(last, target(state.scroll[state.view], step, page))
  return { ...state, scroll: { ...state.scroll, [state.view]: start } }
}

/** Parts come and go: what is further down than the last line by now counts as that. */
function scrollParts(state: ScreenState, step: Step): ScreenState {
  const { last, page } = partsScroll(state, UNICODE)
  const parts = Math.min(last, target(Math.min(last, state.scroll.parts), step, page))
  return { ...state, scroll: { ...state.scroll, parts } }
}

/** Lines that scroll. Where a view shows fewer at once than a page, its own cut keeps the end in sight. */
function lineCount(state: ScreenState, view: "peers" | "help"): number {
  return view === "peers" ? peerLines(state) : helpRows(UNICODE, state.columns).length
}

/** The log's scroll counts lines back from the newest: 0 is the end, whatever is added. */
function scrollLog(state: ScreenState, step: Step, page: number): ScreenState {
  const back = "to" in step ? (step.to === "first" ? END : 0) : target(state.scroll.log, negated(step), page)
  const capped = Math.min(back, Math.max(0, state.log.length - 1))
  return { ...state, scroll: { ...state.scroll, log: capped }, followLog: capped === 0 }
}

function negated(step: Exclude<Step, { to: unknown }>): Step {
  return "by" in step ? { by: -step.by } : { pages: -step.pages }
}

function target(from: number, step: Step, page: number): number {
  if ("to" in step) return step.to === "first" ? 0 : END
  return Math.max(0, from + ("by" in step ? step.by : step.pages * page))
}

function scrollFiles(state: ScreenState, step: Step): ScreenState {
  const files = filesOf(state)
  const cursor = Math.min(target(files.cursor, step, filesRoom(state)), Math.max(0, rowCountOf(files) - 1))
  return withFiles(state, { cursor })
}

function moveSelection(state: ScreenState, step: Step): string | undefined {
  const listed = listedIds(state)
  const place = placeInList(state, state.selectedId) ?? 0
  const page = Math.max(1, bodyHeight(state) - 2)
  const wanted = "to" in step && step.to === "last" ? listed.length - 1 : target(place, step, page)
  return listed[Math.min(wanted, listed.length - 1)] ?? state.selectedId
}
