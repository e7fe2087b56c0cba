import type { DocumentDetail, DocumentSnapshot } from "../../../core/index.js"
import { formatBytes, formatCount, formatLimit, formatRate } from "../../base/format.js"
import { printable } from "../../base/printable.js"
import { namesApart } from "../../words/document-names.js"
import { doneFilesWords, listedName } from "../../words/folder-words.js"
import { machinesWords } from "../../words/machines-words.js"
import { somePartsWords } from "../../words/parts-words.js"
import { progressOf, wantedFilesWords } from "../../words/wanted-words.js"
import { whyWords } from "../../words/why-words.js"
import { sparkline } from "../drawing/bar.js"
import { type Cell, fitText, type Row, widthOf } from "../drawing/cells.js"
import type { Glyphs } from "../drawing/glyphs.js"
import { wrapText } from "../drawing/wrap-text.js"
import { selectedDocument, selectedJob } from "../state/document-order.js"
import type { ScreenState } from "../state/state.js"
import { inFlightTable } from "./in-flight.js"
import { whyTone } from "./list-line.js"
import { mapLayout, partsMap } from "./parts-map.js"

/** Title, state, a why of two lines, a line of places, one of the map. */
const CRAMPED_ROWS = 6
const MAP_ROWS = 3
/** Lines of a panel from which on every sentence may take more than one. */
const ROOMY_ROWS = 12
/** Where a value begins, after its word. */
const LABEL_WIDTH = 10

/** Lines of the panel when the list leaves `spare` to it: all of them, and never less than it has to say at least. */
export function panelHeight(state: ScreenState, glyphs: Glyphs, spare: number): number {
  return spare >= CRAMPED_ROWS ? spare : Math.max(spare, documentPanel(state, glyphs, CRAMPED_ROWS, true).length)
}

/** More about the selected document, below the list: at most `height` rows. A panel that takes lines from the list says only what there is to say at least. */
export function documentPanel(
  state: ScreenState,
  glyphs: Glyphs,
  height: number,
  isCramped = height < CRAMPED_ROWS,
): readonly Row[] {
  const document = selectedDocument(state)
  if (document === undefined) return jobPanel(state, glyphs).slice(0, height)
  const head = [
    rule(nameIn(state, document), state, glyphs),
    ...factsRows(document, state, height),
    ...whyRows(document, state),
  ]
  const machines = machinesRows(document, state)
  const room = roomFor(height - head.length, {
    map: state.detail === undefined ? 0 : MAP_ROWS,
    machines: machines.length,
    isCramped,
  })
  const rows = [
    ...head,
    ...mapRows(state, glyphs, room.map),
    ...[rateRow(state, document, glyphs)].slice(0, room.rates),
    ...machines.slice(0, room.machines),
    ...placesIn(room.places, document, state, glyphs),
  ]
  const left = isCramped ? 0 : height - rows.length - 1
  const isFetching = (state.detail?.inFlight.length ?? 0) > 0
  const parts = isFetching && left >= 3 ? [[], ...inFlightTable(state, glyphs, left).rows] : []
  return [...rows, ...parts].slice(0, height)
}

/** Of a file that is hashed to become a document. */
function jobPanel(state: ScreenState, glyphs: Glyphs): readonly Row[] {
  const job = selectedJob(state)
  if (job === undefined) return []
  const { name, filePath, doneBytes, totalBytes, totalFiles, isPaused } = job
  const done = `${formatBytes(doneBytes)} of ${totalBytes === 0 ? "an unknown size" : formatBytes(totalBytes)}`
  const words =
    isPaused === true
      ? `hashing paused at ${done}, kept until the client ends; p resumes it`
      : `hashing ${done} for an upload; it is shared when that is done`
  return [
    rule(listedName(name, totalFiles !== undefined), state, glyphs),
    ...wrapText(words, state.columns - LABEL_WIDTH).map((text, index) =>
      labelled(index === 0 ? "state" : "", [{ text }]),
    ),
    copied("file", "y", [{ text: printable(filePath) }]),
  ]
}

