import { type FileRow, type FileSort, type FilesPage, type FilesQuery, MAX_FILE_ROWS } from "../api/selection.js"
import { displayText } from "../base/display.js"
import { CommandError } from "../base/errors.js"
import type { Bitfield } from "../torrent/bitfield.js"
import type { FileSelection } from "../torrent/file-selection.js"
import { MAX_PATH_BYTES } from "../torrent/folder-bounds.js"
import type { FolderLayout } from "../torrent/folder-layout.js"
import type { Lengths } from "../torrent/lengths.js"
import { holdingText, inCase } from "../torrent/name-files.js"
import { DoneBytes } from "./done-bytes.js"

/** Shortest time between two orders by done share, ms: rows that move at every part can't be read. Our choice. */
export const REORDER_MS = 1_000

/** Steps of the order by done share: the last is for complete files alone. */
const SHARES = 1_000

/** What is known of a document when its files are looked at. */
export interface FilesNow {
  readonly nowMs: number
  /** Verified parts; undefined while they are unknown. */
  readonly have: Bitfield | undefined
  /** Undefined: every file is wanted. */
  readonly selection: FileSelection | undefined
}

interface Matches {
  readonly filter: string
  /** Entries of the layout, in its order. */
  readonly entries: Uint32Array
}

interface Order {
  readonly matches: Matches
  readonly sort: FileSort
  readonly entries: Uint32Array
  readonly isOf: Bitfield | undefined
  readonly haveCount: number
  readonly atMs: number
}

/**
 * The files of one folder document in pages. A filter or an order is worked out once and kept until it changes: with 300,000 files a page
 * costs its rows.
 */
export class FileTable {
  readonly #layout: FolderLayout
  readonly #done: DoneBytes
  readonly #all: Matches
  readonly #sizeBytes: number
  #matches: Matches
  #order: Order | undefined

  constructor(layout: FolderLayout, lengths: Lengths) {
    this.#layout = layout
    this.#done = new DoneBytes(lengths)
    const entries = new Uint32Array(layout.fileCount)
    let count = 0
    let sizeBytes = 0
    for (let index = 0; index < layout.entryCount; index++) {
      if (layout.isPadding(index)) continue
      entries[count++] = index
      sizeBytes += layout.sizeOf(index)
    }
    this.#sizeBytes = sizeBytes
    this.#all = { filter: "", entries }
    this.#matches = this.#all
  }

  page(query: FilesQuery, now: FilesNow): FilesPage {
    const { from, count } = boundsOf(query)
    const { entries } = this.#ordered(query, now)
    const last = entries.length - 1
    const rows: FileRow[] = []
    for (let at = from; at <= last && rows.length < count; at++)
      rows.push(this.#row(entries[query.descending === true ? last - at : at] ?? 0, now))
    return {
      total: this.#all.entries.length,
      matching: entries.length,
      wantedFiles: now.selection?.fileCount ?? this.#all.entries.length,
      wantedBytes: now.selection?.sizeBytes ?? this.#sizeBytes,
      rows,
    }
  }

  #row(index: number, { have, selection }: FilesNow): FileRow {
    const layout = this.#layout
    return {
      index,
      path: displayText(layout.path(index), MAX_PATH_BYTES),
      size: layout.sizeOf(index),
      wanted: selection?.has(index) ?? true,
      doneBytes: this.#done.of(have, layout.offsetOf(index), layout.sizeOf(index)),
      executable: layout.isExecutable(index),
    }
  }

  #matching(filter: string): Matches {
    if (filter === this.#matches.filter) return this.#matches
    // Nearly every filter is the one before with one more letter.
    const among = filter.includes(this.#matches.filter) ? this.#matches : this.#all
    const holds = holdingText(filter)
    const entries = filter === "" ? this.#all.entries : among.entries.filter((index) => holds(this.#layout.path(index)))
    this.#matches = filter === "" ? this.#all : { filter, entries }
    return this.#matches
  }

  #ordered({ filter = "", sort }: FilesQuery, now: FilesNow): Order {
    const matches = this.#matching(inCase(filter))
    const before = this.#order
    if (before?.matches === matches && before.sort === sort && !isStale(before, now)) return before
    const entries = this.#sorted(matches.entries, sort, now)
    this.#order = { matches, sort, entries, isOf: now.have, haveCount: now.have?.count ?? 0, atMs: now.nowMs }
    return this.#order
  }

  #sorted(entries: Uint32Array, sort: FileSort, { have }: FilesNow): Uint32Array {
    if (sort === "done") return this.#byShare(entries, have)
    const layout = this.#layout
    if (sort === "size") return entries.slice().sort((a, b) => layout.sizeOf(a) - layout.sizeOf(b) || a - b)
    const isBefore = (a: number, b: number) => layout.path(a) < layout.path(b)
    // Documents of this program are nearly always in this order.
    if (entries.every((index, at) => at === 0 || isBefore(entries[at - 1] ?? 0, index))) return entries
    return entries.slice().sort((a, b) => (isBefore(a, b) ? -1 : 1))
  }

  /** In one step per file: it is done again while parts arrive. */
  #byShare(entries: Uint32Array, have: Bitfield | undefined): Uint32Array {
    const shares = Uint16Array.from(entries, (index) => this.#share(index, have))
    const begins = new Uint32Array(SHARES + 2)
    for (const share of shares) begins[share + 1] = (begins[share + 1] ?? 0) + 1
    for (let share = 1; share < begins.length; share++) begins[share] = (begins[share] ?? 0) + (begins[share - 1] ?? 0)
    const sorted = new Uint32Array(entries.length)
    for (const [at, share] of shares.entries()) {
      const place = begins[share] ?? 0
      sorted[place] = entries[at] ?? 0
      begins[share] = place + 1
    }
    return sorted
  }

  #share(index: number, have: Bitfield | undefined): number {
    const size = this.#layout.sizeOf(index)
    return size === 0 ? SHARES : Math.floor((SHARES * this.#done.of(have, this.#layout.offsetOf(index), size)) / size)
  }
}

function isStale({ sort, isOf, haveCount, atMs }: Order, { have, nowMs }: FilesNow): boolean {
  if (sort !== "done" || (isOf === have && haveCount === (have?.count ?? 0))) return false
  return nowMs - atMs >= REORDER_MS
}

/** The query may have come over a socket. @throws CommandError "bad_argument". */
export function boundsOf({ from, count, sort }: Pick<FilesQuery, "from" | "count" | "sort">): {
  readonly from: number
  readonly count: number
} {
  if (!["path", "size", "done"].includes(sort))
    throw new CommandError("bad_argument", `files are sorted by path, size or done, not by "${sort}"`)
  if (!Number.isSafeInteger(from) || from < 0 || !Number.isSafeInteger(count) || count < 0)
    throw new CommandError("bad_argument", "the first row and the number of rows are whole numbers, 0 or more")
  return { from, count: Math.min(count, MAX_FILE_ROWS) }
}
