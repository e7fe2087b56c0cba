import type { DocumentSnapshot, JobSnapshot } from "../../../core/index.js"
import { fractionOf } from "../../base/format.js"
import { remembered, rememberedBy } from "../../base/remembered.js"
import { progressOf } from "../../words/wanted-words.js"
import { groupOf, type Standing, standingOf } from "./attention.js"
import { folded } from "./folded.js"
import { type NameRank, nameRanks } from "./name-order.js"
import type { ScreenState, SortColumn } from "./state.js"

/** A line of the list: a document, or a file that is hashed to become one. */
export type Listed =
  | { readonly kind: "document"; readonly id: string; readonly name: string; readonly document: DocumentSnapshot }
  | { readonly kind: "job"; readonly id: string; readonly name: string; readonly job: JobSnapshot }

type Key = number | undefined

/** Columns whose value depends on one line alone. */
type OwnColumn = Exclude<SortColumn, "attention" | "added" | "name">

const DOCUMENT_KEYS: Readonly<Record<OwnColumn, (document: DocumentSnapshot) => Key>> = {
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
const JOB_KEYS: Partial<Record<OwnColumn, (job: JobSnapshot) => Key>> = {
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
 * of their ids, so that the list is the same at every start; unknown values come last whichever way the order goes.
 */
export const listed: (state: Order) => readonly Listed[] = rememberedBy(
  ["snapshot", "filter", "standing", "sort", "rateHistories"],
  orderedLines,
)

/** Of a snapshot, documents first, as they were added. */
const allLines = remembered(({ documents, jobs }: ScreenState["snapshot"]): readonly Listed[] => [
  ...documents.map((document) => ({ kind: "document", id: document.id, name: document.name, document }) as const),
  ...jobs.map((job) => ({ kind: "job", id: job.id, name: job.name, job }) as const),
])

function orderedLines(state: Order): readonly Listed[] {
  const wanted = folded(state.filter)
  const lines = allLines(state.snapshot)
  const isShown = (line: Listed): boolean =>
    (state.standing === undefined || standingOfLine(line, state) === state.standing) &&
    (wanted === "" || foldedName(line).includes(wanted))
  return sorted(lines.filter(isShown), state)
}

function sorted(lines: readonly Listed[], state: Order): readonly Listed[] {
  const { column, descending } = state.sort
  if (column === "added") return descending ? lines.toReversed() : lines
  const sign = descending ? -1 : 1
  const ranks = nameRanks(allLines(state.snapshot))
  const keyed = lines.map((line) => {
    const { group, place } = ranks.get(line.id) ?? FIRST
    return { line, place, key: column === "name" ? group : keyOf(line, column, state) }
  })
  keyed.sort((a, b) => compare(a.key, b.key, sign) || a.place - b.place)
  return keyed.map(({ line }) => line)
}

const FIRST: NameRank = { group: 0, place: 0 }

function keyOf(line: Listed, column: OwnColumn | "attention", state: Order): Key {
  if (column === "attention") return groupOf(standingOfLine(line, state))
  return line.kind === "document" ? DOCUMENT_KEYS[column](line.document) : JOB_KEYS[column]?.(line.job)
}

export function standingOfLine(line: Listed, { rateHistories }: Pick<ScreenState, "rateHistories">): Standing {
  if (line.kind === "document") return standingOf(line.document, rateHistories)
  return line.job.isPaused === true ? "paused" : "hashing"
}

const foldedName = remembered(({ name }: Listed) => folded(name))

function compare(a: Key, b: Key, sign: number): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
  if (a === b) return 0
  return a < b ? -sign : sign
}

/** The documents of the list, in its order. */
export function listedDocuments(state: Order): readonly DocumentSnapshot[] {
  return listed(state).flatMap((line) => (line.kind === "document" ? line.document : []))
}

/** The ids of all lines of the list, in its order. */
export function listedIds(state: Order): readonly string[] {
  return idsOf(listed(state))
}

const idsOf = remembered((lines: readonly Listed[]) => lines.map(({ id }) => id))

/** The place of a line in the list, 0-based; undefined where it is not listed. */
export function placeInList(state: Order, id: string | undefined): number | undefined {
  return id === undefined ? undefined : placesOf(listed(state)).get(id)
}

const placesOf = remembered((lines: readonly Listed[]) => new Map(lines.map(({ id }, place) => [id, place])))

/** The documents of a snapshot, by their ids. */
export const documentsById = remembered(
  (documents: readonly DocumentSnapshot[]): ReadonlyMap<string, DocumentSnapshot> =>
    new Map(documents.map((document) => [document.id, document])),
)

/** The file that is hashed and selected. */
export function selectedJob(state: ScreenState): JobSnapshot | undefined {
  return state.snapshot.jobs.find(({ id }) => id === state.selectedId)
}

/** The document that keys act on. */
export function selectedDocument(state: ScreenState): DocumentSnapshot | undefined {
  return documentsById(state.snapshot.documents).get(state.selectedId ?? "")
}

/** The documents that an action is for: the marked ones, else the selected one. */
export function targets(state: ScreenState): readonly DocumentSnapshot[] {
  if (state.marked.size > 0) return state.snapshot.documents.filter((document) => state.marked.has(document.id))
  const selected = selectedDocument(state)
  return selected === undefined ? [] : [selected]
}
