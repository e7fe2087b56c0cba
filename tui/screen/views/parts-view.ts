import type { DocumentSnapshot, PartInFlight } from "../../../core/index.js"
import { formatBytes, formatDuration, formatPercent, formatRate, fractionOf } from "../../base/format.js"
import { progressOf } from "../../words/wanted-words.js"
import { whyWords } from "../../words/why-words.js"
import { bar } from "../drawing/bar.js"
import type { Cell, Row } from "../drawing/cells.js"
import { type Column, itemRow, placeColumns, titleRow } from "../drawing/columns.js"
import type { Glyphs } from "../drawing/glyphs.js"
import { isRoomy } from "../drawing/layout.js"
import { widthBesideBar, withScrollBar } from "../drawing/scroll-bar.js"
import { wrapText } from "../drawing/wrap-text.js"
import { selectedDocument } from "../state/document-order.js"
import type { ScreenState } from "../state/state.js"
import type { Body } from "./body.js"
import { placeRows } from "./document-panel.js"
import { whyTone } from "./list-line.js"
import { legendRow, partsMap } from "./parts-map.js"

/** The map over the whole document, and every part in flight with its own bar and its peer. */
export function partsView(state: ScreenState, glyphs: Glyphs, height: number): Body {
  const document = selectedDocument(state)
  if (document === undefined || state.detail === undefined)
    return { rows: [[{ text: "No document is selected.", tone: "dim" }]] }
  const head = [titleOf(document)]
  const words = document.why && whyWords(document.why, state.snapshot.takenAtMs)
  const why = words === undefined ? [] : wrapText(words, state.columns)
  if (height >= ROOM_FOR_PLACES) head.push(...placeRows(document))
  head.push(...why.map((text): Row => [{ text, tone: whyTone(document) }]))
  const wanted = Math.min(state.detail.inFlight.length, Math.ceil(height / 2))
  const map = partsMap(state.detail, state.columns, Math.max(1, height - head.length - 3 - wanted), glyphs)
  const below = document.haveCount < document.partCount && isRoomy(state) ? legendRow(glyphs) : []
  const table = inFlightTable(state, glyphs, height - head.length - map.length - 1)
  return { rows: [...head, ...map, below, ...table.rows], ...(table.extent && { extent: table.extent }) }
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

/** One line for each part in flight, from `scroll.parts` on; at most `height` rows with the titles. */
export function inFlightTable(state: ScreenState, glyphs: Glyphs, height: number): Body {
  const parts = state.detail?.inFlight ?? []
  if (parts.length === 0 || height < 2) return { rows: [[{ text: "No part is in flight.", tone: "dim" }]] }
  const room = height - 1
  const placed = placeColumns(inFlightColumns(glyphs), widthBesideBar(state.columns, parts.length, room))
  const start = state.view === "parts" ? Math.min(state.scroll.parts, Math.max(0, parts.length - room)) : 0
  const rows = parts.slice(start, start + room).map((part) => itemRow(placed, part, glyphs.ellipsis))
  const extent = { start, shown: rows.length, count: parts.length }
  return { rows: [titleRow(placed, glyphs.ellipsis), ...withScrollBar(rows, extent, state.columns, glyphs)], extent }
}

function inFlightColumns(glyphs: Glyphs): readonly Column<PartInFlight>[] {
  const right = "right" as const
  return [
    { title: "Part", width: 7, align: right, priority: 0, cell: ({ index }) => ({ text: String(index) }) },
    { title: "", width: 12, flexible: true, priority: 0, cell: (part, width) => barCell(part, width, glyphs) },
    { title: "Done", width: 6, align: right, priority: 3, cell: (part) => ({ text: doneText(part) }) },
    { title: "Size", width: 8, align: right, priority: 5, cell: (part) => ({ text: formatBytes(part.lengthBytes) }) },
    { title: "Rate", width: 10, align: right, priority: 2, cell: (part) => ({ text: rateText(part) }) },
    { title: "Peer", width: 21, priority: 1, cell: peerCell },
    { title: "Age", width: 6, align: right, priority: 4, cell: ({ ageMs }) => ({ text: ageText(ageMs) }) },
    { title: "Tries", width: 5, align: right, priority: 6, cell: triesCell },
  ]
}

function barCell({ receivedBytes, lengthBytes, verifying }: PartInFlight, width: number, glyphs: Glyphs): Cell {
  const text = bar(fractionOf(receivedBytes, lengthBytes), Math.min(width, MAX_BAR_WIDTH), glyphs)
  return { text, tone: verifying ? "good" : "busy" }
}

function doneText({ receivedBytes, lengthBytes }: PartInFlight): string {
  return formatPercent(receivedBytes, lengthBytes)
}

function peerCell({ peers, verifying }: PartInFlight): Cell {
  return verifying ? { text: "checking", tone: "good" } : { text: peers.join(" ") || "-" }
}

function ageText(ageMs: number): string {
  return formatDuration(Math.floor(ageMs / 1000))
}

function triesCell({ retries }: PartInFlight): Cell {
  return { text: String(retries + 1), tone: retries > 0 ? "warn" : "dim" }
}

/** A bar longer than this says no more. */
const MAX_BAR_WIDTH = 60

function rateText({ verifying, bytesPerSecond }: PartInFlight): string {
  return verifying || bytesPerSecond === 0 ? "-" : formatRate(bytesPerSecond)
}
