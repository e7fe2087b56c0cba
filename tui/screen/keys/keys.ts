import type { View } from "../state/state.js"

/** What a key does while nothing is being typed. */
export type ActionName =
  | "view-documents"
  | "view-parts"
  | "view-peers"
  | "view-log"
  | "view-files"
  | "help"
  | "next-view"
  | "previous-view"
  | "view-right"
  | "view-left"
  | "back"
  | "quit"
  | "interrupt"
  | "suspend"
  | "redraw"
  | "command"
  | "upload"
  | "download"
  | "limit-down"
  | "limit-up"
  | "limit-document"
  | "filter"
  | "up"
  | "down"
  | "page-up"
  | "page-down"
  | "first"
  | "last"
  | "open"
  | "cell-back"
  | "cell-on"
  | "cell-up"
  | "cell-down"
  | "mark"
  | "mark-all"
  | "toggle-file"
  | "toggle-all-files"
  | "toggle-folder"
  | "toggle-folders"
  | "open-folder"
  | "close-folder"
  | "pause"
  | "recheck"
  | "repair"
  | "remove"
  | "copy-path"
  | "copy-torrent"
  | "copy-id"
  | "copy-link"
  | "show-link"
  | "find"
  | "undo"
  | "mouse"
  | "sort"
  | "sort-reverse"
  | "next-standing"
  | "previous-standing"
  | "log-level"
  | "follow"
  | "scope"

export interface KeyBinding {
  readonly action: ActionName
  /** As key-press.ts names them; the first is the one that footer and help show. */
  readonly keys: readonly string[]
  /** The views where it works; everywhere when left out. */
  readonly views?: readonly View[]
  /** A word or two for the footer; bindings without one are only in help. */
  readonly label?: string
  /** Views in whose footer it comes before all others: a narrow screen has room for four. */
  readonly footerFirst?: readonly View[]
  readonly help: string
}

const LISTS: readonly View[] = ["documents", "parts", "peers", "log", "files", "help"]
const DOCUMENT_VIEWS: readonly View[] = ["documents", "parts", "peers", "files"]
const NOT_FILES: readonly View[] = ["documents", "parts", "peers", "log", "help"]

