import type { DocumentDetail, DocumentSnapshot, PartHolders, PartRange } from "../../../core/index.js"
import { formatBytes, formatCount, formatPercent } from "../../base/format.js"
import { machinesWords } from "../../words/machines-words.js"
import { somePartsWords } from "../../words/parts-words.js"
import { progressOf } from "../../words/wanted-words.js"
import { whyWords } from "../../words/why-words.js"
import type { Row } from "../drawing/cells.js"
import type { Glyphs } from "../drawing/glyphs.js"
import { bodyHeight, isRoomy } from "../drawing/layout.js"
import { wrapText } from "../drawing/wrap-text.js"
import { selectedDocument } from "../state/document-order.js"
import type { ScreenState } from "../state/state.js"
import type { Body } from "./body.js"
import { placeRows } from "./document-panel.js"
import { inFlightScroll, inFlightTable } from "./in-flight.js"
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
  const above = rowsAboveParts(state, { document, detail }, glyphs, height)
  const table = inFlightTable(state, glyphs, height - above.length)
  return { rows: [...above, ...table.rows], ...(table.extent && { extent: table.extent }) }
}

interface Shown {
  readonly document: DocumentSnapshot
  readonly detail: DocumentDetail
}

function rowsAboveParts(
  state: ScreenState,
  { document, detail }: Shown,
  glyphs: Glyphs,
  height: number,
): readonly Row[] {
  const head = headRows(state, document, height)
  const layout = partsLayout(state, height)
  const map = partsMap(detail, layout, glyphs, state.mapCursor)
  const below = isRoomy(state) ? [...holdersRows(detail, document, layout), legendRow(detail, glyphs)] : []
  const at = cursorRows(cellIn(layout, state.mapCursor), detail)
  return [...head, ...map, ...at, ...below]
}

/** How far the parts in flight scroll, in lines, and how many of them are in sight. */
export function partsScroll(state: ScreenState, glyphs: Glyphs): { readonly last: number; readonly page: number } {
  const document = selectedDocument(state)
  const { detail } = state
  if (document === undefined || detail === undefined) return { last: 0, page: 1 }
  const height = bodyHeight(state)
  return inFlightScroll(state, height - rowsAboveParts(state, { document, detail }, glyphs, height).length)
}

function headRows(state: ScreenState, document: DocumentSnapshot, height: number): readonly Row[] {
  const words = document.why && whyWords(document.why, state.snapshot.takenAtMs)
  const why = words === undefined ? [] : wrapText(words, state.columns)
  const places = height >= ROOM_FOR_PLACES ? placeRows(document, state.detail) : []
  return [titleOf(document), ...places, ...why.map((text): Row => [{ text, tone: whyTone(document) }])]
}

/** How the map of the selected document is laid out in a body of `height` rows. */
export function partsLayout(state: ScreenState, height: number): MapLayout | undefined {
  const document = selectedDocument(state)
  if (document === undefined || state.detail === undefined) return undefined
  const wanted = Math.min(state.detail.inFlight.length, Math.ceil(height / 2))
  const around = headRows(state, document, height).length + (state.mapCursor === undefined ? 4 : 6)
  return mapLayout(state.detail.parts.length, state.columns, Math.max(1, height - around - wanted))
}

/** Rows of the body above the map. */
export function rowsAboveMap(state: ScreenState, height: number): number {
  const document = selectedDocument(state)
  return document === undefined ? 0 : headRows(state, document, height).length
}

/** The parts of the cell that the cursor is at. */
export function cellOfCursor(state: ScreenState): PartRange | undefined {
  return state.mapCursor === undefined ? undefined : cellIn(partsLayout(state, bodyHeight(state)), state.mapCursor)
}

function cellIn(layout: MapLayout | undefined, cursor: number | undefined): PartRange | undefined {
  if (layout === undefined || cursor === undefined) return undefined
  const [start, end] = partsOfRun(layout, runOfPart(layout, Math.min(cursor, layout.partCount - 1)))
  return { start, end }
}

/** What the cell of the cursor is, and the peers that have its parts. */
function cursorRows(cell: PartRange | undefined, detail: DocumentDetail): readonly Row[] {
  if (cell === undefined) return []
  const { holders } = detail
  const isKnown = holders?.range.start === cell.start && holders.range.end === cell.end
  return [
    [{ text: cellWords(detail, [cell.start, cell.end]), tone: "title" }],
    [{ text: isKnown ? holderWords(holders) : "" }],
  ]
}

/** "10.0.0.4:7001, 10.0.0.7:7001 (2 of 3)": an address alone has all of the cell's parts. */
function holderWords({ range, peers }: PartHolders): string {
  const count = range.end - range.start
  return peers
    .map(({ address, haveCount }) =>
      haveCount === count ? address : `${address} (${formatCount(haveCount)} of ${formatCount(count)})`,
    )
    .join(", ")
}

function holdersRows(
  { peers }: DocumentDetail,
  document: DocumentSnapshot,
  layout: MapLayout | undefined,
): readonly Row[] {
  if (layout === undefined) return []
  const scale = scaleWords(layout)
  if (peers.length === 0) return [[{ text: scale, tone: "dim" }]]
  return [[{ text: `${machinesWords(peers, document)}  ` }, { text: scale, tone: "dim" }]]
}

/** Lines that this view has at least when it says where the document is. */
const ROOM_FOR_PLACES = 16

function titleOf(document: DocumentSnapshot): Row {
  const { name, partSizeBytes } = document
  const { haveCount, partCount, haveBytes, totalBytes } = progressOf(document)
  return [
    { text: `${name}  `, tone: "title" },
    {
      text: `${formatPercent(haveBytes, totalBytes)}, ${somePartsWords(haveCount, partCount)} of ${formatBytes(partSizeBytes)}`,
    },
  ]
}
