import { link, lstat, rename, unlink } from "node:fs/promises"
import { dirname } from "node:path"
import { CommandError, errnoOf } from "../errors.js"
import { syncFolder } from "./atomic-file.js"

/**
 * Gives a file another name in its folder, durably: a power cut leaves one of the two names, or both. Links and unlinks,
 * because a rename would replace a file that came to be there meanwhile.
 */
export async function moveWithoutReplacing(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
    // Before the old name goes: nothing but a sync keeps their order, and a file without any name is lost.
    await syncFolder(dirname(to))
    await unlink(from)
  } catch (cause) {
    const errno = errnoOf(cause)
    if (errno === "EEXIST")
      throw new CommandError("target_exists", `${to}: there is a file of that name by now`, { cause })
    // File systems without hard links (FAT, some network ones) say one of these; there, looking first has to do.
    if (errno !== "EPERM" && errno !== "ENOTSUP" && errno !== "ENOSYS" && errno !== "EMLINK") throw cause
    if (await lstat(to).catch(() => undefined))
      throw new CommandError("target_exists", `${to}: there is a file of that name by now`, { cause })
    await rename(from, to)
    await syncFolder(dirname(to))
  }
}
