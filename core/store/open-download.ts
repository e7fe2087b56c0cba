import { dirname } from "node:path"
import { CommandError, errnoOf } from "../errors.js"
import { Bitfield } from "../torrent/bitfield.js"
import { infoHash } from "../torrent/info-hash.js"
import { createLengths } from "../torrent/lengths.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { syncFolder } from "./atomic-file.js"
import { type CheckHooks, checkParts } from "./check-parts.js"
import type { Disk } from "./disk.js"
import { storeErrorOf } from "./disk-errors.js"
import { DocumentStore } from "./document-store.js"
import { WRITE_FLAGS } from "./file-io.js"
import { GrowingFile } from "./growing-file.js"
import { acquireLock, type Lock } from "./lock.js"
import { moveWithoutReplacing } from "./move-file.js"
import { openSeed } from "./open-seed.js"
import type { DecodedRecord, RecordBinding } from "./resume-layout.js"
import { ResumeRecord, readResumeRecord, unlinkIfThere } from "./resume-record.js"
import { openUnfinishedFile, requireSpace, statsIfThere, type UnfinishedFile } from "./unfinished-file.js"

export interface OpenDownloadOptions extends CheckHooks {
  readonly disk: Disk
  readonly torrent: Torrent
  /** Where the finished file goes, absolute. It grows beside it, under `<filePath>.part`. */
  readonly filePath: string
}

/** What of an unfinished file can be believed, and what has to be hashed to know. */
interface Found {
  readonly have: Bitfield
  /** 0-based, ascending. Without a good record all parts are. */
  readonly doubtful: readonly number[]
  /** Newest checkpoint of a record that is good as it stands. */
  readonly sequence: number | undefined
  readonly problem: string | undefined
  readonly otherDocument: boolean
}

/**
 * Starts or goes on with a download. Parts that the resume record is sure of are believed; those it is not sure of, for the last
 * process was killed, are left to `checkDoubtful`, so that fetching the others need not wait. Without a good record everything on disk
 * is hashed here. A file that has its name already is hashed too: when it is the document, the store is complete at once.
 * @throws CommandError "target_exists", "in_use", "no_such_folder"; StoreError "disk_full", "not_writable", "disk_failed".
 */
export async function openDownload(options: OpenDownloadOptions): Promise<DocumentStore> {
  const { filePath } = options
  const lock = await lockTarget(filePath)
  try {
    const finished = await openFinished(options)
    if (!finished) return await openUnfinished(options, lock)
    await lock.release()
    return finished
  } catch (error) {
    // What failed first is what counts; a lock that stays is found stale once this process is gone.
    await lock.release().catch(() => undefined)
    throw storeErrorOf(error, filePath, options.torrent.sizeBytes)
  }
}

/**
 * Takes its name from a finished file whose bytes are damaged, so that `openDownload` finds it unfinished and keeps what is good.
 * @throws CommandError "target_exists" when an unfinished download of the same name is there; StoreError as above.
 */
export async function makeUnfinished(filePath: string): Promise<void> {
  try {
    await forgetOldRecord(filePath)
    await moveWithoutReplacing(filePath, partPathOf(filePath))
  } catch (error) {
    throw storeErrorOf(error, filePath, 0)
  }
}

/** Where a download grows. */
export const partPathOf = (filePath: string) => `${filePath}.part`
/** Where its resume record is. */
export const recordPathOf = (filePath: string) => `${filePath}.part.resume`

/** @throws CommandError "in_use" or "no_such_folder"; StoreError as `openDownload`. */
export async function lockTarget(filePath: string): Promise<Lock> {
  try {
    return await acquireLock(`${filePath}.part.lock`)
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR")
      throw new CommandError("no_such_folder", `${filePath}: its folder is not there`, { cause: error })
    throw storeErrorOf(error, filePath, 0)
  }
}

/** The file has its name already: it is the document, or it is in the way. */
async function openFinished(options: OpenDownloadOptions): Promise<DocumentStore | undefined> {
  const { filePath, torrent } = options
  const stats = await statsIfThere(filePath)
  if (!stats) return undefined
  if (!stats.isFile())
    throw new CommandError("target_exists", `${filePath}: something that is no regular file is in the way`)
  const leftover = await statsIfThere(partPathOf(filePath))
  if (leftover?.ino === stats.ino) {
    // The crash came before all its bytes were known to be durable. Its record tells which are.
    await unlinkIfThere(filePath)
    return undefined
  }
  const store = Number(stats.size) === torrent.sizeBytes ? await openSeed(options) : undefined
  if (!store?.have.isFull) {
    await store?.close()
    throw new CommandError("target_exists", `${filePath}: there is a file of that name with other content`)
  }
  if (!leftover) await unlinkIfThere(recordPathOf(filePath))
  // Who took its old name away may have been killed before that was durable, and the name must not come back.
  await syncFolder(dirname(filePath))
  return store
}

