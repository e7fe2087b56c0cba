import type { BigIntStats } from "node:fs"
import { lstat } from "node:fs/promises"
import { CommandError } from "../base/errors.js"
import type { HashSource } from "../hashing/hash-file.js"
import { Bitfield } from "../torrent/bitfield.js"
import type { FileSelection } from "../torrent/file-selection.js"
import { createLengths, type Lengths, partLength, partOffset } from "../torrent/lengths.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { type CheckHooks, checkParts } from "./check-parts.js"
import type { Disk } from "./disk.js"
import { DocumentStore } from "./document-store.js"
import { type DownloadNames, downloadNames } from "./download-names.js"
import type { DraftNotes } from "./draft-notes.js"
import type { FileIdentity } from "./file-identity.js"
import { WRITE_FLAGS } from "./file-io.js"
import { type FileStamp, isSameFile, sameStamp, stampOf } from "./file-stamp.js"
import { GrowingDocument } from "./growing-document.js"
import { GrowingFile } from "./growing-file.js"
import type { Lock } from "./lock.js"
import type { OnMoved } from "./move-aside.js"
import { setAside } from "./move-file.js"
import { recordBinding } from "./record-binding.js"
import { nothingInCommon, type OldContent, type Repair } from "./repair.js"
import type { Checkpoint, DecodedRecord, RecordBinding } from "./resume-layout.js"
import { deleteRecord, ResumeRecord, readResumeRecord } from "./resume-record.js"
import {
  createUnfinishedFile,
  openUnfinishedFile,
  requireSpace,
  statsIfThere,
  type UnfinishedFile,
  unlinkIfSame,
} from "./unfinished-file.js"

export interface OpenDownloadOptions extends CheckHooks {
  /** As `OpenSeedOptions` has it, for once the file is finished. */
  readonly onIdentity?: ((identity: FileIdentity) => void) | undefined
  readonly disk: Disk
  readonly torrent: Torrent
  /** Where drafts beside the target are remembered. */
  readonly drafts?: DraftNotes
  /** Where the finished file goes, absolute. It grows beside it; see `downloadNames`. */
  readonly filePath: string
  /** Of a folder: its wanted files; undefined: all. */
  readonly selection?: FileSelection | undefined
  /** What stands at `filePath` may be the start of this download. */
  readonly repair?: Repair | undefined
  /** What stands at `filePath` and is replaced when the download is complete. */
  readonly replaces?: OldContent | undefined
  /** Of a folder whose selection is wider than it was; see `moveIn`. */
  readonly onMoved?: OnMoved | undefined
}

/** The parts of an unfinished file that are proven, and those that have to be hashed. */
export interface Found {
  readonly have: Bitfield
  /** Left to `DocumentStore.checkDoubtful`. 0-based, ascending. */
  readonly doubtful: readonly number[]
  /** Newest checkpoint of a record that is good; undefined: a new record is made. */
  readonly checkpoint: Checkpoint | undefined
  /** True while the file has the stamp of that checkpoint. */
  readonly isStamped: boolean
  readonly problem: string | undefined
}

/** Everything about one opening. */
export interface Opening {
  readonly options: OpenDownloadOptions
  readonly names: DownloadNames
  readonly lengths: Lengths
  readonly binding: RecordBinding
}

/**
 * Opens or creates the file that a download grows in. An existing file is accepted only with a record of the document, or with a good part
 * and no more bytes than the document.
 * @throws CommandError "target_exists"; rejects with system errors.
 */
export async function openUnfinished(options: OpenDownloadOptions, lock: Lock): Promise<DocumentStore> {
  const { disk, torrent, filePath } = options
  const names = downloadNames(filePath)
  const lengths = createLengths(torrent.sizeBytes, torrent.partSizeBytes)
  const opening: Opening = { options, names, lengths, binding: recordBinding(torrent) }
  const record = await readResumeRecord(names.record, opening.binding)
  const isThere = (await statsIfThere(names.part)) !== undefined
  if (!isThere && record) await forgetRecord(names, record)
  const unfinished = await (isThere
    ? openUnfinishedFile(names.part)
    : createUnfinishedFile(names.part, modeOf(torrent)))
  try {
    const found = isThere ? await look(opening, unfinished, record) : nothing(lengths.partCount)
    const { have, doubtful, problem } = found
    const prepared = await prepare(opening, unfinished, found)
    const isPrivate = torrent.secret !== undefined
    const { record: resumed, inode, isStamped } = prepared
    const { sizeBytes } = torrent
    const replaces = options.replaces && "file" in options.replaces ? options.replaces.file : undefined
    const content = new GrowingFile({ disk, path: names.part, filePath, inode, sizeBytes, isPrivate, replaces })
    const file = new GrowingDocument({ disk, content, record: resumed, isStamped, lock, have })
    const { onIdentity } = options
    return new DocumentStore({
      disk,
      torrent,
      lengths,
      filePath,
      have,
      file,
      doubtful,
      // A copy of the file that is repaired has none yet.
      recordProblem: options.repair && options.repair.old === undefined ? undefined : problem,
      onIdentity,
    })
  } catch (error) {
    if (!isThere) await unlinkIfSame(names.part, unfinished.stats)
    throw error
  } finally {
    await unfinished.handle.close()
  }
}

/** File mode of an unfinished file: a private document is unreadable for other users of this machine. */
export function modeOf(torrent: Torrent): number {
  return torrent.secret ? 0o600 : 0o666
}

/** Deletes, durably, a record whose unfinished file is gone. */
export async function forgetRecord(names: DownloadNames, record: DecodedRecord): Promise<void> {
  if (!record.ok && record.kind === "foreign")
    throw inTheWay(names.record, "a file that is no resume record of this program is in that one's place")
  await deleteRecord(names.record)
}

