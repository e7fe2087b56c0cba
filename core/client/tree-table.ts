import { MAX_EXCEPTIONS, type TreePage, type TreeQuery, type TreeRow } from "../api/file-tree.js"
import { BackgroundWork } from "../base/background-work.js"
import { displayText } from "../base/display.js"
import { CommandError } from "../base/errors.js"
import { Recent } from "../base/recent.js"
import type { Steps } from "../base/steps.js"
import { MAX_PATH_BYTES } from "../torrent/folder-bounds.js"
import type { FolderLayout } from "../torrent/folder-layout.js"
import type { Lengths } from "../torrent/lengths.js"
import { inCase } from "../torrent/name-files.js"
import { boundsOf, type FilesNow, REORDER_MS } from "./file-table.js"
import { FolderTree } from "./folder-tree.js"
import { TreeFigures } from "./tree-figures.js"
import { TreeMatches } from "./tree-matches.js"
import { TreeOrder } from "./tree-order.js"
import { rowsInOrder, type TreeRows } from "./tree-rows.js"

/** Filters, orders and lists of rows that are kept: several screens may look at one document. Our choice. */
const KEPT = 4

interface Known {
  readonly tree: FolderTree
  readonly figures: TreeFigures
}

/** What a list of rows was made of. */
interface Made extends Known {
  readonly matches: TreeMatches
  readonly rows: TreeRows
  readonly haveCount: number
  readonly atMs: number
}

interface Listed {
  shown: Made | undefined
  work: BackgroundWork<Made> | undefined
}

/** The files of one folder document as a tree, in pages. No step takes long with 300,000 files: what takes longer is worked out between others. */
export class TreeTable {
  readonly #layout: FolderLayout
  readonly #lengths: Lengths
  readonly #onReady: () => void
  readonly #matches = new Recent<string, TreeMatches>(KEPT)
  readonly #orders = new Recent<string, TreeOrder>(KEPT)
  readonly #lists = new Recent<string, Listed>(KEPT, ({ work }) => work?.giveUp())
  #known: Known | undefined

  constructor(layout: FolderLayout, lengths: Lengths, onReady: () => void) {
    this.#layout = layout
    this.#lengths = lengths
    this.#onReady = onReady
  }

  page(query: TreeQuery, now: FilesNow): TreePage {
    const { from, count } = requireBounds(query)
    const made = this.#listed(query, now)
    if (made === undefined) return NOT_READY
    const { matches, figures, rows, tree } = made
    const wanted = figures.wantedCounts(matches, now)
    const row = new RowMaker(made, wanted, now)
    return {
      ...{ isReady: true, rowCount: rows.items.length },
      ...{ fileCount: tree.fileCount, matchingCount: matches.fileCounts[0] ?? 0 },
      ...{ matchingBytes: matches.sizes[0] ?? 0, matchingWanted: wanted[0] ?? 0 },
      rows: Array.from(rows.items.subarray(from, from + count), (item) => row.of(item)),
    }
  }

  #listed(query: TreeQuery, now: FilesNow): Made | undefined {
    const { filter, sort, descending, isOpen, except } = query
    const key = JSON.stringify([filter, sort, descending, isOpen, except])
    const listed = this.#lists.get(key) ?? { shown: undefined, work: undefined }
    this.#lists.set(key, listed)
    if (listed.work?.result !== undefined) {
      listed.shown = listed.work.result
      listed.work = undefined
    }
    if (listed.work === undefined && isStale(listed.shown, sort, now)) {
      const work = new BackgroundWork(this.#making(query, now), this.#onReady)
      if (work.result === undefined) listed.work = work
      else listed.shown = work.result
    }
    return listed.shown
  }

