import type { DocumentDetail, DocumentSnapshot } from "../../../core/index.js"
import { formatBytes, formatDuration, formatPercent } from "../../base/format.js"
import { progressOf } from "../../words/wanted-words.js"
import { whyWords } from "../../words/why-words.js"
import type { Row } from "../drawing/cells.js"
import type { Glyphs } from "../drawing/glyphs.js"
import { isRoomy } from "../drawing/layout.js"
import { wrapText } from "../drawing/wrap-text.js"
import { selectedDocument } from "../state/document-order.js"
import type { ScreenState } from "../state/state.js"
import type { Body } from "./body.js"
import { placeRows } from "./document-panel.js"
import { inFlightTable } from "./in-flight.js"
import { whyTone } from "./list-line.js"
import {
  cellWords,
  legendRow,
  type MapLayout,
  mapLayout,
  partsMap,
  partsOfRun,
  runOfPart,
  scaleWords,
} from "./parts-map.js"

/** The map over the whole document, and every part in flight with its own bar and its peer. */
export function partsView(state: ScreenState, glyphs: Glyphs, height: number): Body {
  const document = selectedDocument(state)
  const { detail } = state
  if (document === undefined || detail === undefined)
    return { rows: [[{ text: "No document is selected.", tone: "dim" }]] }
  const head = headRows(state, document, height)
  const layout = partsLayout(state, height)
  const map = partsMap(detail, layout, glyphs, state.mapCursor)
  const below = isRoomy(state) ? [...holdersRows(detail, document, layout), legendRow(detail, glyphs)] : []
  const at = layout === undefined || state.mapCursor === undefined ? [] : [cursorRow(state.mapCursor, layout, detail)]
  const above = [...head, ...map, ...at, ...below]
  const table = inFlightTable(state, glyphs, height - above.length)
  return { rows: [...above, ...table.rows], ...(table.extent && { extent: table.extent }) }
}

function headRows(state: ScreenState, document: DocumentSnapshot, height: number): readonly Row[] {
  const words = document.why && whyWords(document.why, state.snapshot.takenAtMs)
  const why = words === undefined ? [] : wrapText(words, state.columns)
  const places = height >= ROOM_FOR_PLACES ? placeRows(document) : []
  return [titleOf(document), ...places, ...why.map((text): Row => [{ text, tone: whyTone(document) }])]
}

/** How the map of the selected document is laid out in a body of `height` rows. */
export function partsLayout(state: ScreenState, height: number): MapLayout | undefined {
  const document = selectedDocument(state)
  if (document === undefined || state.detail === undefined) return undefined
  const wanted = Math.min(state.detail.inFlight.length, Math.ceil(height / 2))
  const around = headRows(state, document, height).length + (state.mapCursor === undefined ? 4 : 5)
  return mapLayout(state.detail.parts.length, state.columns, Math.max(1, height - around - wanted))
}

/** Rows of the body above the map. */
export function rowsAboveMap(state: ScreenState, height: number): number {
  const document = selectedDocument(state)
  return document === undefined ? 0 : headRows(state, document, height).length
}

function cursorRow(part: number, layout: MapLayout, detail: DocumentDetail): Row {
  const run = partsOfRun(layout, runOfPart(layout, Math.min(part, layout.partCount - 1)))
  return [{ text: cellWords(detail, run), tone: "title" }]
}

/** "3 machines connected: 100 %, 63 %, 12 %; all done in about 4m": the share that each machine has, the largest first. */
function holdersRows(
  { peers }: DocumentDetail,
  document: DocumentSnapshot,
  layout: MapLayout | undefined,
): readonly Row[] {
  if (layout === undefined) return []
  const scale = scaleWords(layout)
  if (peers.length === 0) return [[{ text: scale, tone: "dim" }]]
  const sorted = peers.toSorted((a, b) => b.haveCount - a.haveCount)
  const shares = sorted.slice(0, MAX_SHARES).map(({ haveCount }) => formatPercent(haveCount, document.partCount))
  const more = sorted.length > MAX_SHARES ? ` and ${sorted.length - MAX_SHARES} more` : ""
  const text = `${peers.length} ${peers.length === 1 ? "machine" : "machines"} connected: ${shares.join(", ")}${more}`
  return [[{ text: `${text}${allDoneWords(peers, document)}  ` }, { text: scale, tone: "dim" }]]
}

/** Machines whose shares are named. */
const MAX_SHARES = 8

/** When the slowest has everything at the rate at which it gets bytes from here; unknown while one of them gets none. */
function allDoneWords(
  peers: DocumentDetail["peers"],
  { partCount, partSizeBytes, haveCount }: DocumentSnapshot,
): string {
  if (haveCount < partCount) return ""
  const unfinished = peers.filter(({ haveCount }) => haveCount < partCount)
  if (unfinished.length === 0) return "; all done"
  const seconds = unfinished.map((peer) => ((partCount - peer.haveCount) * partSizeBytes) / peer.upBytesPerSecond)
  const slowest = Math.max(...seconds)
  return Number.isFinite(slowest) ? `; all done in about ${formatDuration(slowest)} or sooner` : ""
}

/** Lines that this view has at least when it says where the document is. */
const ROOM_FOR_PLACES = 16

function titleOf(document: DocumentSnapshot): Row {
  const { name, partSizeBytes } = document
  const { haveCount, partCount, haveBytes, totalBytes } = progressOf(document)
  return [
    { text: `${name}  `, tone: "title" },
    {
      text: `${formatPercent(haveBytes, totalBytes)}, ${haveCount} of ${partCount} parts of ${formatBytes(partSizeBytes)}`,
    },
  ]
}
