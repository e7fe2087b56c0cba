import { CommandError } from "../base/errors.js"
import type { Torrent } from "../torrent/torrent-file.js"
import type { DiskCalls } from "./disk-calls.js"
import { storeErrorOf } from "./disk-errors.js"
import { type DownloadNames, downloadNames } from "./download-names.js"
import { deleteEmptyFolders, deleteFiles } from "./folder-files.js"
import { dropDrafts } from "./move-aside.js"
import { lockTarget } from "./open-download.js"
import { recordIsAbout } from "./open-unfinished.js"
import { recordBinding } from "./record-binding.js"
import { deleteRecord, readResumeRecord, unlinkIfThere } from "./resume-record.js"
import { statsIfThere } from "./unfinished-file.js"

/**
 * Deletes the bytes of an unfinished download that is not open, and its record. Without a record of this document the bytes are deleted
 * only if the caller knows that they belong to the download (`isOurs`). Resolves to whether there were any.
 * @throws CommandError "in_use", or "target_exists" when the owner of the bytes is unknown; StoreError "not_writable", "disk_failed".
 */
export async function discardDownload(options: {
  readonly torrent: Torrent
  readonly filePath: string
  readonly isOurs: boolean
  readonly calls: Pick<DiskCalls, "unlinkIfSame">
}): Promise<boolean> {
  const { filePath } = options
  const names = downloadNames(filePath)
  try {
    if ((await statsIfThere(names.part)) === undefined) return false
    const lock = await lockTarget(filePath, names)
    try {
      await discardLocked(options, names)
    } finally {
      await lock.release()
    }
    return true
  } catch (error) {
    throw storeErrorOf(error, names.part, 0)
  }
}

async function discardLocked(
  { torrent, isOurs, calls }: Parameters<typeof discardDownload>[0],
  names: DownloadNames,
): Promise<void> {
  const stats = await statsIfThere(names.part)
  if (stats === undefined) return
  const record = await readResumeRecord(names.record, recordBinding(torrent))
  const isOther = record?.ok === false && record.kind === "other_document"
  // A copy of a folder can't be recognised by its size.
  const isAbout = record?.ok && (torrent.files !== undefined || recordIsAbout(record.checkpoint, stats, torrent))
  const proven = record?.ok ? isAbout : isOurs && !isOther
  const isOfKind = torrent.files ? stats.isDirectory() : stats.isFile()
  if (!proven || !isOfKind)
    throw new CommandError(
      "target_exists",
      `${names.part}: it is not known to belong to this download, so it was not deleted`,
    )
  // The record first, also through a power failure: without its file it would describe none.
  await deleteRecord(names.record)
  if (torrent.files === undefined) return calls.unlinkIfSame(names.part, stats)
  await unlinkIfThere(names.aside)
  await dropDrafts(names.drafts)
  await deleteFiles(names.part, torrent.files)
  await deleteEmptyFolders(names.part, torrent.files)
}
