import type { DocumentSnapshot } from "../../../core/index.js"
import { formatCount } from "../../base/format.js"
import { printable } from "../../base/printable.js"
import { quoteWord } from "../../commands/words.js"
import { namesApart } from "../../words/document-names.js"
import type { KeyPress } from "../keys/key-press.js"
import { type ActionName, actionOf } from "../keys/keys.js"
import { after } from "../state/after.js"
import { STANDINGS } from "../state/attention.js"
import {
  isLargestFirst,
  listed,
  listedDocuments,
  listedIds,
  placeInList,
  selectedDocument,
  selectedJob,
  standingOfLine,
  targets,
} from "../state/document-order.js"
import { filesOf, filteredFiles, isUpToDate, withFiles, withoutWaiting, withWaiting } from "../state/files.js"
import {
  type Effect,
  LOG_LEVELS,
  type ScreenState,
  SORT_COLUMNS,
  type Sort,
  type SortColumn,
  VIEWS,
  type View,
} from "../state/state.js"
import { EMPTY_FIELD, fieldOf } from "../state/text-field.js"
import { type Step, scrollTo } from "../views/scrolling.js"
import {
  closeFolder,
  openFolder,
  reverseFiles,
  sortFiles,
  toggleAllFiles,
  toggleFile,
  toggleFolder,
  toggleFolders,
} from "./browse-files.js"
import { ask, quit } from "./confirm.js"
import { jobKey } from "./job-keys.js"
import { moveCell } from "./map-cursor.js"
import { pastedLink } from "./pasted-link.js"
import { type Reduced, still } from "./reduced.js"
import { filterOf, openCommandLine, withLine } from "./typing.js"

/** A key while nothing is being typed: the key table says what it does. */
export function browse(state: ScreenState, key: KeyPress): Reduced {
  const link = key.name === "paste" ? pastedLink(key.text ?? "") : undefined
  if (link !== undefined) return openCommandLine(state, `download ${link}`)
  const action = actionOf(key.name, state.view)
  if (action !== undefined && state.view === "files" && ON_ROWS.has(action) && !isUpToDate(filesOf(state)))
    return still(withWaiting(state, key))
  if (action === undefined) return still(state)
  const quiet = { ...state, message: undefined }
  return jobKey(quiet, action) ?? ACTIONS[action](quiet)
}

/** What keys do with the rows of files that are in sight: they wait for the rows. */
const ON_ROWS: ReadonlySet<ActionName> = new Set([
  ...(["toggle-file", "toggle-all-files", "toggle-folder", "open-folder", "close-folder"] as const),
  ...(["up", "down", "page-up", "page-down", "first", "last"] as const),
])

/** A command for the selected document alone. */
function onSelected(state: ScreenState, words: (id: string) => readonly string[]): Reduced {
  const document = selectedDocument(state)
  if (document === undefined) return still(state)
  return { state, effects: [{ kind: "run-commands", commands: [words(document.id)] }] }
}

const goTo =
  (view: View) =>
  (state: ScreenState): Reduced =>
    still({ ...withoutWaiting(state), view, viewBelow: "documents" })
const typed =
  (text: string) =>
  (state: ScreenState): Reduced =>
    openCommandLine(state, text)
const effect =
  (wanted: Effect) =>
  (state: ScreenState): Reduced => ({ state, effects: [wanted] })
const move =
  (step: Step) =>
  (state: ScreenState): Reduced =>
    still(scrollTo(state, step))

