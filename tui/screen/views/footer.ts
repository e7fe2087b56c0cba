import type { Cell, Row } from "../drawing/cells.js"
import { cutTo, widthOf } from "../drawing/cells.js"
import type { Glyphs } from "../drawing/glyphs.js"
import { KEY_TABLE, type KeyBinding, shownKey, worksIn } from "../keys/keys.js"
import type { Mode, ScreenState } from "../state/state.js"

/** The line being typed, as it is shown. */
export interface InputLine {
  /** ":", "/", "find: ". */
  readonly prompt: string
  /** The part of the value that is in sight. */
  readonly text: string
  /** Column of the cursor on the screen, 0-based. */
  readonly cursorColumn: number
}

/** The line being typed, scrolled so that the cursor is in sight; undefined while nothing is typed. */
export function inputLine(state: ScreenState): InputLine | undefined {
  const prompt = promptOf(state.mode)
  if (prompt === undefined) return undefined
  const { value, cursor } = state.field
  // One column more for a cursor behind the last character.
  const room = state.columns - prompt.length - 1
  const skipped = hiddenBefore(value, cursor, room)
  return {
    prompt,
    text: cutTo(value.slice(skipped), room),
    cursorColumn: prompt.length + widthOf(value.slice(skipped, cursor)),
  }
}

function promptOf(mode: Mode): string | undefined {
  if (mode.kind === "command") return ":"
  if (mode.kind === "filter") return "/"
  if (mode.kind === "pick") return mode.source === "find" ? "find: " : "earlier line: "
  return undefined
}

/** How many UTF-16 units at the beginning are out of sight, so that the cursor is at most `room` columns behind them. */
function hiddenBefore(value: string, cursor: number, room: number): number {
  const segments = [...new Intl.Segmenter().segment(value.slice(0, cursor))]
  let columns = 0
  for (const { segment, index } of segments.reverse()) {
    columns += widthOf(segment)
    if (columns > room) return index + segment.length
  }
  return 0
}

/** What happened last, or a question, as it stands above the keys while nothing is typed. */
export function messageCell(state: ScreenState): Cell | undefined {
  if (state.mode.kind === "confirm") return { text: state.mode.question, tone: "warn" }
  return state.message === undefined ? undefined : { text: state.message.text, tone: state.message.tone }
}

/** What is wrong with the line being typed, where the lowest line has no room for it. */
export function longProblem(state: ScreenState): string | undefined {
  if (state.mode.kind !== "command" || state.mode.problem === undefined) return undefined
  const { message } = state.mode.problem
  const marks = marksUnder(state.mode.problem, state)
  const room = marks === undefined ? state.columns : roomBeside(marks, state.columns)
  return widthOf(message) > room ? message : undefined
}

/** The lowest line: the keys that work now, or what there is to say about the line being typed. */
export function footerRow(state: ScreenState, glyphs: Glyphs): Row {
  switch (state.mode.kind) {
    case "command":
      return commandHint(state.mode, state, glyphs)
    case "filter":
      return hints(
        [
          ["Enter", "keep the filter"],
          ["Esc", "show all"],
        ],
        state.columns,
      )
    case "pick":
      return hints(
        [
          ["Up, Down", "walk"],
          ["Enter", state.mode.source === "find" ? "go there" : "take the line"],
          ["Esc", "close"],
        ],
        state.columns,
      )
    case "qr":
      return [{ text: "any key goes back", tone: "dim" }]
    case "notice":
      return [{ text: "any key closes this text", tone: "dim" }]
    case "confirm":
      return hints(
        [
          ["y", "yes"],
          ["any other key", "no"],
        ],
        state.columns,
      )
    default:
      return hints(keyHints(state), state.columns)
  }
}

