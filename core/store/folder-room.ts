import { CommandError, StoreError } from "../base/errors.js"
import type { FolderStats } from "../hashing/folder-stats.js"
import type { FileSelection } from "../torrent/file-selection.js"
import type { FolderLayout } from "../torrent/folder-layout.js"
import type { Disk } from "./disk.js"
import { entriesOf } from "./folder-files.js"
import { lookAtFolder } from "./folder-look.js"
import { requireSpace } from "./unfinished-file.js"

interface FolderThere {
  readonly disk: Disk
  readonly path: string
  readonly layout: FolderLayout
}

/**
 * Room for what the wanted files of a folder lack, for a command that is refused before it changes anything. `selection`: undefined: all
 * are wanted. @throws CommandError "disk_full".
 */
export async function requireRoom(
  { disk, path, layout }: FolderThere,
  stats: FolderStats,
  selection: FileSelection | undefined,
): Promise<void> {
  // The file beside the folder keeps its bytes until the download ends.
  const lacking = (index: number) => Math.max(0, layout.sizeOf(index) - Math.max(0, stats.sizeOf(index)))
  const wanted = await entriesOf(layout, (index) => selection?.has(index) ?? true)
  const neededBytes = wanted.reduce((sum, index) => sum + lacking(index), 0)
  try {
    await requireSpace(path, neededBytes, disk.calls)
  } catch (error) {
    throw error instanceof StoreError ? new CommandError(error.code, error.message) : error
  }
}

/** As `requireRoom`, of a finished folder. @throws CommandError also as `lookAtFolder`. */
export async function requireRoomToWiden(folder: FolderThere, selection: FileSelection | undefined): Promise<void> {
  const { disk, path, layout } = folder
  const { stats } = await lookAtFolder(disk.hasher, path, layout, { followLinks: true })
  await requireRoom(folder, stats, selection)
}
