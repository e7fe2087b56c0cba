import { link, lstat, rename, unlink } from "node:fs/promises"
import { dirname } from "node:path"
import { CommandError, errnoOf } from "../base/errors.js"
import { syncFolder } from "./atomic-file.js"

/** What file systems without hard links say (FAT, exFAT, some FUSE and network ones), and one that has as many as it takes (EMLINK). */
const NO_LINKS: ReadonlySet<string> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"])

/**
 * Gives a file a second name in its folder, never in place of another file. False where the file system has no hard links.
 * @throws CommandError "target_exists"; rejects with other system errors.
 */
export async function linkWithoutReplacing(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (cause) {
    const errno = errnoOf(cause)
    if (errno === "EEXIST") throw inTheWay(to, cause)
    if (errno === undefined || !NO_LINKS.has(errno)) throw cause
    return false
  }
}

/**
 * Gives a file another name in its folder, durably: a power failure leaves one of the two names, or both. Links and unlinks,
 * because a rename would replace a file that came to be there meanwhile.
 * @throws CommandError "target_exists"; rejects with other system errors.
 */
export async function moveWithoutReplacing(from: string, to: string): Promise<void> {
  if (await linkWithoutReplacing(from, to)) return dropOldName(to, () => unlink(from))
  // There, looking first has to do.
  if (await lstat(to).catch(() => undefined)) throw inTheWay(to)
  await rename(from, to)
  await syncFolder(dirname(to))
}

/** Gives a file that is in the way another name beside its own, which it returns: "x.damaged", "x.damaged-2", … Durable. */
export async function setAside(path: string, why = "damaged"): Promise<string> {
  for (let count = 1; ; count++) {
    const aside = `${path}.${why}${count === 1 ? "" : `-${count}`}`
    try {
      await moveWithoutReplacing(path, aside)
      return aside
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
    }
  }
}

/**
 * Ends what `linkWithoutReplacing` began: `drop` takes the old name away. Before that the folder is synced: nothing but a sync keeps their
 * order, and a file without any name is lost.
 */
export async function dropOldName(to: string, drop: () => Promise<void>): Promise<void> {
  await syncFolder(dirname(to))
  await drop()
}

function inTheWay(path: string, cause?: unknown): CommandError {
  return new CommandError("target_exists", `${path}: a file of that name has appeared`, { cause })
}
