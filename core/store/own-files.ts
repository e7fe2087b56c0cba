import pLimit from "p-limit"
import { dropDrafts } from "./move-aside.js"
import { type RepairPlace, unshare } from "./repair-folder.js"

/**
 * Keeps writes away from files that the damaged folder has too. A file is shared while every part of it is right; a later check may find
 * that the user has changed it.
 */
export class OwnFiles {
  readonly #place: RepairPlace
  /** One at a time: two parts may be written to one file. */
  readonly #turns = pLimit(1)

  constructor(place: RepairPlace) {
    this.#place = place
  }

  /** Resolves when none of these entries is a file of the damaged folder. Rejects with system errors. */
  require(indices: readonly number[]): Promise<void> {
    return this.#turns(async () => {
      const copied = await unshare(this.#place, indices)
      if (copied.length > 0) await dropDrafts(this.#place.drafts)
    })
  }
}
