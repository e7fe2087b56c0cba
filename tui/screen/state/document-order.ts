import type { DocumentSnapshot, JobSnapshot } from "../../../core/index.js"
import { fractionOf } from "../../base/format.js"
import type { ScreenState, SortColumn } from "./state.js"

type Key = number | string | undefined

const KEYS: Readonly<Record<SortColumn, (document: DocumentSnapshot) => Key>> = {
  added: () => 0,
  name: (document) => document.name,
  size: (document) => document.sizeBytes,
  done: (document) => fractionOf(document.haveBytes, document.sizeBytes),
  down: (document) => document.downBytesPerSecond,
  up: (document) => document.upBytesPerSecond,
  peers: (document) => document.connectedPeers,
  eta: (document) => document.etaSeconds,
  ratio: (document) => (document.sizeBytes === 0 ? undefined : document.uploadedBytes / document.sizeBytes),
}

/**
 * The documents as they are listed: filtered by name, sorted by the chosen column. Equal ones keep the order in which
 * they were added; unknown values come last whichever way the order goes. Names are sorted as people do it: "run 9"
 * before "run 10", "été" near "ete".
 */
export function listedDocuments(state: Pick<ScreenState, "snapshot" | "filter" | "sort">): readonly DocumentSnapshot[] {
  const wanted = folded(state.filter)
  const shown = state.snapshot.documents.filter((document) => folded(document.name).includes(wanted))
  const keyOf = KEYS[state.sort.column]
  const sign = state.sort.descending ? -1 : 1
  if (state.sort.column === "added") return state.sort.descending ? shown.reverse() : shown
  return shown.sort((a, b) => compare(keyOf(a), keyOf(b), sign))
}

/** Large and small letters are one, and so are the two ways to write an accent: macOS keeps the other one than is typed. */
function folded(text: string): string {
  return text.normalize("NFC").toLowerCase()
}

/** Made when it is first needed: it takes a while, and most starts don't sort. */
let collator: Intl.Collator | undefined

function compareNames(a: string, b: string): number {
  collator ??= new Intl.Collator("en", { numeric: true, sensitivity: "base" })
  return collator.compare(a, b)
}

function compare(a: Key, b: Key, sign: number): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
  if (typeof a === "string" && typeof b === "string") return sign * compareNames(a, b)
  if (a === b) return 0
  return a < b ? -sign : sign
}

/** The ids of all lines of the list, in its order: what is hashed for an upload stands below the documents. */
export function listedIds(state: Pick<ScreenState, "snapshot" | "filter" | "sort">): readonly string[] {
  return [...listedDocuments(state), ...state.snapshot.jobs].map(({ id }) => id)
}

/** The file that is hashed and selected. */
export function selectedJob(state: ScreenState): JobSnapshot | undefined {
  return state.snapshot.jobs.find(({ id }) => id === state.selectedId)
}

/** The document that keys act on. */
export function selectedDocument(state: ScreenState): DocumentSnapshot | undefined {
  return state.snapshot.documents.find((document) => document.id === state.selectedId)
}

/** The documents that an action is for: the marked ones, else the selected one. */
export function targets(state: ScreenState): readonly DocumentSnapshot[] {
  if (state.marked.size > 0) return state.snapshot.documents.filter((document) => state.marked.has(document.id))
  const selected = selectedDocument(state)
  return selected === undefined ? [] : [selected]
}

/** Does it move anything that leaving would stop? */
export function isMoving(document: DocumentSnapshot): boolean {
  return document.state === "downloading" || document.state === "checking" || document.upBytesPerSecond > 0
}
