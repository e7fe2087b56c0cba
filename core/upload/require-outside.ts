import { realpath } from "node:fs/promises"
import { basename, dirname, join, sep } from "node:path"
import { CommandError } from "../base/errors.js"

/**
 * A shared folder must hold neither its own torrent file nor this client's state: both may be keys to documents.
 * @throws CommandError "bad_path".
 */
export async function requireOutside(folder: string, torrentPath: string, stateFolder: string): Promise<void> {
  const real = await realpath(folder)
  const torrentFile = join(await realpathOrSelf(dirname(torrentPath)), basename(torrentPath))
  if (isInside(real, torrentFile))
    throw new CommandError("bad_path", `${torrentPath}: the torrent file would lie in the folder it describes`)
  if (isInside(real, await realpathOrSelf(stateFolder)))
    throw new CommandError(
      "bad_path",
      `${folder}: it holds ${stateFolder}, the state of this client; share another folder`,
    )
}

function isInside(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

/** A missing path lies in no folder by another name. */
function realpathOrSelf(path: string): Promise<string> {
  return realpath(path).catch(() => path)
}
