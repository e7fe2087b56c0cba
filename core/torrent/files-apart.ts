import { atOnce, type Steps } from "../base/steps.js"
import { endOfString } from "./bracket-bounds.js"

/** Entries that are parsed at a time. Our choice: a millisecond. */
const ENTRIES_AT_ONCE = 512

const KEY = '"Files"'

/** Stands in the text in place of the list. */
export const FILES_STAND_APART = "(its files stand apart)"

/** The text of a torrent file without the entries of `Files`, and these in runs: 300,000 parsed at once take 100 MiB and half a second. */
export interface FilesApart {
  /** With FILES_STAND_APART for the list. */
  readonly text: string
  readonly entryCount: number
  /** Parses run by run. @throws SyntaxError where the list is no JSON. */
  lists(): Iterable<readonly unknown[]>
}

export function isApart(value: unknown): value is FilesApart {
  return value instanceof Apart
}

interface Run {
  readonly start: number
  readonly end: number
  readonly entryCount: number
}

/**
 * Takes the list behind the key "Files" out of a text that `refuseBrackets` let pass. Undefined where there is no such list, a short one, or
 * any doubt which it is. The caller makes sure that the key is where it belongs.
 */
export function filesApart(text: string): FilesApart | undefined {
  return atOnce(takingFilesApart(text))
}

/** The same in steps. */
export function* takingFilesApart(text: string): Steps<FilesApart | undefined> {
  const key = text.indexOf(KEY)
  if (key === -1) return undefined
  yield
  if (text.includes(KEY, key + 1)) return undefined
  yield
  if (text.includes(FILES_STAND_APART)) return undefined
  yield
  const start = /\s*:\s*\[/y
  start.lastIndex = key + KEY.length
  if (!start.test(text)) return undefined
  const runs = yield* runsOf(text, start.lastIndex)
  const end = runs?.at(-1)?.end
  if (runs === undefined || end === undefined || runs.length < 2) return undefined
  const rest = text.slice(0, start.lastIndex - 1) + JSON.stringify(FILES_STAND_APART) + text.slice(end + 1)
  return new Apart(rest, text, runs)
}

class Apart implements FilesApart {
  readonly text: string
  readonly entryCount: number
  readonly #whole: string
  readonly #runs: readonly Run[]

  constructor(text: string, whole: string, runs: readonly Run[]) {
    this.text = text
    this.entryCount = runs.reduce((sum, { entryCount }) => sum + entryCount, 0)
    this.#whole = whole
    this.#runs = runs
  }

  *lists(): Generator<readonly unknown[]> {
    for (const { start, end, entryCount } of this.#runs) {
      const list: readonly unknown[] = JSON.parse(`[${this.#whole.slice(start, end)}]`)
      // Two commas in a row at the border of a run, or one before the end, would pass unseen.
      if (list.length !== entryCount) throw new SyntaxError("an entry is missing in a list")
      yield list
    }
  }
}

const QUOTE = 0x22
const COMMA = 0x2c
const LIST_START = 0x5b
const LIST_END = 0x5d
const OBJECT_START = 0x7b
const OBJECT_END = 0x7d

/** Runs that are found in one step. Our choice: some milliseconds. */
const RUNS_AT_ONCE = 32

/** The runs of a list whose first entry begins at `from`; undefined for a list without an end. */
function* runsOf(text: string, from: number): Steps<Run[] | undefined> {
  const runs: Run[] = []
  for (let start = from; start < text.length; ) {
    const { run, isLast } = runFrom(text, start)
    if (run === undefined) return undefined
    runs.push(run)
    if (isLast) return runs
    start = run.end + 1
    if (runs.length % RUNS_AT_ONCE === 0) yield
  }
  return undefined
}

function runFrom(text: string, start: number): { readonly run: Run | undefined; readonly isLast: boolean } {
  let entryCount = 1
  let depth = 0
  for (let at = start; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char === QUOTE) at = endOfString(text, at)
    else if (char === LIST_START || char === OBJECT_START) depth++
    else if (char === LIST_END || char === OBJECT_END) {
      if (depth === 0) return { run: { start, end: at, entryCount }, isLast: true }
      depth--
    } else if (char === COMMA && depth === 0) {
      if (entryCount === ENTRIES_AT_ONCE) return { run: { start, end: at, entryCount }, isLast: false }
      entryCount++
    }
  }
  return { run: undefined, isLast: true }
}
