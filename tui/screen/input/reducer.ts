import type { ClientSnapshot, DocumentDetail, DocumentSnapshot, TreePage } from "../../../core/index.js"
import type { Theme } from "../../base/screen-config.js"
import type { FilesInterest } from "../../commands/client-view.js"
import type { Span } from "../../commands/command-line-error.js"
import type { JournalEntry } from "../../commands/journal.js"
import type { MovedToday } from "../../commands/moved-today.js"
import { documentsById, listedIds, placeInList } from "../state/document-order.js"
import { filesOf, isUpToDate, withChangeOver, withFiles, withPage } from "../state/files.js"
import type { KeyPress, MousePress } from "../state/key.js"
import { sampleRates } from "../state/rate-history.js"
import type { Choice, Fault, Message, ScreenState } from "../state/state.js"
import type { TextField } from "../state/text-field.js"
import { helpPlace } from "../views/help-view.js"
import { browse } from "./browse.js"
import { answerQuestion, askToStop, interrupt } from "./confirm.js"
import { withEnded, withSeen } from "./ended.js"
import { mousePressed } from "./mouse-press.js"
import { pick } from "./pick.js"
import { type Reduced, still } from "./reduced.js"
import { ranWell, typeCommand, typeFilter, withLine } from "./typing.js"

/** What may happen to the screen. */
export type ScreenEvent =
  | { readonly kind: "key"; readonly key: KeyPress }
  | { readonly kind: "resized"; readonly columns: number; readonly rows: number }
  | { readonly kind: "snapshot"; readonly snapshot: ClientSnapshot; readonly today?: MovedToday | undefined }
  | { readonly kind: "details"; readonly detail: DocumentDetail | undefined; readonly all: readonly DocumentDetail[] }
  /** The page of files that is wanted; undefined, or not ready: it is worked out. */
  | ({ readonly kind: "files"; readonly page: TreePage | undefined } & FilesInterest)
  /** A change of the wanted files has been made or refused. */
  | { readonly kind: "files-chosen"; readonly number: number; readonly isMade: boolean }
  | { readonly kind: "log"; readonly entries: readonly JournalEntry[] }
  | { readonly kind: "message"; readonly message: Message }
  /** A line from the command line has done what it does, or takes longer: it closes. */
  | { readonly kind: "ran"; readonly line: string }
  /** A line from the command line was refused: it stays, with what is wrong under the word. */
  | { readonly kind: "refused"; readonly line: string; readonly message: string; readonly span: Span | undefined }
  | {
      readonly kind: "completed"
      readonly asked: TextField
      readonly field: TextField
      readonly choices: readonly Choice[]
      readonly problem?: Fault | undefined
    }
  /** A document has come into the list, and is what the user wants to see. */
  | { readonly kind: "select"; readonly id: string }
  /** `command`: of help, what it opens at. */
  | { readonly kind: "show"; readonly view: "documents" | "peers" | "help"; readonly command?: string | undefined }
  /** A link is to be scanned. */
  | { readonly kind: "qr"; readonly title: string; readonly rows: readonly string[] }
  | { readonly kind: "mouse"; readonly press: MousePress }
  /** "quit" was typed, and the client is in another process. */
  | { readonly kind: "stop-asked" }
  | { readonly kind: "theme"; readonly theme: Theme }
  /** Of the terminal, as it answers. */
  | { readonly kind: "background"; readonly background: "light" | "dark" }

/** The screen's one state changes here only: event in, state and wanted effects out. Pure. */
export function reduce(state: ScreenState, event: ScreenEvent): Reduced {
  switch (event.kind) {
    case "key":
      return seen(reduceKey(state, event.key))
    case "background":
      return still({ ...state, background: event.background })
    case "theme":
      return { state: { ...state, theme: event.theme }, effects: [] }
    case "resized":
      return still({ ...state, columns: event.columns, rows: event.rows })
    case "snapshot":
      return withEnded(
        still(withSnapshot({ ...state, today: event.today ?? state.today }, event.snapshot)),
        state.snapshot,
      )
    case "details":
      return still({ ...state, detail: event.detail, allDetails: event.all })
    case "files":
      return withWaitingKeys(withPage(state, event))
    case "files-chosen":
      return still(withChangeOver(state, event.number, event.isMade))
    case "log":
      return still({ ...state, log: event.entries })
    case "message":
      return still({ ...state, message: event.message })
    case "ran":
      return ran(state, event.line)
    case "refused":
      return still(refused(state, event))
    case "completed":
      return still(completed(state, event))
    case "select":
      return still(select(state, event.id))
    case "show":
      return still(show(state, event))
    case "qr":
      return still({ ...state, mode: event, message: undefined })
    case "mouse":
      return seen(mousePressed(state, event.press))
    case "stop-asked":
      return askToStop(state)
    default:
      return never(event)
  }
}

