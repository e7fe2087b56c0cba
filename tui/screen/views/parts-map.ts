import { PartState } from "../../../core/index.js"
import { formatCount } from "../../base/format.js"
import type { Cell, Row, Tone } from "../drawing/cells.js"
import type { Glyphs } from "../drawing/glyphs.js"

/** A part is drawn at most this wide, so that a document of three parts is not a screen of blocks. */
const MAX_CELLS_PER_PART = 8

export interface MapInput {
  /** One PartState a part. */
  readonly parts: Uint8Array
  /** One count of connected peers a part; same length. */
  readonly availability: Uint8Array
  /** Connected peers. */
  readonly peers: readonly unknown[]
}

/** How parts are laid out: one run of parts a cell, or several cells a part. */
export interface MapLayout {
  readonly partCount: number
  readonly runs: number
  readonly cellsPerRun: number
  readonly runsPerRow: number
}

export function mapLayout(partCount: number, width: number, height: number): MapLayout | undefined {
  const room = Math.max(0, width) * Math.max(0, height)
  if (partCount === 0 || room === 0) return undefined
  const cellsPerRun = Math.max(1, Math.min(MAX_CELLS_PER_PART, Math.floor(width / partCount)))
  return { partCount, runs: Math.min(partCount, room), cellsPerRun, runsPerRow: Math.floor(width / cellsPerRun) }
}

/** The parts [start, end) of a run. */
export function partsOfRun({ partCount, runs }: MapLayout, run: number): readonly [number, number] {
  return [Math.floor((run * partCount) / runs), Math.floor(((run + 1) * partCount) / runs)]
}

/** The run that a part lies in. */
export function runOfPart({ partCount, runs }: MapLayout, part: number): number {
  return Math.min(runs - 1, Math.floor(((part + 1) * runs - 1) / partCount))
}

/**
 * The parts of a document as at most `height` rows of at most `width` cells, in order. A cell stands for one part or
 * for a run of neighbours (never for less than all of the document). Of a run it shows what asks for attention first:
 * being fetched, being checked, missing at every peer, some there, missing but available (how many peers, the rarest counts), all
 * there. Where everything is there and peers are connected, it shows how many of them have the rarest of the run. The run of part
 * `cursor` is inverse.
 */
export function partsMap(
  input: MapInput,
  layout: MapLayout | undefined,
  glyphs: Glyphs,
  cursor?: number,
): readonly Row[] {
  if (layout === undefined) return []
  const { runs, runsPerRow, cellsPerRun } = layout
  const cellOf = isComplete(input) && input.peers.length > 0 ? copiesCell : stateCell
  const marked = cursor === undefined ? -1 : runOfPart(layout, cursor)
  const rows: Row[] = []
  for (let first = 0; first < runs; first += runsPerRow) {
    const cells: Cell[] = []
    for (let run = first; run < Math.min(runs, first + runsPerRow); run++) {
      const cell = cellOf(input, partsOfRun(layout, run), glyphs)
      append(cells, { ...cell, text: cell.text.repeat(cellsPerRun), ...(run === marked && { inverse: true }) })
    }
    rows.push(cells)
  }
  return rows
}

function isComplete({ parts }: Pick<MapInput, "parts">): boolean {
  return parts.every((state) => state === PartState.have)
}

/** Neighbours in one style become one cell: fewer nodes to lay out. */
function append(cells: Cell[], cell: Cell): void {
  const last = cells.at(-1)
  if (last !== undefined && last.tone === cell.tone && last.inverse === cell.inverse)
    cells[cells.length - 1] = { ...last, text: last.text + cell.text }
  else cells.push(cell)
}

type Run = readonly [number, number]

