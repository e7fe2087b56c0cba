import { type BigIntStats, constants } from "node:fs"
import { chmod, chown, copyFile, lstat, open, readlink, rename } from "node:fs/promises"
import { dirname } from "node:path"
import { CommandError, errnoOf } from "../base/errors.js"
import { syncFolder } from "./atomic-file.js"
import { type FileIdentity, identityFromStats, sameIdentity } from "./file-identity.js"
import { ignoreModeRefusal } from "./file-io.js"
import { moveWithoutReplacing } from "./move-file.js"
import { statsIfThere } from "./unfinished-file.js"

/** How content that is to be replaced was when the user agreed to that. Plain JSON. */
export type OldContent =
  | { readonly file: FileIdentity }
  /** Newest change of a file in the folder, ms of its file system's clock. */
  | { readonly folderChangedMs: number }

/**
 * Content that stands at the target and differs from the document is the start of the download, and is replaced when that is complete.
 * It stays as it is until then.
 */
export interface Repair {
  /** Undefined: the user agrees now, to what is there now. */
  readonly old: OldContent | undefined
  /** What is going to be replaced. */
  readonly onOld: (old: OldContent) => void
}

/** What a refusal names as the way. */
export const REPAIR_WAY = `"--repair" keeps what is right in it, fetches the rest and then replaces it; else name another file`

/** @throws CommandError "target_exists" for a link: a repair replaces names, and would leave the file that the user means as it is. */
export async function requireNoLink(path: string, stats: { isSymbolicLink(): boolean }): Promise<void> {
  if (!stats.isSymbolicLink()) return
  const to = await readlink(path)
  throw new CommandError("target_exists", `${path}: it is a link to ${to}, and no link is replaced; name that file`)
}

/** @throws CommandError "target_exists". */
export function changedSince(path: string, partPath: string): CommandError {
  const what = `it was changed after its repair began, so it is not replaced; what was fetched is in ${partPath}`
  return new CommandError("target_exists", `${path}: ${what}; "--repair" again replaces it as it is now`)
}

/** @throws CommandError "target_exists". */
export function nothingInCommon(path: string): CommandError {
  const what = "no part of it is of this document, so it stays as it is"
  return new CommandError("target_exists", `${path}: ${what}; move it away, or give another name for the file`)
}

export interface CopyOptions {
  /** What is kept of a longer file. */
  readonly maxBytes: number
  /** Of the copy. */
  readonly mode: number
  /** Where the copy takes space. Rejects when there is none. */
  readonly requireSpace: () => Promise<void>
}

/**
 * Copies a file, where the file system can without taking space (a reflink). The copy is synced, its name is not. Rejects with the system
 * error.
 */
export async function copyWhole(
  from: string,
  to: string,
  { maxBytes, mode, requireSpace }: CopyOptions,
): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE).catch(async () => {
    await requireSpace()
    await copyFile(from, to, constants.COPYFILE_EXCL)
  })
  // The copy has the mode of the original, which may be read-only.
  await chmod(to, mode).catch(ignoreModeRefusal)
  const handle = await open(to, constants.O_RDWR | constants.O_NOFOLLOW)
  try {
    if ((await handle.stat()).size > maxBytes) await handle.truncate(maxBytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Gives a complete, durable file the name of the damaged one, which other names of it (hard links) keep. Its mode and owner become those
 * of the old one. Durable. @throws CommandError "target_exists" when that is not as `old` says; rejects with system errors.
 */
export async function replaceFile(partPath: string, filePath: string, old: FileIdentity): Promise<void> {
  const stats = await statsIfThere(filePath)
  if (stats === undefined) return moveWithoutReplacing(partPath, filePath)
  if (!sameIdentity(identityFromStats(stats), old)) throw changedSince(filePath, partPath)
  await likeOld(partPath, stats)
  await rename(partPath, filePath)
  await syncFolder(dirname(filePath))
}

/** Mode, and where that is allowed the owner, of the file that is replaced. */
export async function likeOld(path: string, old: BigIntStats): Promise<void> {
  const own = await lstat(path, { bigint: true })
  if (own.uid !== old.uid || own.gid !== old.gid)
    await chown(path, Number(old.uid), Number(old.gid)).catch(ignoreOwnerRefusal)
  await chmod(path, Number(old.mode & 0o777n)).catch(ignoreModeRefusal)
}

/** Only root may give a file away, and some file systems have no owners. */
function ignoreOwnerRefusal(error: unknown): void {
  if (!["EPERM", "EACCES", "EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(errnoOf(error) ?? "")) throw error
}