  *#making({ filter = "", sort, descending, ...folders }: TreeQuery, now: FilesNow): Steps<Made> {
    const known = yield* this.#knowing()
    const matches = yield* this.#matching(known, inCase(filter))
    const order = this.#orderOf(known, matches, { sort, descending }, now)
    const rows = yield* rowsInOrder(order, folders)
    return { ...known, matches, rows, haveCount: now.have?.count ?? 0, atMs: now.nowMs }
  }

  *#knowing(): Steps<Known> {
    if (this.#known !== undefined) return this.#known
    const tree = yield* FolderTree.of(this.#layout)
    this.#known ??= { tree, figures: new TreeFigures(tree, this.#lengths) }
    return this.#known
  }

  *#matching({ tree }: Known, filter: string): Steps<TreeMatches> {
    const known = this.#matches.get(filter)
    if (known !== undefined) return known
    // Nearly every filter is the one before with one more letter.
    const among = [...this.#matches.values()].find((each) => filter.includes(each.filter) && each.filter !== "")
    const matches = yield* TreeMatches.of(tree, filter, among)
    this.#matches.set(filter, matches)
    return matches
  }

  #orderOf(known: Known, matches: TreeMatches, by: Pick<TreeQuery, "sort" | "descending">, now: FilesNow): TreeOrder {
    const { sort, descending } = by
    const key = JSON.stringify([sort, descending, matches.filter])
    const before = sort === "done" ? undefined : this.#orders.get(key)
    if (before !== undefined) return before
    const order = new TreeOrder(known, matches, by, now)
    if (sort !== "done") this.#orders.set(key, order)
    return order
  }
}

const NOT_READY: TreePage = {
  ...{ isReady: false, rowCount: 0, fileCount: 0, matchingCount: 0, matchingBytes: 0, matchingWanted: 0 },
  rows: [],
}

function isStale(made: Made | undefined, sort: TreeQuery["sort"], { have, nowMs }: FilesNow): boolean {
  if (made === undefined) return true
  return sort === "done" && made.haveCount !== (have?.count ?? 0) && nowMs - made.atMs >= REORDER_MS
}

class RowMaker {
  readonly #made: Made
  readonly #wanted: Uint32Array
  readonly #now: FilesNow

  constructor(made: Made, wanted: Uint32Array, now: FilesNow) {
    this.#made = made
    this.#wanted = wanted
    this.#now = now
  }

  of(item: number): TreeRow {
    return item < 0 ? this.#folder(~item) : this.#file(item)
  }

  #file(index: number): TreeRow {
    const { tree, figures } = this.#made
    const { layout } = tree
    return {
      ...{ kind: "file", ...this.#place(layout.path(index), tree.folderOf(index)) },
      ...{ sizeBytes: layout.sizeOf(index), doneBytes: figures.doneOfFile(index, this.#now) },
      isWanted: this.#now.selection?.has(index) ?? true,
    }
  }

  #folder(folder: number): TreeRow {
    const { tree, figures, matches, rows } = this.#made
    return {
      ...{ kind: "folder", folder, ...this.#place(tree.paths[folder] ?? "", tree.parents[folder] ?? 0) },
      ...{ sizeBytes: matches.sizes[folder] ?? 0, doneBytes: figures.doneBytes(matches, this.#now)[folder] ?? 0 },
      ...{ isOpen: rows.isOpen(folder), fileCount: matches.fileCounts[folder] ?? 0 },
      wantedCount: this.#wanted[folder] ?? 0,
    }
  }

  #place(path: string, parent: number) {
    const components = path.split("/")
    return {
      depth: components.length - 1,
      name: displayText(components.at(-1) ?? "", MAX_PATH_BYTES),
      literalPath: path,
      parentRow: this.#made.rows.rowOf.get(parent),
    }
  }
}

/** The query may have come over a socket. @throws CommandError "bad_argument". */
function requireBounds(query: TreeQuery) {
  if (query.except.length > MAX_EXCEPTIONS)
    throw new CommandError("bad_argument", `at most ${MAX_EXCEPTIONS} folders are opened or closed one by one`)
  return boundsOf(query)
}