const ACTIONS: Readonly<Record<ActionName, (state: ScreenState) => Reduced>> = {
  "view-documents": goTo("documents"),
  "view-parts": goTo("parts"),
  "view-peers": goTo("peers"),
  "view-log": goTo("log"),
  "view-files": goTo("files"),
  help: (state) => still({ ...state, view: "help", viewBelow: state.view === "help" ? state.viewBelow : state.view }),
  "next-view": (state) => still(neighbour(state, 1)),
  "previous-view": (state) => still(neighbour(state, -1)),
  "view-right": (state) => still(neighbour(state, 1)),
  "view-left": (state) => still(neighbour(state, -1)),
  back: (state) => still(back(state)),
  quit: (state) => (state.view === "documents" ? quit(state) : still(back(state))),
  interrupt: quit,
  suspend: effect({ kind: "suspend" }),
  redraw: effect({ kind: "redraw" }),
  command: typed(""),
  upload: typed("upload "),
  download: typed("download "),
  "limit-down": typed("limit down "),
  "limit-up": typed("limit up "),
  "limit-document": limitDocument,
  filter: (state) => still({ ...state, mode: { kind: "filter" }, field: fieldOf(filterOf(state)) }),
  up: move({ by: -1 }),
  down: move({ by: 1 }),
  "page-up": move({ pages: -1 }),
  "page-down": move({ pages: 1 }),
  first: move({ to: "first" }),
  last: move({ to: "last" }),
  open: goTo("parts"),
  "cell-on": (state) => still(moveCell(state, { runs: 1 })),
  "cell-back": (state) => still(moveCell(state, { runs: -1 })),
  "cell-down": (state) => still(moveCell(state, { rows: 1 })),
  "cell-up": (state) => still(moveCell(state, { rows: -1 })),
  "toggle-file": toggleFile,
  "toggle-all-files": toggleAllFiles,
  "toggle-folder": (state) => still(toggleFolder(state)),
  "toggle-folders": (state) => still(toggleFolders(state)),
  "open-folder": (state) => still(openFolder(state)),
  "close-folder": (state) => still(closeFolder(state)),
  mark: (state) => still(scrollTo(toggleMark(state), { by: 1 })),
  "mark-all": (state) => still(markAll(state)),
  pause: pauseOrResume,
  recheck: (state) => runOnTargets(state, (document) => ["recheck", document.id]),
  repair,
  remove,
  "copy-path": (state) => copy(state, ({ filePath }) => ({ text: filePath, what: `the path ${filePath}` })),
  "copy-torrent": (state) =>
    copy(state, ({ torrentPath }) => ({ text: torrentPath, what: `the path of the torrent file, ${torrentPath}` })),
  "copy-link": (state) => onSelected(state, (id) => ["link", id]),
  "show-link": (state) => onSelected(state, (id) => ["link", id, "--qr"]),
  "copy-id": (state) => copy(state, ({ id }) => ({ text: id, what: `the id ${id}` })),
  find: (state) => still({ ...state, mode: { kind: "pick", source: "find", chosen: 0 }, field: EMPTY_FIELD }),
  undo,
  mouse: (state) => ({ state: { ...state, mouse: !state.mouse }, effects: [{ kind: "mouse", on: !state.mouse }] }),
  sort: (state) =>
    state.view === "files" ? still(sortFiles(state)) : sortBy(state, after(SORT_COLUMNS, state.sort.column)),
  "sort-reverse": (state) =>
    state.view === "files"
      ? still(reverseFiles(state))
      : withSort(state, { ...state.sort, descending: !state.sort.descending }),
  "next-standing": (state) => still(showStanding(state, 1)),
  "previous-standing": (state) => still(showStanding(state, -1)),
  "log-level": (state) => still({ ...state, logLevel: after(LOG_LEVELS, state.logLevel) }),
  follow: (state) => still({ ...state, followLog: !state.followLog }),
  scope: (state) => still({ ...state, peersOfAll: !state.peersOfAll }),
}

/** By another column, the way round that is more useful there. */
function sortBy(state: ScreenState, column: SortColumn): Reduced {
  return withSort(state, { column, descending: isLargestFirst(column) })
}

function withSort(state: ScreenState, sort: Sort): Reduced {
  return { state: { ...state, sort }, effects: [{ kind: "keep-sort", sort }] }
}

/** Shows only what is at the next standing that something is at; after the last of them everything. */
function showStanding(state: ScreenState, step: 1 | -1): ScreenState {
  const all = listed({ ...state, standing: undefined, filter: "" })
  const present = new Set(all.map((line) => standingOfLine(line, state)))
  const choices = [undefined, ...STANDINGS.filter((each) => present.has(each))]
  const place = choices.indexOf(state.standing)
  const next = { ...state, standing: choices[(place + step + choices.length) % choices.length] }
  if (placeInList(next, state.selectedId) !== undefined) return next
  return { ...next, selectedId: listedIds(next)[0] ?? state.selectedId }
}

function neighbour(state: ScreenState, step: 1 | -1): ScreenState {
  const views: readonly View[] = VIEWS
  const place = views.indexOf(state.view === "help" ? state.viewBelow : state.view)
  const view = views[(place + step + views.length) % views.length] ?? "documents"
  return { ...withoutWaiting(state), view, viewBelow: "documents" }
}

/** Esc takes back one thing at a time: the filter of the files, the view, then the marks, then the filter of the list. */
function back(state: ScreenState): ScreenState {
  if (state.view === "files" && filesOf(state).filter !== "") return withFiles(state, filteredFiles(""))
  if (state.view !== "documents") return { ...withoutWaiting(state), view: state.viewBelow, viewBelow: "documents" }
  if (state.marked.size > 0) return { ...state, marked: new Set() }
  return { ...state, filter: "", standing: undefined, field: EMPTY_FIELD }
}

function toggleMark(state: ScreenState): ScreenState {
  if (state.selectedId === undefined || selectedJob(state) !== undefined) return state
  const marked = new Set(state.marked)
  if (!marked.delete(state.selectedId)) marked.add(state.selectedId)
  return { ...state, marked }
}

