import { PartState } from "../../../core/index.js"
import type { Cell, Row, Tone } from "../drawing/cells.js"
import type { Glyphs } from "../drawing/glyphs.js"

/** A part is drawn at most this wide, so that a document of three parts is not a screen of blocks. */
const MAX_CELLS_PER_PART = 8

export interface MapInput {
  /** One PartState a part. */
  readonly parts: Uint8Array
  /** One count of connected peers a part; same length. */
  readonly availability: Uint8Array
}

/**
 * The parts of a document as at most `height` rows of at most `width` cells, in order. A cell stands for one part or
 * for a run of neighbours (never for less than all of the document). Of a run it shows what asks for attention first:
 * being fetched, missing at every peer, some there, missing but available (how many peers, the rarest counts), all there.
 */
export function partsMap(input: MapInput, width: number, height: number, glyphs: Glyphs): readonly Row[] {
  const partCount = input.parts.length
  const room = Math.max(0, width) * Math.max(0, height)
  if (partCount === 0 || room === 0) return []
  const cellsPerPart = Math.max(1, Math.min(MAX_CELLS_PER_PART, Math.floor(width / partCount)))
  const runs = Math.min(partCount, room)
  const rows: Row[] = []
  const perRow = Math.floor(width / cellsPerPart)
  for (let first = 0; first < runs; first += perRow) {
    const glyphsOfRow: Cell[] = []
    for (let run = first; run < Math.min(runs, first + perRow); run++) {
      const start = Math.floor((run * partCount) / runs)
      const end = Math.floor(((run + 1) * partCount) / runs)
      const cell = mapCell(input, start, end, glyphs)
      append(glyphsOfRow, { ...cell, text: cell.text.repeat(cellsPerPart) })
    }
    rows.push(glyphsOfRow)
  }
  return rows
}

/** Neighbours in one tone become one cell: fewer nodes to lay out. */
function append(cells: Cell[], cell: Cell): void {
  const last = cells.at(-1)
  if (last !== undefined && last.tone === cell.tone) cells[cells.length - 1] = { ...last, text: last.text + cell.text }
  else cells.push(cell)
}

/** The cell of parts [start, end). */
function mapCell({ parts, availability }: MapInput, start: number, end: number, glyphs: Glyphs): Cell & { tone: Tone } {
  let have = 0
  let rarest = Number.POSITIVE_INFINITY
  for (let index = start; index < end; index++) {
    const state = parts[index]
    if (state === PartState.requested || state === PartState.verifying) return { text: glyphs.inFlight, tone: "busy" }
    if (state === PartState.have) have++
    else rarest = Math.min(rarest, availability[index] ?? 0)
  }
  if (have === end - start) return { text: glyphs.have, tone: "good" }
  if (rarest === 0) return { text: glyphs.unavailable, tone: "bad" }
  if (have > 0) return { text: glyphs.some, tone: "good" }
  return { text: rarest > 9 ? glyphs.many : String(rarest), tone: "dim" }
}

/** The same in one line, to stand below the map. */
export function legendRow(glyphs: Glyphs): Row {
  const { have, inFlight, some, many, unavailable } = glyphs
  const words = [`${have} there`, `${some} some there`, `${inFlight} on its way`, `1-9 ${many} peers that have it`]
  return [{ text: [...words, `${unavailable} no peer has it`].join("  "), tone: "dim" }]
}

/** What the map's cells mean, for help. */
export function mapLegend(glyphs: Glyphs): readonly (readonly [string, string])[] {
  return [
    [glyphs.have, "there"],
    [glyphs.inFlight, "being fetched or checked"],
    [glyphs.some, "several parts, some of them here"],
    [`1-9 ${glyphs.many}`, "missing; this number of connected peers has it"],
    [glyphs.unavailable, "missing, and no connected peer has it"],
  ]
}