function keyHints(state: ScreenState): readonly (readonly [string, string])[] {
  const isFirst = ({ footerFirst }: KeyBinding) => footerFirst?.includes(state.view) === true
  const ordered = [...KEY_TABLE.filter(isFirst), ...KEY_TABLE.filter((binding) => !isFirst(binding))]
  return ordered.flatMap((binding) => {
    if (binding.label === undefined || !worksIn(binding, state.view)) return []
    const label = binding.action === "quit" && state.isAttached ? "detach" : binding.label
    return [[shownKey(binding.keys[0] ?? ""), label] as const]
  })
}

/** "q quit  ? help": as many as fit. The last two (help and quit) always stay. */
function hints(pairs: readonly (readonly [string, string])[], columns: number): Row {
  const width = ([key, label]: readonly [string, string]): number => widthOf(key) + 1 + widthOf(label) + 2
  const kept = pairs.slice(-2)
  // The blanks behind the last one need no room.
  let room = columns + 2 - kept.reduce((sum, pair) => sum + width(pair), 0)
  const shown: (readonly [string, string])[] = []
  for (const pair of pairs.slice(0, -2)) {
    room -= width(pair)
    if (room < 0) break
    shown.push(pair)
  }
  const all = [...shown, ...kept]
  return all.flatMap(([key, label], place): Cell[] => [
    { text: key, tone: "accent" },
    { text: place === all.length - 1 ? ` ${label}` : ` ${label}  `, tone: "dim" },
  ])
}

/** The fault under its word, Tab's choices, or the keys. */
function commandHint(mode: Extract<Mode, { kind: "command" }>, state: ScreenState, glyphs: Glyphs): Row {
  if (mode.problem !== undefined) return problemRow(mode.problem, state, glyphs)
  if (mode.choices.length > 0) return hints(WALK_HINTS, state.columns)
  if (mode.running !== undefined) return hints([["Esc", "close"]], state.columns)
  return hints(
    [
      ["Tab", "complete"],
      ["Up", "earlier lines"],
      ["Ctrl-R", "find one"],
      ["Enter", "run"],
      ["Esc", "close"],
    ],
    state.columns,
  )
}

const WALK_HINTS = [
  ["Tab", "next"],
  ["Up, Down", "walk"],
  ["Enter", "take"],
  ["Esc", "as typed"],
] as const

type Problem = NonNullable<Extract<Mode, { kind: "command" }>["problem"]>

/** The word that is wrong, as columns of the screen. */
interface Marks {
  readonly column: number
  readonly width: number
}

function marksUnder({ span }: Problem, { field, columns }: ScreenState): Marks | undefined {
  if (span === undefined) return undefined
  const hidden = hiddenBefore(field.value, field.cursor, columns - 2)
  const start = Math.max(hidden, span.start)
  const column = 1 + widthOf(field.value.slice(hidden, start))
  return { column, width: Math.max(1, Math.min(widthOf(field.value.slice(start, span.end)), columns - column)) }
}

/** Columns for a sentence behind the marks, or before them where that is more. */
function roomBeside({ column, width }: Marks, columns: number): number {
  return Math.max(columns - column - width - 1, column - 1)
}

/** "        ^^^ unknown command" with the marks under the word; the sentence goes left of them where there is no room, or above the line. */
function problemRow(problem: Problem, state: ScreenState, glyphs: Glyphs): Row {
  const sentence = problem.message
  const marks = marksUnder(problem, state)
  if (marks === undefined) return longProblem(state) === undefined ? [{ text: sentence, tone: "bad" }] : []
  const { column, width } = marks
  const mark = (glyphs.rule === "-" ? "^" : "▔").repeat(width)
  const alone: Row = [{ text: " ".repeat(column) }, { text: mark, tone: "bad" }]
  if (longProblem(state) !== undefined) return alone
  if (widthOf(sentence) <= state.columns - column - width - 1)
    return [{ text: " ".repeat(column) }, { text: `${mark} ${sentence}`, tone: "bad" }]
  return [
    { text: sentence + " ".repeat(column - widthOf(sentence)), tone: "bad" },
    { text: mark, tone: "bad" },
  ]
}