function show(state: ScreenState, { view, command }: Extract<ScreenEvent, { kind: "show" }>): ScreenState {
  const viewBelow = view !== "help" ? "documents" : state.view === "help" ? state.viewBelow : state.view
  const start = view === "help" ? helpPlace(command, state.columns) : state.scroll[view]
  return { ...state, view, viewBelow, scroll: { ...state.scroll, [view]: start } }
}

/** Keys that came while it ran count now, one after the other. */
function ran(before: ScreenState, line: string): Reduced {
  const { mode, field } = before
  if (mode.kind !== "command" || mode.running === undefined || field.value !== line) return still(before)
  const { state, keys } = ranWell(before)
  return inTurn(state, keys)
}

function inTurn(state: ScreenState, keys: readonly KeyPress[]): Reduced {
  let reduced = still(state)
  for (const key of keys) {
    const { state: next, effects } = seen(reduceKey(reduced.state, key))
    reduced = { state: next, effects: [...reduced.effects, ...effects] }
  }
  return reduced
}

/** Keys that came before the rows that they are for. */
function withWaitingKeys(state: ScreenState): Reduced {
  const files = filesOf(state)
  if (files.waiting.length === 0 || !isUpToDate(files)) return still(state)
  return inTurn(withFiles(state, { waiting: [] }), files.waiting)
}

function seen({ state, effects }: Reduced): Reduced {
  return { state: withSeen(state), effects }
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
    case "pick":
      return pick(state, state.mode, key)
    case "qr":
      return still({ ...state, mode: { kind: "browse" } })
    case "notice":
      return closeNotice(state, key)
    case "confirm":
      return answerQuestion(state, state.mode, key)
    default:
      return state.mode satisfies never
  }
}

/** Any key closes it; a pasted link opens the command line with its download. */
function closeNotice(before: ScreenState, key: KeyPress): Reduced {
  const state: ScreenState = { ...before, mode: { kind: "browse" } }
  return key.name === "paste" ? browse(state, key) : still(state)
}

/** Removals that can be undone. */
const MAX_REMOVED = 20

/** Keeps the selection on its line; when that is gone, on the one that took its place in the list. */
function withSnapshot(state: ScreenState, snapshot: ClientSnapshot): ScreenState {
  const message = isOver(state.message, state.snapshot, snapshot) ? undefined : state.message
  const shown = { ...state, snapshot, message, rateHistories: sampleRates(state.rateHistories, snapshot) }
  const ids = documentsById(snapshot.documents)
  const marked = [...state.marked].every((id) => ids.has(id))
    ? state.marked
    : new Set([...state.marked].filter((id) => ids.has(id)))
  // What was known by its link has no torrent file that could bring it back.
  const gone = state.snapshot.documents.filter(({ id, isDescribed }) => !ids.has(id) && isDescribed !== false)
  const next = gone.length === 0 ? shown : { ...shown, removed: [...shown.removed, ...gone].slice(-MAX_REMOVED) }
  const isThere = ids.has(state.selectedId ?? "") || snapshot.jobs.some(({ id }) => id === state.selectedId)
  if (state.isUntouched) return { ...next, marked, selectedId: listedIds(next)[0] }
  if (isThere) return { ...next, marked }
  const place = placeInList(state, state.selectedId) ?? 0
  const listed = listedIds(next)
  return { ...next, marked, selectedId: listed[Math.min(place, listed.length - 1)] }
}

/** What a message says of a download is over when that has ended, rests, or has gone over to another id. */
function isOver(message: Message | undefined, before: ClientSnapshot, now: ClientSnapshot): boolean {
  const isDownloaded = ({ id, state }: DocumentSnapshot): boolean =>
    id === message?.whileDownloading && (state === "downloading" || state === "checking")
  // The picture of another process may be older than what it reports: a document that is not there yet is not over.
  return before.documents.some(isDownloaded) && !now.documents.some(isDownloaded)
}

/** A filter that hides it is taken off, unless it is being typed. */
function select(state: ScreenState, id: string): ScreenState {
  if (placeInList(state, id) !== undefined) return { ...state, selectedId: id }
  return state.mode.kind === "filter" ? state : { ...state, selectedId: id, filter: "", standing: undefined }
}

function refused(state: ScreenState, event: { line: string; message: string; span: Span | undefined }): ScreenState {
  const { line, message, span } = event
  const isOpen = state.mode.kind === "command" && state.mode.running !== undefined && state.field.value === line
  // Something else is being done meanwhile: that is not disturbed.
  if (!isOpen) return { ...state, message: { text: message, tone: "bad" } satisfies Message }
  const cursor = Math.min(line.length, span?.end ?? line.length)
  return withLine(state, { value: line, cursor }, { message, span })
}

/** Takes over what Tab found, unless more was typed meanwhile. */
function completed(
  state: ScreenState,
  { asked, field, choices, problem }: Extract<ScreenEvent, { kind: "completed" }>,
): ScreenState {
  if (state.mode.kind !== "command" || state.field !== asked) return state
  return {
    ...state,
    field,
    mode: { ...state.mode, choices, chosen: undefined, problem, draft: field.value },
  }
}
