import { formatCount } from "../../base/format.js"
import { MAX_PASTE_LENGTH } from "../keys/key-press.js"
import { listedIds, placeInList } from "../state/document-order.js"
import { filesOf, filteredFiles, withFiles } from "../state/files.js"
import type { KeyPress } from "../state/key.js"
import type { Mode, ScreenState } from "../state/state.js"
import { EMPTY_FIELD, edit, fieldOf, insert, type TextField } from "../state/text-field.js"
import { holdsKey, pastedLink } from "./pasted-link.js"
import { type Reduced, still } from "./reduced.js"

type CommandMode = Extract<Mode, { kind: "command" }>

/** UTF-16 units that a line has at most: a terminal without marked pastes types them key by key. */
const MAX_LINE_LENGTH = MAX_PASTE_LENGTH

/** Lines kept across runs. */
const HISTORY_LENGTH = 500

/** A command line at rest: nothing wrong, nothing offered. */
const AT_REST = { problem: undefined, choices: [], chosen: undefined, running: undefined } as const

/** Opens the command line with `text` typed. */
export function openCommandLine(state: ScreenState, text: string): Reduced {
  return still({ ...withLine(state, fieldOf(text)), message: undefined })
}

/** The command line with `field` in it, and `problem` under it. */
export function withLine(state: ScreenState, field: TextField, problem?: CommandMode["problem"]): ScreenState {
  const mode: CommandMode = { kind: "command", ...AT_REST, problem, historyDepth: 0, draft: field.value }
  return { ...state, mode, field }
}

/** A key while the command line is open. */
export function typeCommand(state: ScreenState, mode: CommandMode, key: KeyPress): Reduced {
  if (mode.running !== undefined) return typeWhileRunning(state, mode, mode.running, key)
  const walked = walkChoices(state, mode, key)
  if (walked !== undefined) return walked
  switch (key.name) {
    case "enter":
      return submit(state, mode)
    case "escape":
      return close(state)
    case "tab":
      return { state, effects: [{ kind: "complete", field: state.field }] }
    case "ctrl-r":
      return still({ ...state, mode: { kind: "pick", source: "history", chosen: 0 }, field: EMPTY_FIELD })
    case "up":
    case "ctrl-p":
      return still(recall(state, mode, mode.historyDepth + 1))
    case "down":
    case "ctrl-n":
      return still(recall(state, mode, mode.historyDepth - 1))
    case "backspace":
      // As in less and vi: taking back the ":" itself closes the line.
      return state.field.value === "" ? close(state) : still(changed(state, mode, edited(state.field, key)))
    case "paste": {
      const link = pastedLink(key.text ?? "")
      if (link === undefined) return still(typed(state, mode, key))
      const text = state.field.value.trim() === "" ? `download ${link}` : link
      return still(typed(state, mode, { name: "paste", text }))
    }
    default:
      return still(typed(state, mode, key))
  }
}

function typed(state: ScreenState, mode: CommandMode, key: KeyPress): ScreenState {
  const next = changed(state, mode, edited(state.field, key))
  return isCut(state.field, key) ? withCutSaid(next) : next
}

/** The line stays until it is known what comes of it: keys until then are for what comes after a command that went well. */
function typeWhileRunning(state: ScreenState, mode: CommandMode, waiting: readonly KeyPress[], key: KeyPress): Reduced {
  if (key.name === "escape") return close(state)
  return still({ ...state, mode: { ...mode, running: [...waiting, key] } })
}

