import { type KeyPress, MAX_PASTE_LENGTH } from "../keys/key-press.js"
import { listedIds } from "../state/document-order.js"
import type { Mode, ScreenState } from "../state/state.js"
import { EMPTY_FIELD, edit, fieldOf, insert, type TextField } from "../state/text-field.js"
import { type Reduced, still } from "./reduced.js"

type CommandMode = Extract<Mode, { kind: "command" }>

/** UTF-16 units that a line has at most: a terminal without marked pastes types them key by key. */
const MAX_LINE_LENGTH = MAX_PASTE_LENGTH

/** Lines kept across runs. */
const HISTORY_LENGTH = 500

/** Opens the command line with `text` typed. */
export function openCommandLine(state: ScreenState, text: string): Reduced {
  const mode: CommandMode = { kind: "command", problem: undefined, choices: [], historyDepth: 0, draft: "" }
  return still({ ...state, mode, field: fieldOf(text), message: undefined })
}

/** A key while the command line is open. */
export function typeCommand(state: ScreenState, mode: CommandMode, key: KeyPress): Reduced {
  switch (key.name) {
    case "enter":
      return submit(state)
    case "escape":
      return close(state)
    case "tab":
      return { state, effects: [{ kind: "complete", field: state.field }] }
    case "up":
    case "ctrl-p":
      return still(recall(state, mode, mode.historyDepth + 1))
    case "down":
    case "ctrl-n":
      return still(recall(state, mode, mode.historyDepth - 1))
    case "backspace":
      // As in less and vi: taking back the ":" itself closes the line.
      return state.field.value === "" ? close(state) : still(changed(state, mode, edited(state.field, key)))
    default: {
      const next = changed(state, mode, edited(state.field, key))
      return still(isCut(state.field, key) ? withCutSaid(next) : next)
    }
  }
}

/** A key while the filter is typed: the list follows every one. */
export function typeFilter(state: ScreenState, key: KeyPress): Reduced {
  if (key.name === "enter") return still({ ...state, mode: { kind: "browse" }, field: EMPTY_FIELD })
  if (key.name === "escape" || (key.name === "backspace" && state.field.value === "")) {
    return still({ ...state, mode: { kind: "browse" }, field: EMPTY_FIELD, filter: "" })
  }
  const field = edited(state.field, key)
  const next = { ...state, field, filter: field.value }
  const listed = listedIds(next)
  const stays = listed.includes(state.selectedId ?? "")
  return still(stays ? next : { ...next, selectedId: listed[0] ?? state.selectedId })
}

function edited(field: TextField, key: KeyPress): TextField {
  return edit(field, key.name) ?? (key.text === undefined ? field : insert(field, key.text.slice(0, roomIn(field))))
}

const roomIn = ({ value }: TextField): number => Math.max(0, MAX_LINE_LENGTH - value.length)

/** Was something of the key's text left out? */
function isCut(field: TextField, key: KeyPress): boolean {
  return key.isCut === true || (key.text !== undefined && key.text.length > roomIn(field))
}

function withCutSaid(state: ScreenState): ScreenState {
  if (state.mode.kind !== "command") return state
  const message = `a line has at most ${MAX_LINE_LENGTH.toLocaleString("en")} characters: the rest was left out`
  const { cursor } = state.field
  return { ...state, mode: { ...state.mode, problem: { message, span: { start: cursor, end: cursor } } } }
}

function changed(state: ScreenState, mode: CommandMode, field: TextField): ScreenState {
  if (field === state.field) return state
  const same = field.value === state.field.value
  return { ...state, field, mode: same ? mode : { ...mode, problem: undefined, choices: [], historyDepth: 0 } }
}

function submit(state: ScreenState): Reduced {
  const line = state.field.value.trim()
  const closed: ScreenState = { ...state, mode: { kind: "browse" }, field: EMPTY_FIELD, message: undefined }
  if (line === "") return still(closed)
  const history = [...state.history.filter((each) => each !== line), line].slice(-HISTORY_LENGTH)
  // The line as it was typed, because errors name its columns.
  const effects = [
    { kind: "run-line", line: state.field.value },
    { kind: "remember", line },
  ] as const
  return { state: { ...closed, history }, effects }
}

function close(state: ScreenState): Reduced {
  return still({ ...state, mode: { kind: "browse" }, field: EMPTY_FIELD })
}

function recall(state: ScreenState, mode: CommandMode, depth: number): ScreenState {
  if (depth < 0 || depth > state.history.length) return state
  const draft = mode.historyDepth === 0 ? state.field.value : mode.draft
  const line = depth === 0 ? draft : (state.history.at(-depth) ?? "")
  return {
    ...state,
    field: fieldOf(line),
    mode: { ...mode, draft, historyDepth: depth, problem: undefined, choices: [] },
  }
}
