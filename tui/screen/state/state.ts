import type { ClientSnapshot, DocumentDetail, DocumentSnapshot } from "../../../core/index.js"
import type { Theme } from "../../base/screen-config.js"
import type { Span } from "../../commands/command-line-error.js"
import type { JournalEntry } from "../../commands/journal.js"
import type { MovedToday } from "../../commands/moved-today.js"
import type { Notice } from "../../commands/report.js"
import type { Tone } from "../drawing/cells.js"
import type { Standing } from "./attention.js"
import { type FilesState, NO_FILES } from "./files.js"
import type { KeyPress } from "./key.js"
import type { RateHistories } from "./rate-history.js"
import { NO_HISTORIES } from "./rate-history.js"
import { EMPTY_FIELD, type TextField } from "./text-field.js"

export type View = "documents" | "parts" | "peers" | "log" | "files" | "help"

/** The views that the number keys and Tab go through; help lies above them. */
export const VIEWS: readonly Exclude<View, "help">[] = ["documents", "parts", "peers", "log", "files"]

/** "attention": what asks for it first, see attention.ts. */
export type SortColumn = "attention" | "added" | "name" | "size" | "done" | "down" | "up" | "peers" | "eta" | "ratio"
export const SORT_COLUMNS: readonly SortColumn[] = [
  "attention",
  "name",
  "size",
  "done",
  "down",
  "up",
  "peers",
  "eta",
  "ratio",
  "added",
]

export type LogLevelFilter = "debug" | "info" | "warn" | "error"
export const LOG_LEVELS: readonly LogLevelFilter[] = ["debug", "info", "warn", "error"]

/** What is wrong with a line, and with which word. */
export interface Fault {
  readonly message: string
  readonly span: Span | undefined
}

/** One way to complete a line. */
export interface Choice {
  readonly label: string
  /** The line with it. */
  readonly field: TextField
}

/** What the keyboard is for just now. */
export type Mode =
  | { readonly kind: "browse" }
  | {
      readonly kind: "command"
      /** What was wrong with the line as it stands; gone with the next key that changes it. */
      readonly problem: Fault | undefined
      /** What Tab found, when that is more than one. */
      readonly choices: readonly Choice[]
      /** The choice that stands in the line; undefined before one is walked to. */
      readonly chosen: number | undefined
      /** Enter was pressed, and the command is not over: the keys that came since wait for how it ends. */
      readonly running: readonly KeyPress[] | undefined
      /** How far back in the history: 0 is the line being typed. */
      readonly historyDepth: number
      /** The line that was being typed before the history was entered. */
      readonly draft: string
    }
  | { readonly kind: "filter" }
  /** A list to choose from, narrowed by what is typed: earlier lines, or everything that can be gone to. */
  | { readonly kind: "pick"; readonly source: "history" | "find"; readonly chosen: number }
  /** A link is shown as a QR code, until the next key. */
  | { readonly kind: "qr"; readonly title: string; readonly rows: readonly string[] }
  /** Something to be read once, until the next key. */
  | ({ readonly kind: "notice" } & Notice)
  | { readonly kind: "confirm"; readonly question: string; readonly then: readonly Effect[] }

/** What the reducer wants done; screen/effects.ts does it. */
export type Effect =
  /** A line from the command line. */
  | { readonly kind: "run-line"; readonly line: string }
  /** A command made by a key, once for each document that it is for. The screen shows `said` in place of their reports when all went well. */
  | { readonly kind: "run-commands"; readonly commands: readonly (readonly string[])[]; readonly said?: string }
  /** A change of the wanted files, which this number names. */
  | { readonly kind: "choose-files"; readonly number: number; readonly command: readonly string[] }
  | { readonly kind: "complete"; readonly field: TextField }
  | { readonly kind: "remember"; readonly line: string }
  /** The order of the list, for the next run. */
  | { readonly kind: "keep-sort"; readonly sort: Sort }
  /** `what` is put after "copied": "the path /a/b". */
  | { readonly kind: "copy"; readonly text: string; readonly what: string }
  | { readonly kind: "mouse"; readonly on: boolean }
  | { readonly kind: "notify"; readonly text: string }
  | { readonly kind: "redraw" }
  | { readonly kind: "suspend" }
  | { readonly kind: "leave" }
  | { readonly kind: "leave-now" }
  /** Ends the client of another process. */
  | { readonly kind: "stop-client" }

