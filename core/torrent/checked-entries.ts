import { TorrentFileError } from "../base/errors.js"
import type { Steps } from "../base/steps.js"
import { type FolderFile, type FolderLayout, FolderLayoutBuilder } from "./folder-layout.js"
import { findingPathCollision, OrderOfPaths } from "./path-collisions.js"
import { shownValue } from "./shown-value.js"

/** Entries that are looked at in one step. Our choice: a millisecond. */
const LOOKED_AT_ONCE = 16_384

/** The entries of a folder in a torrent file, one after the other; paths and sizes were checked one by one. */
export class CheckedEntries {
  readonly #field: string
  readonly #builder = new FolderLayoutBuilder()
  readonly #order = new OrderOfPaths()
  #sum = 0

  /** `field` names the list in messages. */
  constructor(field: string) {
    this.#field = field
  }

  get count(): number {
    return this.#builder.count
  }

  add(entry: FolderFile): void {
    this.#builder.add(entry)
    this.#sum += entry.sizeBytes
    if (!entry.isPadding) this.#order.add(entry.path)
  }

  /**
   * Their layout.
   * @throws TorrentFileError when paths collide, when there is no file but padding, or when sizes do not add up to `sizeBytes` (where given).
   */
  *layout(sizeBytes?: number): Steps<FolderLayout> {
    const layout = this.#builder.build()
    if (layout.fileCount === 0) throw this.#refused("it holds no file")
    if (!Number.isSafeInteger(this.#sum)) throw this.#refused("its sizes add up to more than 2^53-1")
    if (sizeBytes !== undefined && this.#sum !== sizeBytes)
      throw this.#refused(`its sizes add up to ${this.#sum}, but FileInfo.Size is ${sizeBytes}`)
    if (!this.#order.isKept) yield* this.#refusingCollision(layout)
    return layout
  }

  *#refusingCollision(layout: FolderLayout): Steps<void> {
    const paths: string[] = []
    for (let index = 0; index < layout.entryCount; index++) {
      if (!layout.isPadding(index)) paths.push(layout.path(index))
      if (index % LOOKED_AT_ONCE === 0) yield
    }
    const collision = yield* findingPathCollision(paths)
    if (collision === undefined) return
    const [one, other] = collision.paths.map(shownValue)
    const what =
      collision.kind === "same"
        ? `${one} and ${other} are one path (or differ in Unicode normalisation only)`
        : `${one} is a file, and a folder in ${other}`
    throw this.#refused(what)
  }

  #refused(what: string): TorrentFileError {
    return new TorrentFileError(this.#field, `${this.#field}: ${what}`)
  }
}
