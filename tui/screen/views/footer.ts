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

/** The line above the keys, while nothing is typed: what happened last, or a question. */
export function messageRow(state: ScreenState): Row {
  if (state.mode.kind === "confirm") return [{ text: state.mode.question, tone: "warn" }]
  return state.message === undefined ? [] : [{ text: state.message.text, tone: state.message.tone }]
}

/** The lowest line: the keys that work now, or what there is to say about the line being typed. */
export function footerRow(state: ScreenState, glyphs: Glyphs): Row {
  switch (state.mode.kind) {
    case "command":
      return commandHint(state.mode, inputLine(state), state, glyphs)
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
function commandHint(
  mode: Extract<Mode, { kind: "command" }>,
  line: InputLine | undefined,
  state: ScreenState,
  glyphs: Glyphs,
): Row {
  if (mode.problem !== undefined) return problemRow(mode.problem, line, state, glyphs)
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

/** "        ^^^ unknown command" with the marks under the word; the sentence goes left of them where there is no room. */
function problemRow(
  problem: NonNullable<Extract<Mode, { kind: "command" }>["problem"]>,
  line: InputLine | undefined,
  state: ScreenState,
  glyphs: Glyphs,
): Row {
  const sentence = problem.message
  if (problem.span === undefined || line === undefined) return [{ text: sentence, tone: "bad" }]
  const { start, end } = problem.span
  const hidden = hiddenBefore(state.field.value, state.field.cursor, state.columns - 2)
  const column = 1 + widthOf(state.field.value.slice(hidden, Math.max(hidden, start)))
  const marks = (glyphs.rule === "-" ? "^" : "▔").repeat(Math.max(1, end - Math.max(start, hidden)))
  const room = state.columns - column - widthOf(marks) - 1
  if (widthOf(sentence) <= room) return [{ text: " ".repeat(column) }, { text: `${marks} ${sentence}`, tone: "bad" }]
  if (widthOf(sentence) < column)
    return [
      { text: sentence.padEnd(column), tone: "bad" },
      { text: marks, tone: "bad" },
    ]
  return [{ text: sentence, tone: "bad" }]
}
