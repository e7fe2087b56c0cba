import { link, lstat, rename, unlink } from "node:fs/promises"
import { CommandError, errnoOf } from "../errors.js"

/** Links and unlinks, because a rename would replace a file that came to be there meanwhile. */
export async function moveWithoutReplacing(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
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
  }
}