function markAll(state: ScreenState): ScreenState {
  const ids = listedDocuments(state).map((document) => document.id)
  return { ...state, marked: ids.every((id) => state.marked.has(id)) ? new Set() : new Set(ids) }
}

function runOnTargets(state: ScreenState, words: (document: DocumentSnapshot) => readonly string[]): Reduced {
  const commands = targets(state).map(words)
  const effects: readonly Effect[] = commands.length === 0 ? [] : [{ kind: "run-commands", commands }]
  return { state: { ...state, marked: new Set() }, effects }
}

/** Several marked ones end in one state: all resumed when all are paused, else all paused. */
function pauseOrResume(state: ScreenState): Reduced {
  const job = state.marked.size === 0 ? selectedJob(state) : undefined
  if (job !== undefined) {
    const commands = [[job.isPaused === true ? "resume" : "pause", job.id]]
    return { state, effects: [{ kind: "run-commands", commands }] }
  }
  const verb = targets(state).every((document) => document.state === "paused") ? "resume" : "pause"
  return runOnTargets(state, (document) => [verb, document.id])
}

/** '"a.iso"', "3 documents": as a question names them. */
function namedTogether({ name }: DocumentSnapshot, count: number): string {
  return count === 1 ? `"${name}"` : `${formatCount(count)} documents`
}

/** The file may have been changed on purpose. */
function repair(state: ScreenState): Reduced {
  const chosen = targets(state)
  const [first] = chosen
  if (first === undefined) return still(state)
  const commands = chosen.map((document) => ["repair", document.id, "--yes"])
  const question = `Replace what is damaged in ${namedTogether(first, chosen.length)} by what peers have? Changes made to it are lost. (y/n)`
  return ask({ ...state, marked: new Set() }, question, [{ kind: "run-commands", commands }])
}

function remove(state: ScreenState): Reduced {
  const job = state.marked.size === 0 ? selectedJob(state) : undefined
  if (job !== undefined) {
    const question = `Stop hashing "${printable(job.name)}"? It is not shared then. (y/n)`
    return ask(state, question, [{ kind: "run-commands", commands: [["remove", job.id]] }])
  }
  const chosen = targets(state)
  const [first] = chosen
  if (first === undefined) return still(state)
  const commands = chosen.map((document) => ["remove", document.id])
  const stays = chosen.length === 1 ? "The file stays" : "The files stay"
  const question = `Remove ${namedTogether(first, chosen.length)} from the list? ${stays}; U takes it back. (y/n)`
  return ask({ ...state, marked: new Set() }, question, [{ kind: "run-commands", commands }])
}

/** The line for the selected document, with the cursor where the rate belongs. */
function limitDocument(state: ScreenState): Reduced {
  const document = selectedDocument(state)
  if (document === undefined) return still(state)
  const begun = `limit ${document.state === "seeding" ? "up" : "down"} `
  const named = state.snapshot.documents.filter(({ name }) => name === document.name)
  const word = quoteWord(named.length === 1 ? document.name : document.id)
  return still(withLine({ ...state, message: undefined }, { value: `${begun} ${word}`, cursor: begun.length }))
}

type Copied = Omit<Extract<Effect, { kind: "copy" }>, "kind">

function copy(state: ScreenState, of: (document: DocumentSnapshot) => Copied): Reduced {
  const document = selectedDocument(state)
  return document === undefined ? still(state) : { state, effects: [{ kind: "copy", ...of(document) }] }
}

/** Takes the document up again that has left the list last: its bytes and its torrent file are where they were. */
function undo(state: ScreenState): Reduced {
  const there = new Set(state.snapshot.documents.map(({ id }) => id))
  const document = state.removed.findLast(({ id }) => !there.has(id))
  const removed = state.removed.filter((each) => each !== document)
  if (document === undefined) {
    const message = { text: "nothing was removed since this screen was opened", tone: "plain" } as const
    return still({ ...state, removed, message })
  }
  const name = namesApart([...state.snapshot.documents, document]).get(document.id) ?? document.name
  const said = `${printable(name)} is in the list again`
  return { state: { ...state, removed }, effects: [{ kind: "run-commands", commands: [takingUp(document)], said }] }
}

/** A file that was shared is never written to: `upload` to its own torrent file shares it again as it is. */
function takingUp({ filePath, torrentPath, haveCount, partCount, open }: DocumentSnapshot): readonly string[] {
  const isStandard = torrentPath.endsWith(".torrent")
  if (haveCount < partCount || isStandard) return ["download", "--", torrentPath, filePath]
  return ["upload", ...(open ? ["--open"] : []), "--", filePath, torrentPath]
}
