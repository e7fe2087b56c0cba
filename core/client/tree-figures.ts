import type { FileSelection } from "../torrent/file-selection.js"
import type { Lengths } from "../torrent/lengths.js"
import { DoneBytes } from "./done-bytes.js"
import type { FilesNow } from "./file-table.js"
import type { FolderTree } from "./folder-tree.js"
import type { TreeMatches } from "./tree-matches.js"

/** Shortest time between two sums of done bytes, ms: a sum takes 10 ms for 300,000 files. Our choice. */
const SUM_MS = 1_000

/** What changes of the files of a tree: which are wanted, and how far each is. */
export class TreeFigures {
  readonly #tree: FolderTree
  readonly #done: DoneBytes
  readonly #wanted = new WeakMap<
    TreeMatches,
    { readonly of: FileSelection | undefined; readonly counts: Uint32Array }
  >()
  readonly #sums = new WeakMap<
    TreeMatches,
    { readonly of: FilesNow["have"]; readonly haveCount: number; readonly atMs: number; readonly bytes: Float64Array }
  >()

  constructor(tree: FolderTree, lengths: Lengths) {
    this.#tree = tree
    this.#done = new DoneBytes(lengths)
  }

  doneOfFile(index: number, { have }: FilesNow): number {
    const { layout } = this.#tree
    return this.#done.of(have, layout.offsetOf(index), layout.sizeOf(index))
  }

  /** Wanted files by folder, with all that stands below. */
  wantedCounts(matches: TreeMatches, { selection }: FilesNow): Uint32Array {
    if (selection === undefined) return matches.fileCounts
    const known = this.#wanted.get(matches)
    if (known?.of === selection) return known.counts
    const counts = new Uint32Array(this.#tree.folderCount)
    this.#each(matches, (index, folder) => {
      if (selection.has(index)) counts[folder] = (counts[folder] ?? 0) + 1
    })
    this.#tree.addUp(counts)
    this.#wanted.set(matches, { of: selection, counts })
    return counts
  }

  /** Done bytes by folder, with all that stands below; at most a second old. */
  doneBytes(matches: TreeMatches, now: FilesNow): Float64Array {
    const { have, nowMs } = now
    const known = this.#sums.get(matches)
    const haveCount = have?.count ?? 0
    if (known !== undefined && known.of === have && (known.haveCount === haveCount || nowMs - known.atMs < SUM_MS))
      return known.bytes
    const bytes = new Float64Array(this.#tree.folderCount)
    this.#each(matches, (index, folder) => {
      bytes[folder] = (bytes[folder] ?? 0) + this.doneOfFile(index, now)
    })
    this.#tree.addUp(bytes)
    this.#sums.set(matches, { of: have, haveCount, atMs: nowMs, bytes })
    return bytes
  }

  #each(matches: TreeMatches, take: (index: number, folder: number) => void): void {
    const { layout } = this.#tree
    for (let index = 0; index < layout.entryCount; index++)
      if (!layout.isPadding(index) && matches.has(index)) take(index, this.#tree.folderOf(index))
  }
}