export interface Message {
  readonly text: string
  readonly tone: Tone
  /** Id of the document that it is about: it goes when that is no longer being downloaded. */
  readonly whileDownloading?: string
}

export interface ScreenState {
  readonly columns: number
  /** Of the terminal; what is drawn is one less, see `drawnRows`. */
  readonly rows: number
  readonly ascii: boolean
  /** Names too are drawn in ASCII. */
  readonly onlyAscii: boolean
  readonly hasColor: boolean
  readonly theme: Theme
  /** As the terminal has answered; undefined: it did not. */
  readonly background: "light" | "dark" | undefined
  readonly view: View
  /** Where help was opened from, or what Esc goes back to. */
  readonly viewBelow: View
  readonly mode: Mode
  readonly field: TextField
  readonly history: readonly string[]
  readonly snapshot: ClientSnapshot
  /** Undefined: it is not counted. */
  readonly today: MovedToday | undefined
  /** Of the selected document. */
  readonly detail: DocumentDetail | undefined
  /** Of every document, in the peers view of all; empty otherwise. */
  readonly allDetails: readonly DocumentDetail[]
  readonly selectedId: string | undefined
  /** No key was pressed yet: the first line is the selected one, whatever comes. */
  readonly isUntouched: boolean
  readonly marked: ReadonlySet<string>
  /** Downloads that have ended, until their line is gone to. */
  readonly unseen: ReadonlySet<string>
  /** Documents that have left the list, the latest last: undo takes them up again. */
  readonly removed: readonly DocumentSnapshot[]
  /** Wheel and clicks are taken from the terminal. */
  readonly mouse: boolean
  /** The part that the cursor of the map is at; undefined until it is moved. */
  readonly mapCursor: number | undefined
  readonly filter: string
  /** Only what is at this is listed. */
  readonly standing: Standing | undefined
  readonly sort: Sort
  readonly peersOfAll: boolean
  /** The tree that was looked at last. */
  readonly files: FilesState
  /** First shown line of the views that have no selection. */
  readonly scroll: Readonly<Record<View, number>>
  readonly log: readonly JournalEntry[]
  readonly logLevel: LogLevelFilter
  readonly followLog: boolean
  readonly rateHistories: RateHistories
  readonly message: Message | undefined
  /** Ctrl-C was the last key: the next one leaves at once. */
  readonly interrupted: boolean
  /** The client is in another process, and outlives this screen. */
  readonly isAttached: boolean
}

export interface Sort {
  readonly column: SortColumn
  readonly descending: boolean
}

export interface InitialState {
  readonly snapshot: ClientSnapshot
  readonly today?: MovedToday | undefined
  readonly columns: number
  readonly rows: number
  readonly ascii: boolean
  readonly onlyAscii?: boolean
  readonly hasColor?: boolean
  readonly theme?: Theme | undefined
  readonly history: readonly string[]
  readonly sort?: Sort | undefined
  readonly mouse?: boolean | undefined
  readonly isAttached?: boolean
  /** Stands over everything at first. */
  readonly notice?: Notice | undefined
}

export function initialState({ notice, ...initial }: InitialState): ScreenState {
  return {
    onlyAscii: false,
    hasColor: true,
    isAttached: false,
    ...initial,
    today: initial.today,
    theme: initial.theme ?? "terminal",
    background: undefined,
    view: "documents",
    viewBelow: "documents",
    mode: notice === undefined ? { kind: "browse" } : { kind: "notice", ...notice },
    field: EMPTY_FIELD,
    detail: undefined,
    allDetails: [],
    selectedId: initial.snapshot.documents[0]?.id,
    isUntouched: true,
    unseen: new Set(),
    removed: [],
    mapCursor: undefined,
    mouse: initial.mouse ?? true,
    marked: new Set(),
    filter: "",
    sort: initial.sort ?? { column: "attention", descending: false },
    standing: undefined,
    peersOfAll: false,
    files: NO_FILES,
    scroll: { documents: 0, parts: 0, peers: 0, log: 0, files: 0, help: 0 },
    log: [],
    logLevel: "info",
    followLog: true,
    rateHistories: NO_HISTORIES,
    message: undefined,
    interrupted: false,
  }
}