/** While Tab's choices are shown, it and the arrows walk through them; Enter keeps the one in the line, Esc takes it out. */
function walkChoices(state: ScreenState, mode: CommandMode, key: KeyPress): Reduced | undefined {
  const { choices, chosen } = mode
  if (choices.length === 0) return undefined
  const steps: Readonly<Record<string, number>> = {
    ...{ tab: 1, down: 1, "ctrl-n": 1, "shift-tab": -1, up: -1, "ctrl-p": -1, pagedown: 5, pageup: -5 },
  }
  const step = steps[key.name]
  if (step !== undefined) {
    const place = chosen === undefined ? (step > 0 ? step - 1 : choices.length + step) : chosen + step
    const next = (place + choices.length) % choices.length
    return still({ ...state, field: choices[next]?.field ?? state.field, mode: { ...mode, chosen: next } })
  }
  if (key.name === "escape") {
    return still({ ...state, field: fieldOf(mode.draft), mode: { ...mode, choices: [], chosen: undefined } })
  }
  if (key.name === "enter" && chosen !== undefined) {
    return still({ ...state, mode: { ...mode, choices: [], chosen: undefined } })
  }
  return undefined
}

/** Of the list that is looked at. */
export function filterOf(state: ScreenState): string {
  return state.view === "files" ? filesOf(state).filter : state.filter
}

function withFilter(state: ScreenState, filter: string): ScreenState {
  return state.view === "files" ? withFiles(state, filteredFiles(filter)) : { ...state, filter }
}

/** A key while the filter is typed: the list follows every one. */
export function typeFilter(state: ScreenState, key: KeyPress): Reduced {
  if (key.name === "enter") return still({ ...state, mode: { kind: "browse" }, field: EMPTY_FIELD })
  if (key.name === "escape" || (key.name === "backspace" && state.field.value === "")) {
    return still({ ...withFilter(state, ""), mode: { kind: "browse" }, field: EMPTY_FIELD })
  }
  const field = edited(state.field, key)
  const next = { ...(field.value === filterOf(state) ? state : withFilter(state, field.value)), field }
  if (state.view === "files") return still(next)
  const stays = placeInList(next, state.selectedId) !== undefined
  return still(stays ? next : { ...next, selectedId: listedIds(next)[0] ?? state.selectedId })
}

export function edited(field: TextField, key: KeyPress): TextField {
  return edit(field, key.name) ?? (key.text === undefined ? field : insert(field, key.text.slice(0, roomIn(field))))
}

const roomIn = ({ value }: TextField): number => Math.max(0, MAX_LINE_LENGTH - value.length)

/** Was something of the key's text left out? */
function isCut(field: TextField, key: KeyPress): boolean {
  return key.isCut === true || (key.text !== undefined && key.text.length > roomIn(field))
}

function withCutSaid(state: ScreenState): ScreenState {
  if (state.mode.kind !== "command") return state
  const message = `a line has at most ${formatCount(MAX_LINE_LENGTH)} characters: the rest was left out`
  const { cursor } = state.field
  return { ...state, mode: { ...state.mode, problem: { message, span: { start: cursor, end: cursor } } } }
}

function changed(state: ScreenState, mode: CommandMode, field: TextField): ScreenState {
  if (field === state.field) return state
  const same = field.value === state.field.value
  if (same) return { ...state, field }
  return { ...state, field, mode: { ...mode, ...AT_REST, historyDepth: 0, draft: field.value } }
}

function submit(state: ScreenState, mode: CommandMode): Reduced {
  const line = state.field.value.trim()
  if (line === "") return close({ ...state, message: undefined })
  const kept = [...state.history.filter((each) => each !== line), line].slice(-HISTORY_LENGTH)
  const history = holdsKey(line) ? state.history : kept
  // The line as it was typed, because errors name its columns.
  const run = { kind: "run-line", line: state.field.value } as const
  const effects = holdsKey(line) ? [run] : [run, { kind: "remember", line } as const]
  return { state: { ...state, message: undefined, history, mode: { ...mode, ...AT_REST, running: [] } }, effects }
}

/** The line that runs is over, or takes its time: keys that came since are for what is shown now. */
export function ranWell(state: ScreenState): { readonly state: ScreenState; readonly keys: readonly KeyPress[] } {
  const keys = state.mode.kind === "command" ? (state.mode.running ?? []) : []
  return { state: { ...state, mode: { kind: "browse" }, field: EMPTY_FIELD }, keys }
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
    mode: { ...mode, ...AT_REST, draft, historyDepth: depth },
  }
}
