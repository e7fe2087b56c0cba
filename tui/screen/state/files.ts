import { type FileSort, MAX_EXCEPTIONS, type TreePage, type TreeQuery, type TreeRow } from "../../../core/index.js"
import type { FilesInterest } from "../../commands/client-view.js"
import { bodyHeight } from "../drawing/layout.js"
import type { KeyPress } from "./key.js"
import type { ScreenState } from "./state.js"
import { windowStart } from "./window.js"

export const FILE_SORTS: readonly FileSort[] = ["path", "size", "done"]

/** Which folders are open: all but some, or none but some. */
type OpenFolders = Pick<TreeQuery, "isOpen" | "except">

const CLOSED: OpenFolders = { isOpen: false, except: [] }
const OPEN: OpenFolders = { isOpen: true, except: [] }

/** A change of what is wanted that is under way. */
export interface FilesChange {
  readonly number: number
  /** Of a file or a folder, as the torrent file has it; "." is the whole folder. */
  readonly path: string
  /** Only files with this in their path; "": all. */
  readonly holding: string
  readonly isOn: boolean
  /** The client has made it, and the next page shows it. */
  readonly isMade?: boolean
}

/** The tree of one document's files, as far as it is looked at. */
export interface FilesState {
  readonly id: string | undefined
  /** The number of the row that keys act on. */
  readonly cursor: number
  readonly filter: string
  readonly sort: { readonly column: FileSort; readonly descending: boolean }
  readonly folders: OpenFolders
  /** The same while there is a filter: what it finds is shown. */
  readonly foundFolders: OpenFolders
  /** The newest page that was ready, the number of its first row, the filter that its rows pass, and the tree that they are of, see `treeOf`. */
  readonly shown:
    | { readonly page: TreePage; readonly from: number; readonly filter: string; readonly tree: string }
    | undefined
  /** Another page was asked for, and is not ready. */
  readonly isBehind: boolean
  /** Keys that came since, for the rows that will be there. */
  readonly waiting: readonly KeyPress[]
  readonly changes: readonly FilesChange[]
  readonly nextChange: number
}

export const NO_FILES: FilesState = {
  ...{ id: undefined, cursor: 0, filter: "", sort: { column: "path", descending: false } },
  ...{ folders: CLOSED, foundFolders: OPEN, shown: undefined, isBehind: true, waiting: [], changes: [], nextChange: 1 },
}

/** The tree of the selected document: as it was left, unless another one was looked at meanwhile. */
export function filesOf({ files, selectedId }: Pick<ScreenState, "files" | "selectedId">): FilesState {
  if (files.id === selectedId) return files
  const { sort, nextChange } = files
  return { ...NO_FILES, id: selectedId, sort, nextChange }
}

export function withFiles(state: ScreenState, change: Partial<FilesState>): ScreenState {
  return { ...state, files: { ...filesOf(state), ...change } }
}

/** Rows of the tree that there is room for: a line of facts and one of titles stand above. */
export function filesRoom(state: ScreenState): number {
  return Math.max(1, bodyHeight(state) - 2)
}

export function rowCountOf({ shown }: FilesState): number {
  return shown?.page.rowCount ?? 0
}

/** Filter, order and open folders: what makes rows other rows. */
function treeOf({ filter, sort, descending, isOpen, except }: TreeQuery): string {
  return JSON.stringify([filter ?? "", sort, descending, isOpen, except])
}

/** Is what is shown the tree that is wanted, with the row of the cursor in it? */
export function isUpToDate(files: FilesState): boolean {
  const { shown, cursor, filter, sort } = files
  if (shown === undefined) return false
  const { column, descending } = sort
  const wanted = treeOf({ filter, sort: column, descending, ...openFolders(files), from: 0, count: 0 })
  return shown.tree === wanted && (shown.page.rowCount === 0 || rowAt(files, cursor) !== undefined)
}

/** Keys that wait at most; our choice: more than are typed ahead. */
const MAX_WAITING = 100

export function withWaiting(state: ScreenState, key: KeyPress): ScreenState {
  return withFiles(state, { waiting: [...filesOf(state).waiting, key].slice(0, MAX_WAITING) })
}

