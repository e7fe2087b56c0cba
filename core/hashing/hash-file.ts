import { type FileHandle, open } from "node:fs/promises"
import type { Lengths } from "../torrent/lengths.js"
import type { Hasher } from "./hasher.js"

/** Parts [fromPart, toPart), 0-based. */
export interface PartRun {
  readonly fromPart: number
  readonly toPart: number
}

export interface HashFileOptions {
  readonly path: string
  /** Flags to open it with, of node:fs constants. */
  readonly flags: number
  readonly lengths: Lengths
  readonly runs: Iterable<PartRun>
  readonly hasher: Hasher
  /** Digests of some parts from `slice.fromPart` on, 20 bytes each, in no particular order; fewer than the slice has when the file ends early. */
  readonly onSlice: (slice: PartRun, digests: Uint8Array) => void
  /** Aborting rejects with the signal's reason within one slice. */
  readonly signal?: AbortSignal | undefined
}

/** How much one job hashes: some 6 ms, so that progress and cancelling need no messages of their own. */
const SLICE_BYTES = 8 * 1024 * 1024

/** Hashes runs of parts of one file on all threads of the hasher side by side. Memory is bounded whatever the file's size. */
export async function hashFile(options: HashFileOptions): Promise<void> {
  const slices = cutSlices(options.runs, options.lengths)
  const failed = new AbortController()
  const readers = Array.from({ length: options.hasher.threads }, () => runReader(options, slices, failed))
  const outcomes = await Promise.allSettled(readers)
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason
}

/** One reader takes slice after slice. Each has its own file descriptor, so that the kernel's read-ahead sees one straight reader. */
async function runReader(options: HashFileOptions, slices: Iterator<PartRun>, failed: AbortController): Promise<void> {
  let handle: FileHandle | undefined
  try {
    for (let next = slices.next(); !next.done; next = slices.next()) {
      options.signal?.throwIfAborted()
      if (failed.signal.aborted) return
      handle ??= await open(options.path, options.flags)
      const { sizeBytes, partSizeBytes } = options.lengths
      const digests = await options.hasher.hashParts({ fd: handle.fd, sizeBytes, partSizeBytes, ...next.value })
      options.onSlice(next.value, digests)
    }
  } catch (error) {
    failed.abort()
    throw error
  } finally {
    await handle?.close()
  }
}

function* cutSlices(runs: Iterable<PartRun>, lengths: Lengths): Generator<PartRun> {
  const partsPerSlice = Math.max(1, Math.floor(SLICE_BYTES / lengths.partSizeBytes))
  for (const run of runs)
    for (let fromPart = run.fromPart; fromPart < run.toPart; fromPart += partsPerSlice)
      yield { fromPart, toPart: Math.min(run.toPart, fromPart + partsPerSlice) }
}
