import type { Cell } from "../drawing/cells.js"
import type { Glyphs } from "../drawing/glyphs.js"
import type { Standing } from "../state/attention.js"
import type { ScreenState } from "../state/state.js"

/** What a filter by standing shows, as words behind "document". */
export const STANDING_WORDS: Readonly<Record<Standing, string>> = {
  failed: "that has failed",
  waiting: "that waits",
  downloading: "that downloads",
  hashing: "that is hashed",
  active: "that is served",
  seeding: "at rest",
  paused: "that is paused",
}

/** What narrows or orders the list, and how many are marked, two blanks before each. */
export function statusCells(state: ScreenState, glyphs: Glyphs): readonly Cell[] {
  const cells: Cell[] = []
  if (state.standing !== undefined) cells.push({ text: `  only ${state.standing}`, tone: "accent" })
  if (state.filter !== "" && state.mode.kind !== "filter")
    cells.push({ text: `  filter: ${state.filter}`, tone: "accent" })
  if (state.marked.size > 0) cells.push({ text: `  ${state.marked.size} marked`, tone: "accent" })
  if (state.sort.column !== "attention") {
    const arrow = state.sort.descending ? glyphs.down : glyphs.up
    cells.push({ text: `  by ${state.sort.column} ${arrow}`, tone: "dim" })
  }
  return cells
}