function stateCell({ parts, availability, peers }: MapInput, [start, end]: Run, glyphs: Glyphs): Cell & { tone: Tone } {
  let have = 0
  let isChecking = false
  let rarest = Number.POSITIVE_INFINITY
  for (let index = start; index < end; index++) {
    const state = parts[index]
    if (state === PartState.requested) return { text: glyphs.inFlight, tone: "busy" }
    if (state === PartState.verifying) isChecking = true
    else if (state === PartState.have) have++
    else rarest = Math.min(rarest, availability[index] ?? 0)
  }
  if (isChecking) return { text: glyphs.checking, tone: "busy" }
  if (have === end - start) return { text: glyphs.have, tone: "good" }
  // With nobody connected that is no news of this part.
  if (rarest === 0) return { text: glyphs.unavailable, tone: peers.length === 0 ? "dim" : "bad" }
  if (have > 0) return { text: glyphs.some, tone: "good" }
  return { text: countGlyph(rarest, glyphs), tone: "dim" }
}

function copiesCell({ availability }: MapInput, [start, end]: Run, glyphs: Glyphs): Cell & { tone: Tone } {
  let rarest = Number.POSITIVE_INFINITY
  for (let index = start; index < end; index++) rarest = Math.min(rarest, availability[index] ?? 0)
  return rarest === 0 ? { text: glyphs.unavailable, tone: "dim" } : { text: countGlyph(rarest, glyphs), tone: "good" }
}

function countGlyph(count: number, glyphs: Glyphs): string {
  return count > 9 ? glyphs.many : String(count)
}

/** "a cell is 3 parts", "a cell is 3 or 4 parts", or how many cells a part has. */
export function scaleWords({ partCount, runs, cellsPerRun }: MapLayout): string {
  if (cellsPerRun > 1) return `${cellsPerRun} cells are a part`
  const fewest = Math.floor(partCount / runs)
  if (partCount % runs > 0) return `a cell is ${fewest} or ${fewest + 1} parts`
  return fewest === 1 ? "a cell is a part" : `a cell is ${fewest} parts`
}

/** What the cells mean in one line, to stand below the map. */
export function legendRow(input: MapInput, glyphs: Glyphs): Row {
  const { have, inFlight, checking, some, many, unavailable } = glyphs
  const copies = [`1-9 ${many} connected peers that have it`, `${unavailable} none of them`]
  const states = [
    ...[`${have} there`, `${some} some there`, `${inFlight} on its way`, `${checking} checking`],
    ...[`1-9 ${many} peers have it`, `${unavailable} none`],
  ]
  const complete = input.peers.length > 0 ? copies : []
  const words = isComplete(input) ? complete : states
  return [{ text: words.join("  "), tone: "dim" }]
}

/** What the map's cells mean, for help. */
export function mapLegend(glyphs: Glyphs): readonly (readonly [string, string])[] {
  return [
    [glyphs.have, "there"],
    [glyphs.inFlight, "being fetched"],
    [glyphs.checking, "being checked"],
    [glyphs.some, "several parts, some of them here"],
    [
      `1-9 ${glyphs.many}`,
      "missing: this number of connected peers has it; of a complete document: copies among the connected peers",
    ],
    [glyphs.unavailable, "no connected peer has it"],
  ]
}

/** Parts [start, end) in words, for the cell of the cursor: what they are, and how many peers have them. */
export function cellWords({ parts, availability, peers }: MapInput, [start, end]: Run): string {
  const named = end - start === 1 ? `part ${start}` : `parts ${start}-${end - 1}`
  const counts = [0, 0, 0, 0]
  let [least, most] = [Number.POSITIVE_INFINITY, 0]
  for (let index = start; index < end; index++) {
    const state = parts[index] ?? PartState.missing
    counts[state] = (counts[state] ?? 0) + 1
    least = Math.min(least, availability[index] ?? 0)
    most = Math.max(most, availability[index] ?? 0)
  }
  const words = ["missing", "on the way", "being checked", "here"]
  const states = counts.flatMap((count, state) =>
    count === 0 ? [] : `${end - start === 1 ? "" : `${formatCount(count)} `}${words[state]}`,
  )
  const holders = least === most ? String(most) : `${least} to ${most}`
  return `${named}: ${states.join(", ")}; ${holders} of ${peers.length} connected ${peers.length === 1 ? "peer has" : "peers have"} ${end - start === 1 ? "it" : "them"}`
}
