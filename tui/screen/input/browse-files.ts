import type { FileSort, TreeRow } from "../../../core/index.js"
import { after } from "../state/after.js"
import {
  changeOf,
  FILE_SORTS,
  type FilesChange,
  filesOf,
  rowAt,
  toggledFolder,
  toggledFolders,
  withFiles,
} from "../state/files.js"
import type { ScreenState } from "../state/state.js"
import { type Reduced, still } from "./reduced.js"

/** Changes whether the row of the cursor is wanted. A folder that is partly wanted becomes wholly wanted. */
export function toggleFile(state: ScreenState): Reduced {
  const files = filesOf(state)
  const row = rowAt(files, files.cursor)
  if (row === undefined) return still(state)
  const isOn = !(changeOf(files, row.literalPath)?.isOn ?? isWhollyOn(row))
  const holding = row.kind === "folder" ? (files.shown?.filter ?? "") : ""
  return choose(state, { path: row.literalPath, holding, isOn })
}

/** Wants all files that pass the filter, or none of them when all are wanted. */
export function toggleAllFiles(state: ScreenState): Reduced {
  const files = filesOf(state)
  if (files.shown === undefined) return still(state)
  const { page, filter } = files.shown
  if (page.matchingCount === 0) return still(state)
  const isOn = !(changeOf(files, ".")?.isOn ?? page.matchingWanted === page.matchingCount)
  return choose(state, { path: ".", holding: filter, isOn })
}

function isWhollyOn(row: TreeRow): boolean {
  return row.kind === "file" ? row.isWanted : row.wantedCount === row.fileCount
}

function choose(state: ScreenState, { path, holding, isOn }: Omit<FilesChange, "number">): Reduced {
  const { id, changes, nextChange: number } = filesOf(state)
  if (id === undefined) return still(state)
  const named = [`--${isOn ? "add" : "drop"}=${path}`, "--literal", ...(holding === "" ? [] : [`--holding=${holding}`])]
  return {
    state: withFiles(state, { changes: [...changes, { number, path, holding, isOn }], nextChange: number + 1 }),
    effects: [{ kind: "choose-files", number, command: ["select", id, ...named] }],
  }
}

export function toggleFolder(state: ScreenState): ScreenState {
  const files = filesOf(state)
  const row = rowAt(files, files.cursor)
  return row?.kind === "folder" ? withFiles(state, toggledFolder(files, row.folder)) : state
}

export function toggleFolders(state: ScreenState): ScreenState {
  return withFiles(state, toggledFolders(filesOf(state)))
}

export function openFolder(state: ScreenState): ScreenState {
  const files = filesOf(state)
  const row = rowAt(files, files.cursor)
  if (row?.kind !== "folder") return state
  return row.isOpen ? withFiles(state, { cursor: files.cursor + 1 }) : toggleFolder(state)
}

export function closeFolder(state: ScreenState): ScreenState {
  const files = filesOf(state)
  const row = rowAt(files, files.cursor)
  if (row?.kind === "folder" && row.isOpen) return toggleFolder(state)
  return row?.parentRow === undefined ? state : withFiles(state, { cursor: row.parentRow })
}

/** By the next column, the way round that is more useful there. */
export function sortFiles(state: ScreenState): ScreenState {
  const column: FileSort = after(FILE_SORTS, filesOf(state).sort.column)
  return withFiles(state, { sort: { column, descending: column !== "path" }, cursor: 0, waiting: [] })
}

export function reverseFiles(state: ScreenState): ScreenState {
  const { sort } = filesOf(state)
  return withFiles(state, { sort: { ...sort, descending: !sort.descending }, cursor: 0, waiting: [] })
}
