import type { BigIntStats } from "node:fs"
import { unlink } from "node:fs/promises"
import { errnoOf } from "../base/errors.js"
import { draftBeside } from "./atomic-file.js"
import type { DocumentStore } from "./document-store.js"
import type { DownloadNames } from "./download-names.js"
import { identityFromStats, sameIdentity } from "./file-identity.js"
import type { Lock } from "./lock.js"
import { moveWithoutReplacing } from "./move-file.js"
import { modeOf, type OpenDownloadOptions, openUnfinished } from "./open-unfinished.js"
import { changedSince, copyWhole, type Repair } from "./repair.js"
import { deleteRecord } from "./resume-record.js"
import { requireSpace, statsIfThere, unlinkIfSame } from "./unfinished-file.js"

/** True when the file is the one that the user agreed to replace, so that nothing of it need be hashed. */
export function isAgreed(stats: BigIntStats, { old }: Repair): boolean {
  return old !== undefined && "file" in old && sameIdentity(identityFromStats(stats), old.file)
}

/**
 * Opens the download that takes the place of the damaged file `old`: a copy of it is the unfinished file, unless there is one already.
 * @throws CommandError "target_exists" when the two have no part in common, or the file is not the one that the user agreed to replace.
 */
export async function openRepairOfFile(
  options: OpenDownloadOptions,
  { names, old, repair }: { readonly names: DownloadNames; readonly old: BigIntStats; readonly repair: Repair },
  lock: Lock,
): Promise<DocumentStore> {
  const { filePath } = options
  if (repair.old !== undefined && !isAgreed(old, repair)) throw changedSince(filePath, names.part)
  const isThere = (await statsIfThere(names.part)) !== undefined
  const copied = isThere ? undefined : await copyAsUnfinished(options, names, old)
  const file = identityFromStats(old)
  const store = await openUnfinished({ ...options, replaces: { file } }, lock).catch(async (error: unknown) => {
    if (copied === undefined) throw error
    await unlinkIfSame(names.part, copied)
    throw error
  })
  repair.onOld({ file })
  return store
}

/** Whole under a draft name before it is called unfinished: killed in between, the next start copies again. */
async function copyAsUnfinished(
  { disk, torrent, filePath, drafts }: OpenDownloadOptions,
  names: DownloadNames,
  old: BigIntStats,
): Promise<BigIntStats | undefined> {
  await deleteRecord(names.record)
  const keptBytes = Math.min(torrent.sizeBytes, Number(old.size))
  const draft = draftBeside(names.part)
  const forget = await drafts?.begin(draft)
  try {
    await copyWhole(filePath, draft, {
      maxBytes: keptBytes,
      mode: modeOf(torrent) & ~process.umask(),
      requireSpace: () => requireSpace(filePath, torrent.sizeBytes, disk.calls),
    })
    await moveWithoutReplacing(draft, names.part)
  } catch (error) {
    await unlink(draft).catch((failure: unknown) => {
      if (errnoOf(failure) === undefined) throw failure
    })
    throw error
  } finally {
    await forget?.()
  }
  return statsIfThere(names.part)
}
