import type { Steps } from "../base/steps.js"
import { holdingText } from "../torrent/name-files.js"
import { ENTRIES_AT_ONCE, type FolderTree } from "./folder-tree.js"

/** The files of a tree that pass a filter. */
export class TreeMatches {
  readonly filter: string
  /** 1 for an entry that passes; undefined: every file does. */
  readonly #passes: Uint8Array | undefined
  /** By folder, with all that stands below. */
  readonly fileCounts: Uint32Array
  readonly sizes: Float64Array

  private constructor(tree: FolderTree, filter: string, passes: Uint8Array | undefined) {
    this.filter = filter
    this.#passes = passes
    this.fileCounts = new Uint32Array(tree.folderCount)
    this.sizes = new Float64Array(tree.folderCount)
  }

  /** `among`: what passes a filter that every path with `filter` in it passes, too. */
  static *of(tree: FolderTree, filter: string, among: TreeMatches | undefined): Steps<TreeMatches> {
    const passes = filter === "" ? undefined : yield* passing(tree, filter, among)
    const matches = new TreeMatches(tree, filter, passes)
    yield* matches.#addUp(tree)
    return matches
  }

  *#addUp(tree: FolderTree): Steps<void> {
    const { layout } = tree
    const { fileCounts, sizes } = this
    for (let index = 0; index < layout.entryCount; index++) {
      if (index % ENTRIES_AT_ONCE === ENTRIES_AT_ONCE - 1) yield
      if (layout.isPadding(index) || !this.has(index)) continue
      const folder = tree.folderOf(index)
      fileCounts[folder] = (fileCounts[folder] ?? 0) + 1
      sizes[folder] = (sizes[folder] ?? 0) + layout.sizeOf(index)
    }
    tree.addUp(fileCounts)
    tree.addUp(sizes)
  }

  has(index: number): boolean {
    return this.#passes === undefined || this.#passes[index] === 1
  }
}

function* passing({ layout }: FolderTree, filter: string, among: TreeMatches | undefined): Steps<Uint8Array> {
  const holds = holdingText(filter)
  const passes = new Uint8Array(layout.entryCount)
  for (let index = 0; index < layout.entryCount; index++) {
    if (index % ENTRIES_AT_ONCE === ENTRIES_AT_ONCE - 1) yield
    if (layout.isPadding(index) || among?.has(index) === false) continue
    if (holds(layout.path(index))) passes[index] = 1
  }
  return passes
}
