import type { BigIntStats } from "node:fs"
import { chmod, rename } from "node:fs/promises"
import { dirname } from "node:path"
import { CommandError, errnoOf, StoreError } from "../base/errors.js"
import type { FolderLayout } from "../torrent/folder-layout.js"
import { createLengths } from "../torrent/lengths.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { syncFolder } from "./atomic-file.js"
import { isCovered } from "./claimed-runs.js"
import { storeErrorOf } from "./disk-errors.js"
import type { DocumentStore } from "./document-store.js"
import { type DownloadNames, downloadNames } from "./download-names.js"
import { ignoreModeRefusal } from "./file-io.js"
import { isSameFile, stampOf } from "./file-stamp.js"
import { entriesOf } from "./folder-files.js"
import { type FolderLook, filesOfOtherSize, lookAtFolder } from "./folder-look.js"
import { acquireLock, type Lock } from "./lock.js"
import { moveWithoutReplacing } from "./move-file.js"
import { openRepairOfFolder } from "./open-folder-repair.js"
import { openSeed } from "./open-seed.js"
import { type OpenDownloadOptions, openUnfinished } from "./open-unfinished.js"
import { openUnfinishedFolder } from "./open-unfinished-folder.js"
import { recordBinding } from "./record-binding.js"
import { REPAIR_WAY, requireNoLink } from "./repair.js"
import { isAgreed, openRepairOfFile } from "./repair-file.js"
import type { DecodedRecord } from "./resume-layout.js"
import { deleteRecord, readResumeRecord, unlinkIfThere } from "./resume-record.js"
import { statsIfThere, unlinkIfSame } from "./unfinished-file.js"

/**
 * Starts or resumes a download. Parts that the resume record proves are believed; uncertain ones, because the last process was killed or
 * another program wrote to the file, are left to `checkDoubtful`, so that other parts are fetched without delay. Without a good record
 * everything on disk is hashed here. A file that has its final name is hashed too: if it is the document, the store is complete at once.
 * @throws CommandError "target_exists", "in_use", "no_such_folder"; StoreError as `storeErrorOf` has them.
 */
export async function openDownload(options: OpenDownloadOptions): Promise<DocumentStore> {
  const { filePath, torrent } = options
  const names = downloadNames(filePath)
  const lock = await lockTarget(filePath, names)
  try {
    const repaired = await openRepair(options, names, lock)
    if (repaired) return repaired
    const finished = await openFinished(options, names)
    if (!finished) {
      const { files } = torrent
      return await (files ? openUnfinishedFolder(options, files, lock) : openUnfinished(options, lock))
    }
    await lock.release()
    return finished
  } catch (error) {
    // What failed first is what counts; a lock that stays is found stale once this process is gone.
    await lock.release().catch(() => undefined)
    throw storeErrorOf(error, filePath, torrent.sizeBytes)
  }
}

/**
 * Removes the final name of a finished file whose bytes are damaged, so that `openDownload` finds it unfinished and keeps its good parts.
 * @throws CommandError "target_exists" when an unfinished download of the same name exists; StoreError as above.
 */
export async function makeUnfinished(filePath: string): Promise<void> {
  const names = downloadNames(filePath)
  try {
    if (!(await statsIfThere(names.part))) await deleteRecord(names.record)
    await moveWithoutReplacing(filePath, names.part)
  } catch (error) {
    throw storeErrorOf(error, filePath, 0)
  }
}

/** @throws CommandError "in_use" or "no_such_folder"; StoreError as `openDownload`. */
export async function lockTarget(filePath: string, names: DownloadNames): Promise<Lock> {
  try {
    return await acquireLock(names.lock)
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR")
      throw new CommandError("no_such_folder", `${filePath}: its folder does not exist`, { cause: error })
    throw storeErrorOf(error, filePath, 0)
  }
}

/** What has the name of the document, and is not it, is the start of the download where the user has agreed to that. */
async function openRepair(
  options: OpenDownloadOptions,
  names: DownloadNames,
  lock: Lock,
): Promise<DocumentStore | undefined> {
  const { filePath, torrent, repair, selection } = options
  const stats = repair && (await statsIfThere(filePath))
  if (repair === undefined || stats === undefined) return undefined
  await requireNoLink(filePath, stats)
  const { files } = torrent
  if (files === undefined) {
    if (!stats.isFile() || (await isOfDocument(options, stats))) return undefined
    return openRepairOfFile(options, { names, old: stats, repair }, lock)
  }
  if (!stats.isDirectory()) return undefined
  if (selection !== undefined)
    throw new CommandError("bad_argument", `${filePath}: only a folder of which every file is wanted can be repaired`)
  return openRepairOfFolder(options, { names, layout: files }, lock)
}

/** Does the file hold the document, or bear both names of a download that ended just now? `openFinished` takes both up. */
async function isOfDocument(options: OpenDownloadOptions, stats: BigIntStats): Promise<boolean> {
  const { filePath, torrent, repair } = options
  const leftover = await statsIfThere(downloadNames(filePath).part)
  if (leftover?.ino === stats.ino && leftover.dev === stats.dev) return true
  if ((repair && isAgreed(stats, repair)) || Number(stats.size) !== torrent.sizeBytes) return false
  const store = await openSeed(options)
  await store.close()
  return store.have.isFull
}

