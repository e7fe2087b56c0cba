import type { FolderLayout } from "../torrent/folder-layout.js"
import type { Lengths } from "../torrent/lengths.js"
import { DoneBytes } from "./done-bytes.js"
import type { FilesNow } from "./file-table.js"

/** Shortest time between two counts, ms: one takes 10 ms for 300,000 files. Our choice. */
const COUNT_MS = 1_000

/** How many of the wanted files of a folder are complete. */
export class DoneFiles {
  readonly #layout: FolderLayout
  readonly #done: DoneBytes
  #counted: { readonly now: FilesNow; readonly haveCount: number; readonly count: number } | undefined

  constructor(layout: FolderLayout, lengths: Lengths) {
    this.#layout = layout
    this.#done = new DoneBytes(lengths)
  }

  /** At most a second old. */
  count(now: FilesNow): number {
    const before = this.#counted
    const haveCount = now.have?.count ?? 0
    if (before !== undefined && before.now.have === now.have && before.now.selection === now.selection) {
      if (before.haveCount === haveCount || now.nowMs - before.now.nowMs < COUNT_MS) return before.count
    }
    const count = this.#count(now)
    this.#counted = { now, haveCount, count }
    return count
  }

  #count({ have, selection }: FilesNow): number {
    const layout = this.#layout
    let count = 0
    for (let index = 0; index < layout.entryCount; index++) {
      if (layout.isPadding(index) || selection?.has(index) === false) continue
      const size = layout.sizeOf(index)
      if (this.#done.of(have, layout.offsetOf(index), size) === size) count++
    }
    return count
  }
}
