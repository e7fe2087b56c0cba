import type { Client, PartRange, TreeQuery } from "../../core/index.js"
import type { MovedToday } from "./moved-today.js"

/** What a screen looks at. */
export interface Interest {
  /** The document whose parts and peers are wanted. */
  readonly selected: string | undefined
  /** Peers of every document. */
  readonly all: boolean
  readonly log: boolean
  /** The page of files that is in sight. */
  readonly files: FilesInterest | undefined
  /** Parts of the selected document whose holders are wanted. */
  readonly cell?: PartRange | undefined
}

export interface FilesInterest {
  readonly id: string
  readonly query: TreeQuery
}

/** What a screen shows: the client of this process, or pictures of the running one. */
export interface ClientView extends Pick<Client, "snapshot" | "detail" | "tree" | "onChange"> {
  /** Undefined: it is not counted. */
  today?(): MovedToday | undefined
  /** The running client sends pictures at its own pace, of what this names. */
  watch?(interest: Interest): void
}
