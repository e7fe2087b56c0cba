import { CommandError } from "../base/errors.js"
import type { FolderLayout } from "../torrent/folder-layout.js"
import type { DocumentStore } from "./document-store.js"
import type { DownloadNames } from "./download-names.js"
import type { Lock } from "./lock.js"
import { dropDrafts } from "./move-aside.js"
import type { OpenDownloadOptions } from "./open-unfinished.js"
import { openUnfinishedFolder } from "./open-unfinished-folder.js"
import { dropFilled, fillFromOld, makeUnfinishedFolder } from "./repair-folder.js"
import { deleteRecord } from "./resume-record.js"
import { statsIfThere } from "./unfinished-file.js"

/**
 * Opens the download that takes the place of damaged files of a folder. Its own unfinished folder has what is right in them.
 * @throws CommandError "target_exists" when nothing in the folder is of the document, or something in it can't be replaced; else as
 * `openUnfinishedFolder`.
 */
export async function openRepairOfFolder(
  options: OpenDownloadOptions,
  { names, layout }: { readonly names: DownloadNames; readonly layout: FolderLayout },
  lock: Lock,
): Promise<DocumentStore> {
  const { filePath, torrent, disk } = options
  const place = { filePath, part: names.part, drafts: names.drafts, layout, disk }
  if ((await statsIfThere(names.part)) === undefined) await deleteRecord(names.record)
  await dropDrafts(names.drafts)
  const isNew = await makeUnfinishedFolder(names.part, torrent.secret !== undefined)
  try {
    await fillFromOld(place)
    return await openUnfinishedFolder(options, layout, lock)
  } catch (error) {
    if (isNew && error instanceof CommandError) await dropFilled(place)
    throw error
  } finally {
    await dropDrafts(names.drafts)
  }
}