/** The file has its name already: it is the document, or it is in the way. */
async function openFinished(options: OpenDownloadOptions, names: DownloadNames): Promise<DocumentStore | undefined> {
  const { filePath, torrent } = options
  const stats = await statsIfThere(filePath)
  if (!stats) return undefined
  if (torrent.files) return openFinishedFolder(options, names, stats)
  await requireNoLink(filePath, stats)
  if (!stats.isFile())
    throw new CommandError("target_exists", `${filePath}: a folder or a device is in the way; name another file`)
  const leftover = await statsIfThere(names.part)
  const isBoth = leftover?.ino === stats.ino && leftover.dev === stats.dev
  if (isBoth && (await readResumeRecord(names.record, recordBinding(torrent)))?.ok) {
    // The crash came before all its bytes were known to be durable; its record lists the durable ones.
    await unlinkIfThere(filePath)
    return undefined
  }
  const store = Number(stats.size) === torrent.sizeBytes ? await openSeed(options) : undefined
  if (!store?.have.isFull) {
    await store?.close()
    throw new CommandError(
      "target_exists",
      `${filePath}: there is a file of that name with other content; ${REPAIR_WAY}`,
    )
  }
  await dropLeftovers(names, torrent)
  // One that bears both names loses no bytes with one of them.
  if (isBoth) await unlinkIfSame(names.part, stats)
  // The process that removed its old name may have been killed before that was durable, and the name must not come back.
  await syncFolder(dirname(filePath))
  return store
}

/** The folder has its name already: it is the document, or it is in the way. */
async function openFinishedFolder(
  options: OpenDownloadOptions,
  names: DownloadNames,
  stats: BigIntStats,
): Promise<DocumentStore | undefined> {
  const { filePath } = options
  if (!stats.isDirectory())
    throw new CommandError("target_exists", `${filePath}: something that is no folder is in the way`)
  if (await reopenPartial(options, names, stats)) return undefined
  // What another program or user put there is wanted as a whole.
  const store = await openSeed({ ...options, selection: undefined }).catch((cause: unknown) => {
    if (cause instanceof StoreError && (cause.code === "file_replaced" || cause.code === "file_changed"))
      throw new CommandError(
        "target_exists",
        `${cause.message}; a folder of that name with other content is in the way; ${REPAIR_WAY}`,
        { cause },
      )
    throw cause
  })
  if (!store.have.isFull) {
    await store.close()
    throw new CommandError(
      "target_exists",
      `${filePath}: there is a folder of that name with other content; ${REPAIR_WAY}`,
    )
  }
  // A crash came between its new name and the end of its record; an unfinished folder beside it is another one.
  if (!(await statsIfThere(names.part))) await deleteRecord(names.record)
  return store
}

/**
 * A folder that was downloaded in part becomes unfinished again, with the record beside it: what is wanted by now may be missing. True when
 * it did.
 */
async function reopenPartial(
  { filePath, torrent, selection, disk }: OpenDownloadOptions,
  names: DownloadNames,
  stats: BigIntStats,
): Promise<boolean> {
  const { files: layout } = torrent
  const record = await readResumeRecord(names.record, recordBinding(torrent))
  if (layout === undefined || !record?.ok || !isSameFile(record.checkpoint.stamp, stampOf(stats))) return false
  if ((await statsIfThere(names.part)) !== undefined) return false
  const hasAside = (await statsIfThere(names.aside)) !== undefined
  const look = await lookAtFolder(disk.hasher, filePath, layout, { followLinks: true })
  // A crash came between the name of the whole folder and the end of its record, whose newest checkpoint is older.
  if (selection === undefined && !hasAside && filesOfOtherSize(layout, look.stats).length === 0) return false
  await requireOwnFiles({ filePath, torrent }, layout, record, look)
  await rename(filePath, names.part)
  if (torrent.secret) await chmod(names.part, 0o700).catch(ignoreModeRefusal)
  await syncFolder(dirname(filePath))
  return true
}

/** A file that the user put into the finished folder would be written to. @throws CommandError "target_exists". */
async function requireOwnFiles(
  { filePath, torrent }: Pick<OpenDownloadOptions, "filePath" | "torrent">,
  layout: FolderLayout,
  record: DecodedRecord & { readonly ok: true },
  { stats }: FolderLook,
): Promise<void> {
  const lengths = createLengths(torrent.sizeBytes, torrent.partSizeBytes)
  const parts = record.checkpoint.have.clone()
  for (let part = 0; part < lengths.partCount; part++) if (record.marked(part)) parts.add(part)
  const [other] = await entriesOf(
    layout,
    (index) => stats.sizeOf(index) > 0 && !isCovered(layout, lengths, index, parts),
  )
  if (other === undefined) return
  const what = "the download did not write this file, which the document has too"
  throw new CommandError("target_exists", `${filePath}/${layout.path(other)}: ${what}; move it away`)
}

/** Deletes the rest of the download into this finished file: its record, and the unfinished file when the record describes it. */
async function dropLeftovers(names: DownloadNames, torrent: Torrent): Promise<void> {
  const record = await readResumeRecord(names.record, recordBinding(torrent))
  if (!record) return
  const part = await statsIfThere(names.part)
  const isOurs = part !== undefined && record.ok && isSameFile(record.checkpoint.stamp, stampOf(part))
  // A file of another document or of unknown origin is kept: its download may still be resumed.
  if (part && !isOurs) return
  // In this order also through a power failure: bytes without their record are hashed, a record without its bytes describes no file.
  await deleteRecord(names.record)
  if (part) await unlinkIfSame(names.part, part)
}
