import type { DocumentSnapshot, JobSnapshot } from "../../../core/index.js"
import { fractionOf } from "../../base/format.js"
import { progressOf } from "../../words/wanted-words.js"
import { groupOf, type Standing, standingOf } from "./attention.js"
import { folded } from "./folded.js"
import type { ScreenState, SortColumn } from "./state.js"

/** A line of the list: a document, or a file that is hashed to become one. */
export type Listed =
  | { readonly kind: "document"; readonly id: string; readonly document: DocumentSnapshot }
  | { readonly kind: "job"; readonly id: string; readonly job: JobSnapshot }

type Key = number | string | undefined

const DOCUMENT_KEYS: Readonly<Record<Exclude<SortColumn, "attention" | "added">, (document: DocumentSnapshot) => Key>> =
  {
    name: (document) => document.name,
    size: (document) => progressOf(document).totalBytes,
    done: (document) => {
      const { haveBytes, totalBytes } = progressOf(document)
      return fractionOf(haveBytes, totalBytes)
    },
    down: (document) => document.downBytesPerSecond,
    up: (document) => document.upBytesPerSecond,
    peers: (document) => document.connectedPeers,
    eta: (document) => document.etaSeconds,
    ratio: (document) => (document.sizeBytes === 0 ? undefined : document.uploadedBytes / document.sizeBytes),
  }

/** What a job has of these; the rest is unknown. */
const JOB_KEYS: Partial<Record<SortColumn, (job: JobSnapshot) => Key>> = {
  name: (job) => job.name,
  size: (job) => job.totalBytes,
  done: (job) => fractionOf(job.doneBytes, job.totalBytes),
  down: (job) => job.bytesPerSecond,
  eta: (job) => (job.bytesPerSecond > 0 ? (job.totalBytes - job.doneBytes) / job.bytesPerSecond : undefined),
}

/** Columns whose largest value comes first when they are chosen. */
const LARGEST_FIRST: ReadonlySet<SortColumn> = new Set(["size", "done", "down", "up", "peers", "ratio"])

export function isLargestFirst(column: SortColumn): boolean {
  return LARGEST_FIRST.has(column)
}

type Order = Pick<ScreenState, "snapshot" | "filter" | "standing" | "sort" | "rateHistories">

/**
 * The list as it is shown: filtered by name and standing, sorted by the chosen column. Equal ones are in the order of their names, then
 * of their ids, so that the list is the same at every start; unknown values come last whichever way the order goes. Names are sorted as people do it:
 * "run 9" before "run 10", "été" near "ete".
 */
export function listed(state: Order): readonly Listed[] {
  if (last === undefined || !isSameOrder(last.of, state)) last = { of: state, lines: orderedLines(state) }
  return last.lines
}

/** A frame and a key ask for the same list several times, and a thousand names take a while to sort. */
let last: { readonly of: Order; readonly lines: readonly Listed[] } | undefined

const ORDER_KEYS = ["snapshot", "filter", "standing", "sort", "rateHistories"] as const

function isSameOrder(a: Order, b: Order): boolean {
  return ORDER_KEYS.every((key) => a[key] === b[key])
}

function orderedLines(state: Order): readonly Listed[] {
  const wanted = folded(state.filter)
  const { documents, jobs } = state.snapshot
  const lines: readonly Listed[] = [
    ...documents.map((document) => ({ kind: "document", id: document.id, document }) as const),
    ...jobs.map((job) => ({ kind: "job", id: job.id, job }) as const),
  ]
  const isShown = (line: Listed): boolean =>
    (state.standing === undefined || standingOfLine(line, state) === state.standing) &&
    (wanted === "" || folded(nameOf(line)).includes(wanted))
  return sorted(lines.filter(isShown), state)
}

function sorted(lines: readonly Listed[], state: Order): readonly Listed[] {
  const { column, descending } = state.sort
  if (column === "added") return descending ? lines.toReversed() : lines
  const sign = descending ? -1 : 1
  const keyed = lines.map((line) => ({ line, key: keyOf(line, state) }))
  keyed.sort(
    (a, b) =>
      compare(a.key, b.key, sign) || compareNames(nameOf(a.line), nameOf(b.line)) || (a.line.id < b.line.id ? -1 : 1),
  )
  return keyed.map(({ line }) => line)
}

function keyOf(line: Listed, state: Order): Key {
  const { column } = state.sort
  if (column === "attention") return groupOf(standingOfLine(line, state))
  if (column === "added") return 0
  return line.kind === "document" ? DOCUMENT_KEYS[column](line.document) : JOB_KEYS[column]?.(line.job)
}

export function standingOfLine(line: Listed, { rateHistories }: Pick<ScreenState, "rateHistories">): Standing {
  return line.kind === "job" ? "hashing" : standingOf(line.document, rateHistories)
}

function nameOf(line: Listed): string {
  return line.kind === "document" ? line.document.name : line.job.name
}

/** Made when it is first needed: it takes a while. */
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

/** The documents of the list, in its order. */
export function listedDocuments(state: Order): readonly DocumentSnapshot[] {
  return listed(state).flatMap((line) => (line.kind === "document" ? line.document : []))
}

/** The ids of all lines of the list, in its order. */
export function listedIds(state: Order): readonly string[] {
  return listed(state).map(({ id }) => id)
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