/** Lines of what stands below the state and the reason. */
interface Room {
  readonly map: number
  readonly rates: number
  readonly machines: number
  readonly places: number
}

/**
 * Shares `height` lines out. What no other line of the screen says comes first: where the file is, then a line of the map. Rates are in the
 * list, too.
 */
function roomFor(
  height: number,
  has: { readonly map: number; readonly machines: number; readonly isCramped: boolean },
): Room {
  const room = { map: 0, rates: 0, machines: 0, places: 0 }
  let left = Math.max(0, height)
  const give = (name: keyof Room, upTo: number): void => {
    const lines = Math.max(0, Math.min(left, upTo - room[name]))
    room[name] += lines
    left -= lines
  }
  give("places", 1)
  give("map", Math.min(1, has.map))
  if (has.isCramped) return room
  give("places", FIRST_PLACES)
  give("rates", 1)
  give("machines", has.machines)
  give("map", has.map)
  if (left >= ALL_PLACES - FIRST_PLACES) give("places", ALL_PLACES)
  return room
}

/** What a small panel has of the places: file and link. */
const FIRST_PLACES = 2
const ALL_PLACES = 4

/** All places on four lines, file and link on two, or the file with the key of the link on one. */
function placesIn(room: number, document: DocumentSnapshot, state: ScreenState, glyphs: Glyphs): readonly Row[] {
  const places = placeRows(document, state.detail)
  const [file = [], , , link = []] = places
  if (room >= ALL_PLACES) return places
  if (room >= FIRST_PLACES) return [file, link]
  return room < 1 ? [] : [fileWithLink(document, state, glyphs)]
}

/** "file    y /a/b    link l" */
function fileWithLink({ filePath }: DocumentSnapshot, { columns }: ScreenState, { ellipsis }: Glyphs): Row {
  const link: Row = [
    { text: "  link ", tone: "dim" },
    { text: "l", tone: "accent" },
  ]
  const room = columns - LABEL_WIDTH - "  link l".length
  return [...copied("file", "y", [{ text: fitText(printable(filePath), room, ellipsis) }]), ...link]
}

/** Where it is, and what it is called by, each with the key that copies it. The link of a private document holds its key, and is not shown. */
export function placeRows(
  { filePath, torrentPath, id, open }: DocumentSnapshot,
  detail?: DocumentDetail,
): readonly Row[] {
  const link = detail?.link
  const shown: Row =
    link === undefined
      ? [{ text: open ? "" : "not shown: it holds the key", tone: "dim" }]
      : [{ text: printable(link) }]
  return [
    copied("file", "y", [{ text: printable(filePath) }]),
    copied("torrent", "Y", [{ text: printable(torrentPath) }]),
    copied("id", "i", [{ text: id }]),
    copied("link", "l", shown),
  ]
}

/** "file   y /a/b": the key stands where no long value hides it. */
function copied(label: string, key: string, value: Row): Row {
  return [{ text: label.padEnd(LABEL_WIDTH - 2), tone: "dim" }, { text: `${key} `, tone: "accent" }, ...value]
}

function machinesRows(document: DocumentSnapshot, { detail }: ScreenState): readonly Row[] {
  const peers = detail?.id === document.id ? detail.peers : []
  return peers.length === 0 ? [] : [labelled("peers", [{ text: machinesWords(peers, document) }])]
}

function nameIn({ snapshot }: ScreenState, { id, name }: DocumentSnapshot): string {
  return namesApart(snapshot.documents).get(id) ?? name
}

function rule(name: string, { columns: width }: ScreenState, glyphs: Glyphs): Row {
  const lead = 3
  const shown = fitText(name, Math.min(width - 2 * lead, widthOf(name)), glyphs.ellipsis)
  return [
    { text: `${glyphs.rule.repeat(lead - 1)} `, tone: "dim" },
    { text: shown, tone: "title" },
    { text: ` ${glyphs.rule.repeat(Math.max(0, width - lead - widthOf(shown) - 1))}`, tone: "dim" },
  ]
}

