import type { TreeQuery } from "../api/file-tree.js"
import type { FileSort } from "../api/selection.js"
import { compareNaturally } from "../base/natural-order.js"
import { sortInSteps, sortingPlaces } from "../base/sort-in-steps.js"
import type { Steps } from "../base/steps.js"
import type { FilesNow } from "./file-table.js"
import { ENTRIES_AT_ONCE, type FolderTree } from "./folder-tree.js"
import type { TreeFigures } from "./tree-figures.js"
import type { TreeMatches } from "./tree-matches.js"

/** What stands in a folder: a file by its index, a folder by `~number`. */
export type TreeItem = number

/** The files and folders of each folder in one order, which is worked out for a folder when it is looked into. */
export class TreeOrder {
  readonly #tree: FolderTree
  readonly #matches: TreeMatches
  readonly #figures: TreeFigures
  readonly #sort: FileSort
  readonly #sign: 1 | -1
  readonly #now: FilesNow
  readonly #known = new Map<number, Int32Array>()

  constructor(
    { tree, figures }: { readonly tree: FolderTree; readonly figures: TreeFigures },
    matches: TreeMatches,
    { sort, descending = false }: Pick<TreeQuery, "sort" | "descending">,
    now: FilesNow,
  ) {
    this.#tree = tree
    this.#figures = figures
    this.#matches = matches
    this.#sort = sort
    this.#sign = descending ? -1 : 1
    this.#now = now
  }

  /** Equal ones are in the order of the document. */
  *itemsIn(folder: number): Steps<Int32Array> {
    const known = this.#known.get(folder)
    if (known !== undefined) return known
    const items = this.#unordered(folder)
    yield* this.#sort === "path" ? this.#byName(folder, items) : this.#byKey(items)
    this.#known.set(folder, items)
    return items
  }

  #unordered(folder: number): Int32Array {
    const [folders, files] = [this.#tree.foldersIn(folder), this.#tree.filesIn(folder)]
    const items = new Int32Array(folders.length + files.length)
    let count = 0
    for (const each of folders) if ((this.#matches.fileCounts[each] ?? 0) > 0) items[count++] = ~each
    for (const each of files) if (this.#matches.has(each)) items[count++] = each
    return items.slice(0, count)
  }

  #byName(folder: number, items: Int32Array): Steps<void> {
    const { layout, paths } = this.#tree
    // All begin with the path of the folder.
    const from = folder === 0 ? 0 : (paths[folder] ?? "").length + 1
    const pathOf = (item: TreeItem): string => (item < 0 ? paths[~item] : layout.path(item)) ?? ""
    const compare = (a: TreeItem, b: TreeItem) => this.#sign * compareNaturally(pathOf(a), pathOf(b), from)
    return sortInSteps(items, (a, b) => Number(b < 0) - Number(a < 0) || compare(a, b))
  }

  *#byKey(items: Int32Array): Steps<void> {
    const keyOf = this.#sort === "size" ? this.#sizeOf : this.#shareOf
    // They change while it is sorted.
    const keys = new Float64Array(items.length)
    for (let place = 0; place < items.length; place++) {
      keys[place] = keyOf(items[place] ?? 0)
      if (place % ENTRIES_AT_ONCE === ENTRIES_AT_ONCE - 1) yield
    }
    const byKey = (a: number, b: number) => this.#sign * ((keys[a] ?? 0) - (keys[b] ?? 0)) || a - b
    const places = yield* sortingPlaces(items.length, byKey)
    const before = items.slice()
    for (let at = 0; at < items.length; at++) items[at] = before[places[at] ?? 0] ?? 0
  }

  #sizeOf = (item: TreeItem): number => (item < 0 ? (this.#matches.sizes[~item] ?? 0) : this.#tree.layout.sizeOf(item))

  #shareOf = (item: TreeItem): number => {
    const size = this.#sizeOf(item)
    if (size === 0) return 1
    const now = this.#now
    const done = item < 0 ? this.#figures.doneBytes(this.#matches, now)[~item] : this.#figures.doneOfFile(item, now)
    return (done ?? 0) / size
  }
}
