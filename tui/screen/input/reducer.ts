import type { ClientSnapshot, DocumentDetail } from "../../../core/index.js"
import type { Span } from "../../commands/command-line-error.js"
import type { JournalEntry } from "../../commands/journal.js"
import type { KeyPress } from "../keys/key-press.js"
import { listedIds } from "../state/document-order.js"
import { sampleRates } from "../state/rate-history.js"
import type { Message, ScreenState } from "../state/state.js"
import type { TextField } from "../state/text-field.js"
import { browse } from "./browse.js"
import { answerQuestion, interrupt } from "./confirm.js"
import { type Reduced, still } from "./reduced.js"
import { typeCommand, typeFilter } from "./typing.js"

/** What may happen to the screen. */
export type ScreenEvent =
  | { readonly kind: "key"; readonly key: KeyPress }
  | { readonly kind: "resized"; readonly columns: number; readonly rows: number }
  | { readonly kind: "snapshot"; readonly snapshot: ClientSnapshot }
  | { readonly kind: "details"; readonly detail: DocumentDetail | undefined; readonly all: readonly DocumentDetail[] }
  | { readonly kind: "log"; readonly entries: readonly JournalEntry[] }
  | { readonly kind: "message"; readonly message: Message }
  /** A line from the command line was refused: it comes back, with what is wrong under it. */
  | { readonly kind: "refused"; readonly line: string; readonly message: string; readonly span: Span | undefined }
  | {
      readonly kind: "completed"
      readonly asked: TextField
      readonly field: TextField
      readonly choices: readonly string[]
    }
  /** A document has come into the list, and is what the user wants to see. */
  | { readonly kind: "select"; readonly id: string }
  | { readonly kind: "show"; readonly view: "documents" | "peers" | "help" }

/** The screen's one state changes here only: event in, state and wanted effects out. Pure. */
export function reduce(state: ScreenState, event: ScreenEvent): Reduced {
  switch (event.kind) {
    case "key":
      return reduceKey(state, event.key)
    case "resized":
      return still({ ...state, columns: event.columns, rows: event.rows })
    case "snapshot":
      return still(withSnapshot(state, event.snapshot))
    case "details":
      return still({ ...state, detail: event.detail, allDetails: event.all })
    case "log":
      return still({ ...state, log: event.entries })
    case "message":
      return still({ ...state, message: event.message })
    case "refused":
      return still(refused(state, event))
    case "completed":
      return still(completed(state, event))
    case "select":
      return still(select(state, event.id))
    case "show":
      return still({ ...state, view: event.view, viewBelow: event.view === "help" ? state.view : "documents" })
    default:
      return never(event)
  }
}

function never(event: never): never {
  throw new TypeError(`unknown screen event ${JSON.stringify(event)}`)
}

function reduceKey(before: ScreenState, key: KeyPress): Reduced {
  if (key.name === "ctrl-c") return interrupt(before)
  const state =
    before.interrupted || before.isUntouched ? { ...before, interrupted: false, isUntouched: false } : before
  switch (state.mode.kind) {
    case "browse":
      return browse(state, key)
    case "command":
      return typeCommand(state, state.mode, key)
    case "filter":
      return typeFilter(state, key)
    case "confirm":
      return answerQuestion(state, state.mode, key)
    default:
      return state.mode satisfies never
  }
}

/** Keeps the selection on its line; when that is gone, on the one that took its place in the list. */
function withSnapshot(state: ScreenState, snapshot: ClientSnapshot): ScreenState {
  const next = { ...state, snapshot, rateHistories: sampleRates(state.rateHistories, snapshot) }
  const ids = new Set(snapshot.documents.map((document) => document.id))
  const marked = [...state.marked].every((id) => ids.has(id))
    ? state.marked
    : new Set([...state.marked].filter((id) => ids.has(id)))
  const isThere = ids.has(state.selectedId ?? "") || snapshot.jobs.some(({ id }) => id === state.selectedId)
  if (state.isUntouched) return { ...next, marked, selectedId: listedIds(next)[0] }
  if (isThere) return { ...next, marked }
  const place = listedIds(state).indexOf(state.selectedId ?? "")
  const listed = listedIds(next)
  return { ...next, marked, selectedId: listed[Math.min(Math.max(0, place), listed.length - 1)] }
}

/** A filter that hides it is taken off, unless it is being typed. */
function select(state: ScreenState, id: string): ScreenState {
  if (listedIds(state).includes(id)) return { ...state, selectedId: id }
  return state.mode.kind === "filter" ? state : { ...state, selectedId: id, filter: "", standing: undefined }
}

function refused(state: ScreenState, event: { line: string; message: string; span: Span | undefined }): ScreenState {
  const message: Message = { text: event.message, tone: "bad" }
  // The user is typing already, so the line stays as it is.
  if (state.mode.kind !== "browse" || event.span === undefined) return { ...state, message }
  const problem = { message: event.message, span: event.span }
  return {
    ...state,
    mode: { kind: "command", problem, choices: [], historyDepth: 0, draft: event.line },
    field: { value: event.line, cursor: Math.min(event.line.length, event.span.end) },
  }
}

/** Takes over what Tab found, unless more was typed meanwhile. */
function completed(
  state: ScreenState,
  { asked, field, choices }: { asked: TextField; field: TextField; choices: readonly string[] },
): ScreenState {
  if (state.mode.kind !== "command" || state.field !== asked) return state
  return { ...state, field, mode: { ...state.mode, choices, problem: undefined } }
}