/** A sentence of more lines than this is cut. */
const MAX_WHY_ROWS = 3

function whyRows(document: DocumentSnapshot, { columns, snapshot }: ScreenState): readonly Row[] {
  if (document.why === undefined) return []
  const lines = wrapText(whyWords(document.why, snapshot.takenAtMs), columns - LABEL_WIDTH).slice(0, MAX_WHY_ROWS)
  return lines.map((text, index) => labelled(index === 0 ? "why" : "", [{ text, tone: whyTone(document) }]))
}

/** On as many lines as it takes in a panel that has room for that. */
function factsRows(document: DocumentSnapshot, state: ScreenState, height: number): readonly Row[] {
  const words = factsWords(document, state)
  const lines = height < ROOMY_ROWS ? [words] : wrapText(words, state.columns - LABEL_WIDTH)
  return lines.map((text, index) => labelled(index === 0 ? "state" : "", [{ text }]))
}

function factsWords(document: DocumentSnapshot, { detail }: ScreenState): string {
  const { reusedCount, open, downloadedBytes, uploadedBytes } = document
  const facts = [
    document.state,
    open ? "open" : "private",
    ...(document.isFolder ? [panelFilesWords(document, detail)] : []),
    partsWords(document),
    `${formatBytes(downloadedBytes)} fetched, ${formatBytes(uploadedBytes)} served`,
  ]
  const { downBytesPerSecond: down, upBytesPerSecond: up } = document.limits
  if (down !== undefined) facts.push(`down at most ${formatLimit(down)}`)
  if (up !== undefined) facts.push(`up at most ${formatLimit(up)}`)
  if (reusedCount > 0 && document.state === "downloading") facts.push(`${formatCount(reusedCount)} found on disk`)
  return facts.join(", ")
}

/** "1,204 of 30,000 files" are complete while the rest is fetched. */
function panelFilesWords(document: DocumentSnapshot, detail: DocumentDetail | undefined): string {
  const doneFiles = detail?.id === document.id ? detail.doneFiles : undefined
  if (doneFiles === undefined) return wantedFilesWords(document)
  const { selection, fileCount } = document
  return selection === undefined
    ? doneFilesWords(doneFiles, fileCount)
    : `${formatCount(doneFiles)} of ${formatCount(selection.wantedFiles)} wanted files`
}

function partsWords(document: DocumentSnapshot): string {
  const { checkedCount, haveCount, partCount } = document
  const size = formatBytes(document.partSizeBytes)
  if (checkedCount !== undefined)
    return `${somePartsWords(checkedCount, partCount)} of ${size} looked at, ${formatCount(haveCount)} good`
  const wanted = progressOf(document)
  return `${somePartsWords(wanted.haveCount, wanted.partCount)} of ${size}`
}

function labelled(label: string, cells: Row): Row {
  return [{ text: label.padEnd(LABEL_WIDTH), tone: "dim" }, ...cells]
}

function mapRows(state: ScreenState, glyphs: Glyphs, height: number): readonly Row[] {
  if (state.detail === undefined) return []
  const layout = mapLayout(state.detail.parts.length, state.columns - LABEL_WIDTH, height)
  const rows = partsMap(state.detail, layout, glyphs)
  return rows.map((row, index) => labelled(index === 0 ? "parts" : "", row))
}

function rateRow(state: ScreenState, document: DocumentSnapshot, glyphs: Glyphs): Row {
  const history = state.rateHistories.byDocument.get(document.id)
  const room = Math.floor((state.columns - LABEL_WIDTH - 28) / 2)
  const half = (values: readonly number[], arrow: string, rate: number): Cell[] => [
    { text: `${arrow} ${formatRate(rate).padEnd(10)} ` },
    { text: sparkline(values, Math.max(0, room), glyphs), tone: "moving" },
    { text: " " },
  ]
  return labelled("rates", [
    ...half(history?.down ?? [], glyphs.down, document.downBytesPerSecond),
    ...half(history?.up ?? [], glyphs.up, document.upBytesPerSecond),
  ])
}
