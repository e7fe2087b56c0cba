import { join } from "node:path"
import { CommandError } from "../base/errors.js"
import type { Hasher } from "../hashing/hasher.js"
import { isFolder, type TypedTarget } from "../library/user-path.js"
import { lookAtFolder } from "../store/folder-look.js"
import type { FolderLayout } from "../torrent/folder-layout.js"
import type { Torrent } from "../torrent/torrent-file.js"

interface TargetOf {
  readonly torrent: Torrent
  /** The name that the document has in a folder; a name, never a path. */
  readonly name: string
  /** Where the document is listed, if it is. */
  readonly listedAt: string | undefined
  readonly hasher: Pick<Hasher, "folderStats">
}

/**
 * The path that the document of a download gets, as `cp -r` decides: a document goes into a folder that is there, under its own name. A folder
 * that is the document, or the start of it, is the target itself, so that a command that is repeated finds what it began.
 * @throws CommandError "no_such_folder" for a file in a folder that is not there; "not_readable".
 */
export async function targetOf({ path, endsAsFolder }: TypedTarget, of: TargetOf): Promise<string> {
  const { torrent, name, listedAt, hasher } = of
  const within = join(path, name)
  if (listedAt === path || listedAt === within) return listedAt
  if (!(await isFolder(path))) {
    if (endsAsFolder && torrent.files === undefined)
      throw new CommandError("no_such_folder", `${path}: there is no such folder; create it, or name a file`)
    return path
  }
  if (torrent.files === undefined) return within
  return (await holdsFileOf(path, torrent.files, hasher)) ? path : within
}

/** Does the folder have a file of the document at its place, in its size? Empty files count in a document without any other. */
async function holdsFileOf(path: string, layout: FolderLayout, hasher: TargetOf["hasher"]): Promise<boolean> {
  const { stats } = await lookAtFolder(hasher, path, layout, { followLinks: true })
  const isEmpty = layout.sizeBytes === 0
  for (let index = 0; index < layout.entryCount; index++) {
    const sizeBytes = layout.sizeOf(index)
    if (!layout.isPadding(index) && (isEmpty || sizeBytes > 0) && stats.sizeOf(index) === sizeBytes) return true
  }
  return false
}
