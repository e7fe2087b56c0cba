import { createHash, type Hash, randomBytes } from "node:crypto"
import { readSync } from "node:fs"
import { DIGEST_BYTES } from "../torrent/digests.js"
import { createLengths, partLength, partOffset } from "../torrent/lengths.js"
import { readSpans, readSpansInto, writeAll, writeSpans } from "./file-spans.js"
import { folderStats } from "./folder-stats.js"
import { type HashJob, type HashPartsJob, type HashResult, JobKind, MARK, type VerifyAndWriteJob } from "./hash-jobs.js"
import { draftFiles, placeFiles } from "./move-files.js"
import { syncFiles } from "./sync-files.js"

/** One reused read buffer. 1 MiB: larger reads gain nothing (measured), smaller ones cost system calls. */
const READ_BUFFER_BYTES = 1024 * 1024

let readBuffer: Uint8Array | undefined

/** Does a job with synchronous disk calls, for a thread that has nothing else to do. @throws the system error of a failed one. */
export function runHashJob(job: HashJob): HashResult {
  switch (job.kind) {
    case JobKind.verifyAndWrite:
      return verifyAndWrite(job)
    case JobKind.hashParts:
      return hashParts(job)
    case JobKind.folderStamp:
      return folderStats(job)
    case JobKind.syncFiles:
      syncFiles(job)
      return true
    case JobKind.draftFiles:
      draftFiles(job)
      return true
    case JobKind.placeFiles:
      placeFiles(job)
      return true
    case JobKind.readFiles:
      return readSpansInto(job.files, new Uint8Array(job.memory, job.memoryOffset, job.length))?.bytes ?? false
  }
}

function verifyAndWrite(job: VerifyAndWriteJob): boolean {
  const bytes = new Uint8Array(job.memory, job.memoryOffset, job.length)
  if (!createHash("sha1").update(bytes).digest().equals(job.digest)) return false
  if (job.mark) writeAll(job.mark.fd, Uint8Array.of(MARK), job.mark.offset)
  if ("files" in job.place) writeSpans(job.place.files, bytes)
  else writeAll(job.place.fd, bytes, job.place.fileOffset)
  return true
}

/** Reads on straight through the parts, in reads that may span many small parts or a slice of a large one. */
function hashParts(job: HashPartsJob): Uint8Array {
  readBuffer ??= new Uint8Array(READ_BUFFER_BYTES)
  const buffer = readBuffer
  const lengths = createLengths(job.sizeBytes, job.partSizeBytes)
  const digests = new PartDigester(lengths.partSizeBytes, job.toPart - job.fromPart)
  if ("files" in job.from) {
    readSpans(job.from.files, buffer, (bytes, count) => (bytes ? digests.update(bytes) : digests.spoil(count)))
    digests.endPart()
    return digests.finished()
  }
  const lastPart = job.toPart - 1
  const end = partOffset(lengths, lastPart) + partLength(lengths, lastPart)
  for (let offset = partOffset(lengths, job.fromPart); offset < end; ) {
    const count = readSync(job.from.fd, buffer, 0, Math.min(READ_BUFFER_BYTES, end - offset), offset)
    if (count === 0) return digests.finished()
    digests.update(buffer.subarray(0, count))
    offset += count
  }
  digests.endPart()
  return digests.finished()
}

/** Cuts a stream of bytes into parts and collects their digests. */
class PartDigester {
  readonly #partSizeBytes: number
  readonly #digests: Uint8Array
  #count = 0
  #hash: Hash | undefined
  #hashedBytes = 0

  constructor(partSizeBytes: number, partCount: number) {
    this.#partSizeBytes = partSizeBytes
    this.#digests = new Uint8Array(partCount * DIGEST_BYTES)
  }

  update(bytes: Uint8Array): void {
    for (let start = 0; start < bytes.length; ) {
      const end = Math.min(bytes.length, start + this.#partSizeBytes - this.#hashedBytes)
      this.#hash ??= createHash("sha1")
      this.#hash.update(bytes.subarray(start, end))
      this.#hashedBytes += end - start
      if (this.#hashedBytes === this.#partSizeBytes) this.endPart()
      start = end
    }
  }

  /** Counts bytes that are in no file: the parts that they belong to get a digest that no part has. */
  spoil(count: number): void {
    for (let left = count; left > 0; ) {
      const step = Math.min(left, this.#partSizeBytes - this.#hashedBytes)
      this.#hash ??= createHash("sha1")
      // Zeros instead could give the right digest for a missing file.
      this.#hash.update(randomBytes(20))
      this.#hashedBytes += step
      if (this.#hashedBytes === this.#partSizeBytes) this.endPart()
      left -= step
    }
  }

  /** Ends a part that is shorter than the others: the document's last one. */
  endPart(): void {
    if (!this.#hash) return
    this.#digests.set(this.#hash.digest(), this.#count * DIGEST_BYTES)
    this.#count++
    this.#hash = undefined
    this.#hashedBytes = 0
  }

  /** Digests of the parts that were read whole. */
  finished(): Uint8Array {
    return this.#digests.subarray(0, this.#count * DIGEST_BYTES).slice()
  }
}