/** For another view: its keys are not for these rows. */
export function withoutWaiting(state: ScreenState): ScreenState {
  return state.files.waiting.length === 0 ? state : { ...state, files: { ...state.files, waiting: [] } }
}

/** The row with a number, if its page is here. */
export function rowAt({ shown }: FilesState, row: number): TreeRow | undefined {
  return shown?.page.rows[row - shown.from]
}

/** The first row in sight. */
export function firstRow(state: ScreenState): number {
  const files = filesOf(state)
  return windowStart(rowCountOf(files), filesRoom(state), files.cursor)
}

/** Windows that one page holds: some lines up or down need no other page. */
const WINDOWS = 4

/** The page that the view shows a part of; undefined in other views. */
export function filesInterest(state: ScreenState): FilesInterest | undefined {
  const { view, selectedId: id } = state
  if (view !== "files" || id === undefined) return undefined
  const files = filesOf(state)
  const room = filesRoom(state)
  const from = Math.max(0, Math.floor(firstRow(state) / room) - 1) * room
  const { filter, sort } = files
  const query = {
    ...{ sort: sort.column, descending: sort.descending, ...openFolders(files), from, count: WINDOWS * room },
    ...(filter !== "" && { filter }),
  }
  return { id, query }
}

function openFolders({ filter, folders, foundFolders }: FilesState): OpenFolders {
  return filter === "" ? folders : foundFolders
}

/** Opens a folder that is closed, and closes an open one. Of very many the one that was changed first is forgotten. */
export function toggledFolder(files: FilesState, folder: number): Partial<FilesState> {
  const { isOpen, except } = openFolders(files)
  const others = except.filter((each) => each !== folder)
  const toggled = others.length < except.length ? others : [...others, folder].slice(-MAX_EXCEPTIONS)
  return withFolders(files, { isOpen, except: toggled })
}

/** Opens all folders, or closes them if they are. */
export function toggledFolders(files: FilesState): Partial<FilesState> {
  const { isOpen, except } = openFolders(files)
  return { ...withFolders(files, isOpen && except.length === 0 ? CLOSED : OPEN), cursor: 0, waiting: [] }
}

function withFolders(files: FilesState, folders: OpenFolders): Partial<FilesState> {
  return files.filter === "" ? { folders } : { foundFolders: folders }
}

export function filteredFiles(filter: string): Partial<FilesState> {
  return { filter, foundFolders: OPEN, cursor: 0, waiting: [] }
}

/** What a row will be when the changes under way are made; undefined: none touches it. */
export function changeOf({ changes, shown }: FilesState, path: string): FilesChange | undefined {
  return changes.findLast(
    (change) =>
      (change.path === "." || change.path === path || path.startsWith(`${change.path}/`)) &&
      (change.holding === "" || change.holding === shown?.filter),
  )
}

/** A change is over: made, or refused. */
export function withChangeOver(state: ScreenState, number: number, isMade: boolean): ScreenState {
  const { files } = state
  const changes = files.changes.flatMap((change) =>
    change.number !== number ? change : isMade ? { ...change, isMade } : [],
  )
  return { ...state, files: { ...files, changes } }
}

/** Takes a page; while it is undefined or not ready, the page before stays in sight. */
export function withPage(
  state: ScreenState,
  { id, query, page }: FilesInterest & { readonly page: TreePage | undefined },
): ScreenState {
  const files = filesOf(state)
  if (files.id !== id) return state
  if (page === undefined || !page.isReady) return files.isBehind ? state : withFiles(state, { isBehind: true })
  const cursor = Math.max(0, Math.min(files.cursor, page.rowCount - 1))
  const shown = { page, from: query.from, filter: query.filter ?? "", tree: treeOf(query) }
  // The same array while none is over: the feed looks again when it changes.
  const changes = files.changes.some(({ isMade }) => isMade)
    ? files.changes.filter(({ isMade }) => !isMade)
    : files.changes
  return withFiles(state, { shown, cursor, isBehind: false, changes })
}
