import { type HashSource, hashFile, type PartRun } from "../hashing/hash-file.js"
import type { Hasher } from "../hashing/hasher.js"
import { digestAt } from "../torrent/digests.js"
import type { Lengths } from "../torrent/lengths.js"

export interface CheckProgress {
  /** Parts checked so far, of `totalCount`. */
  readonly checkedCount: number
  readonly totalCount: number
  /** Good ones among them. */
  readonly goodCount: number
}

export interface CheckHooks {
  readonly onProgress?: ((progress: CheckProgress) => void) | undefined
  /** Aborting rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

export interface CheckPartsOptions extends CheckHooks {
  readonly source: HashSource
  readonly lengths: Lengths
  /** 20 bytes per part of the document. */
  readonly partDigests: Uint8Array
  /** 0-based, ascending: the parts to look at. */
  readonly partIndices: readonly number[]
  readonly hasher: Hasher
  /** Called once for every part of `partIndices`, in no particular order; a part beyond the end of the file is not good. */
  readonly onPart: (partIndex: number, good: boolean) => void
}

/** Hashes parts of a file and compares them with the torrent's digests. Rejects with the system error. */
export async function checkParts(options: CheckPartsOptions): Promise<void> {
  const { partDigests, onPart } = options
  const totalCount = options.partIndices.length
  let checkedCount = 0
  let goodCount = 0
  const onSlice = (slice: PartRun, digests: Uint8Array) => {
    for (let partIndex = slice.fromPart; partIndex < slice.toPart; partIndex++) {
      const good = Buffer.compare(digestAt(digests, partIndex - slice.fromPart), digestAt(partDigests, partIndex)) === 0
      checkedCount++
      if (good) goodCount++
      onPart(partIndex, good)
    }
    options.onProgress?.({ checkedCount, totalCount, goodCount })
  }
  const { source, lengths, hasher, signal } = options
  await hashFile({ source, lengths, runs: runsOf(options.partIndices), hasher, onSlice, signal })
}

/** Joins neighbours, so that they are read in one go. */
function* runsOf(partIndices: readonly number[]): Generator<PartRun> {
  let run: PartRun | undefined
  for (const partIndex of partIndices) {
    if (run && run.toPart === partIndex) {
      run = { fromPart: run.fromPart, toPart: partIndex + 1 }
      continue
    }
    if (run) yield run
    run = { fromPart: partIndex, toPart: partIndex + 1 }
  }
  if (run) yield run
}
