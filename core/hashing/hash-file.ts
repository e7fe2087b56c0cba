import { type FileHandle, open } from "node:fs/promises"
import { type Lengths, partLength, partOffset } from "../torrent/lengths.js"
import { type FileSpans, type FolderSource, fileSpansOf } from "./file-spans.js"
import type { Hasher } from "./hasher.js"

/** Parts [fromPart, toPart), 0-based. */
export interface PartRun {
  readonly fromPart: number
  readonly toPart: number
}

/** Where the bytes of a document are read from. */
export type HashSource =
  /** `flags`: to open it with, of node:fs constants. */
  | { readonly kind: "file"; readonly path: string; readonly flags: number }
  | ({ readonly kind: "folder" } & FolderSource)

export interface HashFileOptions {
  readonly source: HashSource
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

/** Hashes runs of parts of one document on all threads of the hasher side by side. Memory is bounded whatever the file's size. */
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
      const { source, lengths } = options
      if (source.kind === "file") handle ??= await open(source.path, source.flags)
      const from = handle ? { fd: handle.fd } : { files: filesOf(source, lengths, next.value) }
      const { sizeBytes, partSizeBytes } = lengths
      const digests = await options.hasher.hashParts({ from, sizeBytes, partSizeBytes, ...next.value })
      options.onSlice(next.value, digests)
    }
  } catch (error) {
    failed.abort()
    throw error
  } finally {
    await handle?.close()
  }
}

function filesOf(source: HashSource, lengths: Lengths, { fromPart, toPart }: PartRun): FileSpans {
  if (source.kind === "file") throw new TypeError("a file has no files")
  const start = partOffset(lengths, fromPart)
  const end = partOffset(lengths, toPart - 1) + partLength(lengths, toPart - 1)
  return fileSpansOf(source, start, end - start)
}

function* cutSlices(runs: Iterable<PartRun>, lengths: Lengths): Generator<PartRun> {
  const partsPerSlice = Math.max(1, Math.floor(SLICE_BYTES / lengths.partSizeBytes))
  for (const run of runs)
    for (let fromPart = run.fromPart; fromPart < run.toPart; fromPart += partsPerSlice)
      yield { fromPart, toPart: Math.min(run.toPart, fromPart + partsPerSlice) }
}