/** One table: handling, footer and help are made from it. No key has two meanings in one view (a test reads it). */
export const KEY_TABLE: readonly KeyBinding[] = [
  {
    action: "toggle-file",
    keys: [" "],
    views: ["files"],
    label: "on/off",
    footerFirst: ["files"],
    help: "want the file or all of the folder, or not",
  },
  {
    action: "toggle-folder",
    keys: ["enter"],
    views: ["files"],
    label: "open",
    footerFirst: ["files"],
    help: "open or close the folder",
  },
  {
    action: "toggle-folders",
    keys: ["e"],
    views: ["files"],
    label: "open all",
    help: "open all folders, or close them",
  },
  { action: "command", keys: [":"], label: "command", help: "open the command line" },
  { action: "upload", keys: ["u"], label: "upload", help: 'open it with "upload " typed' },
  { action: "download", keys: ["d"], label: "download", help: 'open it with "download " typed' },
  { action: "open", keys: ["enter"], views: ["documents"], label: "parts", help: "look at the parts of the document" },
  { action: "pause", keys: ["p"], views: DOCUMENT_VIEWS, label: "pause", help: "pause the document, or resume it" },
  {
    action: "filter",
    keys: ["/"],
    views: ["documents", "files"],
    label: "filter",
    footerFirst: ["files"],
    help: "show only names, or paths of files, that hold what you type",
  },
  {
    action: "remove",
    keys: ["x"],
    views: DOCUMENT_VIEWS,
    label: "remove",
    help: "remove the document from the list, or stop the hashing (asks; the file stays)",
  },
  { action: "recheck", keys: ["c"], views: DOCUMENT_VIEWS, label: "recheck", help: "hash what is on disk again" },
  {
    action: "repair",
    keys: ["R"],
    views: DOCUMENT_VIEWS,
    help: "fetch from peers what is damaged in the file, and replace it then (asks)",
  },
  {
    action: "sort",
    keys: ["s"],
    views: ["documents", "files"],
    label: "sort",
    footerFirst: ["files"],
    help: "sort by the next column",
  },
  { action: "sort-reverse", keys: ["S"], views: ["documents", "files"], help: "reverse the order" },
  {
    action: "next-standing",
    keys: ["f"],
    views: ["documents"],
    label: "state",
    help: "show only what has failed, then what waits, what downloads and so on; then all again",
  },
  { action: "previous-standing", keys: ["F"], views: ["documents"], help: "the same backwards" },
  {
    action: "mark",
    keys: [" "],
    views: ["documents"],
    label: "mark",
    help: "mark the document: keys then act on all marked",
  },
  { action: "mark-all", keys: ["a"], views: ["documents"], help: "mark all that are shown, or none" },
  {
    action: "toggle-all-files",
    keys: ["a"],
    views: ["files"],
    help: "want all files that the filter shows, or none of them",
  },
  { action: "copy-path", keys: ["y"], views: DOCUMENT_VIEWS, help: "copy the path of the file" },
  { action: "copy-torrent", keys: ["Y"], views: DOCUMENT_VIEWS, help: "copy the path of the torrent file" },
  { action: "copy-id", keys: ["i"], views: DOCUMENT_VIEWS, help: "copy the id" },
  {
    action: "copy-link",
    keys: ["l"],
    views: DOCUMENT_VIEWS,
    label: "link",
    help: "copy the link: it is enough to download",
  },
  { action: "show-link", keys: ["Q"], views: DOCUMENT_VIEWS, help: "show the link as a QR code" },
  { action: "undo", keys: ["U"], help: "take up the document again that was removed last" },
  { action: "find", keys: ["ctrl-p"], help: "find a document, a peer or a command by some of its letters" },
  {
    action: "cell-on",
    keys: ["."],
    views: ["parts"],
    label: "cell",
    help: "the next cell of the map: its parts and the peers that have them",
  },
  { action: "cell-back", keys: [","], views: ["parts"], help: "the cell before" },
  { action: "cell-down", keys: [">"], views: ["parts"], help: "the cell below" },
  { action: "cell-up", keys: ["<"], views: ["parts"], help: "the cell above" },
  { action: "scope", keys: ["o"], views: ["peers"], label: "one/all", help: "peers of the document, or of all" },
  {
    action: "log-level",
    keys: ["v"],
    views: ["log"],
    label: "level",
    help: "show all, or only from info, warn or error up",
  },
  { action: "follow", keys: ["f"], views: ["log"], label: "follow", help: "stay at the newest line" },
  { action: "limit-down", keys: ["["], help: 'open the command line with "limit down " typed' },
  {
    action: "limit-document",
    keys: ["L"],
    views: DOCUMENT_VIEWS,
    help: "limit the document: the command line with its id typed",
  },
  { action: "limit-up", keys: ["]"], help: 'open the command line with "limit up " typed' },
  { action: "up", keys: ["up", "k"], views: LISTS, help: "one line up" },
  { action: "down", keys: ["down", "j"], views: LISTS, help: "one line down" },
  { action: "page-up", keys: ["pageup", "ctrl-b"], views: LISTS, help: "a page up" },
  { action: "page-down", keys: ["pagedown", "ctrl-f"], views: LISTS, help: "a page down" },
  { action: "first", keys: ["home", "g"], views: LISTS, help: "to the first line" },
  { action: "last", keys: ["end", "G"], views: LISTS, help: "to the last line" },
  { action: "view-documents", keys: ["1"], help: "documents" },
  { action: "view-parts", keys: ["2"], help: "parts of the document" },
  { action: "view-peers", keys: ["3"], help: "peers" },
  { action: "view-log", keys: ["4"], help: "log" },
  { action: "view-files", keys: ["5"], help: "files of the document: a folder as a tree" },
  { action: "next-view", keys: ["tab"], help: "the next of these" },
  { action: "previous-view", keys: ["shift-tab"], help: "the one before" },
  { action: "view-right", keys: ["right"], views: NOT_FILES, help: "the next of these, but in the files:" },
  { action: "open-folder", keys: ["right"], views: ["files"], help: "open the folder, or go into it" },
  { action: "view-left", keys: ["left"], views: NOT_FILES, help: "the one before, but in the files:" },
  {
    action: "close-folder",
    keys: ["left"],
    views: ["files"],
    help: "close the folder, or go to the one that it is in",
  },
  { action: "back", keys: ["escape"], help: "back: close, clear, or to the documents" },
  { action: "help", keys: ["?"], label: "help", help: "this page" },
  {
    action: "mouse",
    keys: ["m"],
    help: "leave the mouse to the terminal, or take it back (with Shift it always is the terminal's)",
  },
  { action: "redraw", keys: ["ctrl-l"], help: "draw everything anew" },
  { action: "suspend", keys: ["ctrl-z"], help: "suspend; fg comes back" },
  {
    action: "quit",
    keys: ["q"],
    label: "quit",
    help: "back; from the documents: leave (asks while something moves), or detach from the client of another process",
  },
  { action: "interrupt", keys: ["ctrl-c"], help: "leave; the second time at once" },
]

/** What a key does in a view, or undefined. */
export function actionOf(key: string, view: View): ActionName | undefined {
  return KEY_TABLE.find((binding) => worksIn(binding, view) && binding.keys.includes(key))?.action
}

export function worksIn(binding: KeyBinding, view: View): boolean {
  return binding.views?.includes(view) ?? true
}

const SHOWN_KEYS: Readonly<Record<string, string>> = {
  " ": "Space",
  enter: "Enter",
  escape: "Esc",
  tab: "Tab",
  up: "Up",
  down: "Down",
  left: "Left",
  right: "Right",
  pageup: "PgUp",
  pagedown: "PgDn",
  home: "Home",
  end: "End",
  "shift-tab": "Shift-Tab",
}

/** "Ctrl-C", "Space", "q". */
export function shownKey(key: string): string {
  const control = /^ctrl-(.)$/.exec(key)
  if (control !== null) return `Ctrl-${control[1]?.toUpperCase()}`
  return SHOWN_KEYS[key] ?? key
}