async function openUnfinished(options: OpenDownloadOptions, lock: Lock): Promise<DocumentStore> {
  const { disk, torrent, filePath } = options
  const partPath = partPathOf(filePath)
  const lengths = createLengths(torrent.sizeBytes, torrent.partSizeBytes)
  if (!(await statsIfThere(partPath))) await forgetOldRecord(filePath)
  const unfinished = await openUnfinishedFile(partPath)
  try {
    const inode = unfinished.stats.ino
    const binding = { infoHash: infoHash(torrent), partCount: lengths.partCount, inode }
    const found = await look(options, unfinished, binding)
    const { have, problem, sequence } = found
    if (sequence === undefined) await checkFound(options, found)
    const doubtful = sequence === undefined ? [] : found.doubtful
    if (found.otherDocument && have.count === 0)
      throw new CommandError("target_exists", `${partPath}: it holds an unfinished download of another document`)
    const record = await prepare(options, unfinished, binding, found)
    const file = new GrowingFile({ disk, partPath, filePath, inode, record, lock, have })
    return new DocumentStore({ disk, torrent, lengths, filePath, have, file, doubtful, recordProblem: problem })
  } catch (error) {
    if (unfinished.isNew) await unlinkIfThere(partPath)
    throw error
  } finally {
    await unfinished.handle.close()
  }
}

/**
 * Deletes, durably, a record that is not believed, or whose unfinished file is gone. It is told from the next one's by the file's
 * inode number alone, and file systems give the numbers of deleted files out again.
 */
async function forgetOldRecord(filePath: string): Promise<void> {
  if (!(await statsIfThere(recordPathOf(filePath)))) return
  await unlinkIfThere(recordPathOf(filePath))
  await syncFolder(dirname(filePath))
}

async function look(options: OpenDownloadOptions, file: UnfinishedFile, binding: RecordBinding): Promise<Found> {
  const { partCount } = binding
  const nothing = { have: new Bitfield(partCount), sequence: undefined, otherDocument: false }
  if (file.isNew) return { ...nothing, doubtful: [], problem: undefined }
  const record = await readResumeRecord(recordPathOf(options.filePath), binding)
  const problem = problemOf(record, file, options.torrent)
  if (record?.ok && problem === undefined) {
    const { have, sequence } = record.checkpoint
    const doubtful = indicesWhere(partCount, (partIndex) => record.marked(partIndex) && !have.has(partIndex))
    return { have, sequence, doubtful, problem, otherDocument: false }
  }
  const otherDocument = record !== undefined && !record.ok && record.otherDocument
  return { ...nothing, doubtful: indicesWhere(partCount, () => true), problem, otherDocument }
}

function problemOf(record: DecodedRecord | undefined, file: UnfinishedFile, torrent: Torrent): string | undefined {
  if (!record) return "there is no resume record"
  if (!record.ok) return record.reason
  return Number(file.stats.size) === torrent.sizeBytes ? undefined : "the unfinished file has another size"
}

/** Adds the doubtful parts that are good to `have`. */
async function checkFound(options: OpenDownloadOptions, found: Found): Promise<void> {
  const { disk, torrent, onProgress, signal } = options
  await checkParts({
    path: partPathOf(options.filePath),
    flags: WRITE_FLAGS,
    lengths: createLengths(torrent.sizeBytes, torrent.partSizeBytes),
    partDigests: torrent.partDigests,
    partIndices: found.doubtful,
    hasher: disk.hasher,
    onPart: (partIndex, good) => good && found.have.add(partIndex),
    onProgress,
    signal,
  })
}

/** Gives the file its full size (sparse) and the download a record that is true. */
async function prepare(
  options: OpenDownloadOptions,
  file: UnfinishedFile,
  binding: RecordBinding,
  found: Found,
): Promise<ResumeRecord> {
  const { disk, torrent, filePath } = options
  // A sparse file's blocks (512 bytes each, stat(2)) are what it already takes.
  const takenBytes = Math.min(torrent.sizeBytes, Number(file.stats.blocks) * 512)
  await requireSpace(filePath, torrent.sizeBytes - takenBytes)
  const recordPath = recordPathOf(filePath)
  if (found.sequence !== undefined) return ResumeRecord.reopen(recordPath, disk.files, binding, found.sequence)
  // Before the size is right again: a crash in between would make it look true.
  await forgetOldRecord(filePath)
  if (Number(file.stats.size) !== torrent.sizeBytes) await file.handle.truncate(torrent.sizeBytes)
  // What was hashed just now may stand in memory only; the record may name it once it is on disk.
  await file.handle.sync()
  return ResumeRecord.create(recordPath, disk.files, binding, found.have)
}

function indicesWhere(partCount: number, wanted: (partIndex: number) => boolean): number[] {
  const indices: number[] = []
  for (let partIndex = 0; partIndex < partCount; partIndex++) if (wanted(partIndex)) indices.push(partIndex)
  return indices
}
