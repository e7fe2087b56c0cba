import type { HashSource } from "../hashing/hash-file.js"
import type { Bitfield } from "../torrent/bitfield.js"
import type { Lengths } from "../torrent/lengths.js"
import type { PartChecks } from "./part-checks.js"
import type { FolderVerifier } from "./whole-folder.js"

/** Takes parts of a served folder out of `have` when the file that they are in has changed. */
export function folderVerifier(checks: PartChecks, lengths: Lengths, have: Bitfield): FolderVerifier {
  const partsOf = (offset: number, length: number): number[] => {
    const first = Math.floor(offset / lengths.partSizeBytes)
    const last = Math.floor((offset + length - 1) / lengths.partSizeBytes)
    return length === 0 ? [] : Array.from({ length: last - first + 1 }, (_, index) => first + index)
  }
  return {
    async verify(source: HashSource, offset: number, length: number): Promise<number> {
      let badCount = 0
      await checks.some(source, partsOf(offset, length), {}, (partIndex, good) => {
        if (good) return
        badCount++
        have.remove(partIndex)
      })
      return badCount
    },
    withdraw(offset: number, length: number): void {
      for (const partIndex of partsOf(offset, length)) have.remove(partIndex)
    },
  }
}