async function look(opening: Opening, file: UnfinishedFile, record: DecodedRecord | undefined): Promise<Found> {
  const { names, options, lengths } = opening
  if (record?.ok && recordIsAbout(record.checkpoint, file.stats, options.torrent))
    return claims(lengths, record, stampOf(file.stats))
  const fault = record?.ok === false ? record.kind : undefined
  if (fault === "other_document") throw inTheWay(names.part, "it holds an unfinished download of another document")
  // Before anything was written to it: nothing can be lost.
  if (file.stats.size === 0n && fault !== "foreign") return nothing(lengths.partCount)
  const problem = record === undefined ? "there is no resume record" : record.ok ? NOT_OF_RECORD : record.reason
  const isFitting = file.stats.size <= BigInt(options.torrent.sizeBytes)
  if (!isFitting && fault !== "unusable") throw notOurs(names)
  const have = await goodParts(opening, { kind: "file", path: names.part, flags: WRITE_FLAGS })
  const isLikely = fault === "unusable" && Number(file.stats.size) === options.torrent.sizeBytes
  if (have.count === 0 && !isLikely) throw options.replaces ? nothingInCommon(options.filePath) : notOurs(names)
  const aside = fault === "foreign" ? `; it is kept as ${await setAside(names.record)}` : ""
  return { ...nothing(lengths.partCount), have, problem: problem + aside }
}

const NOT_OF_RECORD = "the unfinished file is not the one that the resume record is about"

/** Is the record about this unfinished file? One of another inode is a copy of it; it has the whole size from the beginning. */
export function recordIsAbout({ stamp }: Checkpoint, stats: BigIntStats, torrent: Torrent): boolean {
  return isSameFile(stamp, stampOf(stats)) || Number(stats.size) === torrent.sizeBytes
}

/** A part in a record counts at once while the content has the stamp of the newest checkpoint, and else after it was hashed. */
export function claims({ partCount }: Lengths, record: DecodedRecord & { readonly ok: true }, stamp: FileStamp): Found {
  const { checkpoint } = record
  const { have: recorded } = checkpoint
  const isStamped = sameStamp(checkpoint.stamp, stamp)
  const have = isStamped ? recorded.clone() : new Bitfield(partCount)
  const doubtful: number[] = []
  for (let partIndex = 0; partIndex < partCount; partIndex++) {
    if (have.has(partIndex)) continue
    if (record.marked(partIndex) || recorded.has(partIndex)) doubtful.push(partIndex)
  }
  return { have, doubtful, checkpoint, isStamped, problem: undefined }
}

export function nothing(partCount: number): Found {
  return { have: new Bitfield(partCount), doubtful: [], checkpoint: undefined, isStamped: false, problem: undefined }
}

/** Hashes data on disk, by default all. `partIndices`: 0-based, ascending. */
export async function goodParts(
  { options, lengths }: Opening,
  source: HashSource,
  partIndices: readonly number[] = Array.from({ length: lengths.partCount }, (_, partIndex) => partIndex),
): Promise<Bitfield> {
  const { disk, torrent, onProgress, signal } = options
  const have = new Bitfield(lengths.partCount)
  await checkParts({
    source,
    lengths,
    partDigests: torrent.partDigests,
    partIndices,
    hasher: disk.hasher,
    onPart: (partIndex, good) => good && have.add(partIndex),
    onProgress,
    signal,
  })
  return have
}

/** Gives the download a record that is true, and then the file its full size (sparse): a file of that size is never without one. */
async function prepare(opening: Opening, file: UnfinishedFile, found: Found) {
  const { options, names, binding } = opening
  const { disk, torrent, filePath } = options
  // The blocks of a sparse file (512 bytes each, stat(2)) are the space that it occupies already.
  const takenBytes = Math.min(torrent.sizeBytes, Number(file.stats.blocks) * 512)
  await requireSpace(filePath, torrent.sizeBytes - takenBytes, disk.calls)
  const record = await (found.checkpoint === undefined
    ? createRecord(opening, file, found.have)
    : ResumeRecord.reopen(names.record, disk, binding, found.checkpoint))
  const hasSize = Number(file.stats.size) === torrent.sizeBytes
  if (!hasSize) {
    for (const partIndex of partsBeyond(opening.lengths, file)) record.lose(partIndex)
    await record.withdrawLost()
    await file.handle.truncate(torrent.sizeBytes)
  }
  return { record, inode: file.stats.ino, isStamped: found.isStamped && hasSize }
}

/** Parts that the file is too short for: it was cut, by another program or by a discard that did not end. */
function partsBeyond(lengths: Lengths, { stats }: UnfinishedFile): number[] {
  const indices = Array.from({ length: lengths.partCount }, (_, index) => index)
  return indices.filter((index) => partOffset(lengths, index) + partLength(lengths, index) > Number(stats.size))
}

async function createRecord({ options, names, binding }: Opening, file: UnfinishedFile, have: Bitfield) {
  // Verified parts may still be in memory only; the record may name them once they are on disk.
  await file.handle.sync()
  const stamp = stampOf(await lstat(names.part, { bigint: true }))
  const mode = modeOf(options.torrent)
  return ResumeRecord.create(names.record, options.disk, binding, { have, stamp, mode, drafts: options.drafts })
}

export function notOurs(names: DownloadNames): CommandError {
  return inTheWay(
    names.part,
    "there is a file of that name, which no resume record and no part of this document shows to be ours",
  )
}

export function inTheWay(path: string, what: string): CommandError {
  return new CommandError("target_exists", `${path}: ${what}; move it away, or give another name for the file`)
}
