import { dirname } from "node:path"
import { CommandError } from "../errors.js"
import { infoHash } from "../torrent/info-hash.js"
import { createLengths } from "../torrent/lengths.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { syncFolder } from "./atomic-file.js"
import { storeErrorOf } from "./disk-errors.js"
import { lockTarget, partPathOf, recordPathOf } from "./open-download.js"
import { readResumeRecord, unlinkIfThere } from "./resume-record.js"
import { statsIfThere } from "./unfinished-file.js"

/**
 * Deletes the bytes of an unfinished download that is not open, and its record. Without a record of this document they are deleted only where
 * the caller knows that they are its own (`isOurs`). Resolves to whether there were any.
 * @throws CommandError "in_use", or "target_exists" when nothing tells that the bytes are this download's; StoreError "not_writable", "disk_failed".
 */
export async function discardDownload(options: {
  readonly torrent: Torrent
  readonly filePath: string
  readonly isOurs: boolean
}): Promise<boolean> {
  const { filePath } = options
  const partPath = partPathOf(filePath)
  try {
    if ((await statsIfThere(partPath)) === undefined) return false
    const lock = await lockTarget(filePath)
    try {
      await discardLocked(options, partPath)
    } finally {
      await lock.release()
    }
    return true
  } catch (error) {
    throw storeErrorOf(error, partPath, 0)
  }
}

async function discardLocked(
  { torrent, filePath, isOurs }: { torrent: Torrent; filePath: string; isOurs: boolean },
  partPath: string,
): Promise<void> {
  const stats = await statsIfThere(partPath)
  if (stats === undefined) return
  const { partCount } = createLengths(torrent.sizeBytes, torrent.partSizeBytes)
  const record = await readResumeRecord(recordPathOf(filePath), {
    infoHash: infoHash(torrent),
    partCount,
    inode: stats.ino,
  })
  const proven = record?.ok === true || (isOurs && record?.otherDocument !== true)
  if (!proven || !stats.isFile())
    throw new CommandError(
      "target_exists",
      `${partPath}: nothing tells that it is this download's, so it was not deleted`,
    )
  // The record first, also through a power cut: one that is left over may be taken for that of the next file, which may get this inode number.
  await unlinkIfThere(recordPathOf(filePath))
  await syncFolder(dirname(partPath))
  await unlinkIfThere(partPath)
}
