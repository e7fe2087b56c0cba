import { noSuchFileWords, reasonOf, wordsOf } from "../base/errno-words.js"
import { CommandError, errnoOf, StoreError } from "../base/errors.js"
import { formatBytes, formatCount } from "../base/format-bytes.js"

/** A file that the user named can't be read: CommandError "no_such_file" or "not_readable". */
export function unreadable(path: string, cause: unknown): CommandError {
  const errno = errnoOf(cause)
  if (errno === "ENOENT" || errno === "ENOTDIR")
    return new CommandError("no_such_file", `${path}: ${noSuchFileWords(path)}`, { cause })
  return new CommandError("not_readable", `${path}: can't be read: ${reasonOf(cause)}`, { cause })
}

/** "1.50 GiB are needed, 512 MiB are free on this disk"; in bytes where both are the same in three digits. */
export function noRoomWords(neededBytes: number, freeBytes: number): string {
  const isClear = formatBytes(neededBytes) !== formatBytes(freeBytes)
  const words = isClear ? formatBytes : (bytes: number) => `${formatCount(bytes)} bytes`
  return `${words(neededBytes)} are needed, ${words(freeBytes)} are free on this disk`
}

interface Words {
  readonly code: string
  readonly say: (reason: string, neededBytes: number) => string
}

const fullFor = (errno: string): Words => ({
  code: "disk_full",
  say: (reason, neededBytes) =>
    neededBytes > 0 ? `${wordsOf(errno)}, ${formatBytes(neededBytes)} more are needed` : reason,
})
const NOT_WRITABLE: Words = { code: "not_writable", say: (reason) => `it can't be written here: ${reason}` }
const TOO_MANY_FILES: Words = { code: "too_many_files", say: (reason) => reason }
const DISK_FAILED: Words = { code: "disk_failed", say: (reason) => reason }

const WORDS: ReadonlyMap<string, Words> = new Map([
  ["ENOSPC", fullFor("ENOSPC")],
  ["EDQUOT", fullFor("EDQUOT")],
  ["EROFS", NOT_WRITABLE],
  ["EACCES", NOT_WRITABLE],
  ["EPERM", NOT_WRITABLE],
  ["EMFILE", TOO_MANY_FILES],
  ["ENFILE", TOO_MANY_FILES],
  [
    "EFBIG",
    {
      code: "file_too_large",
      say: () => "this file system, or a limit on this process, takes no file as large as this (EFBIG)",
    },
  ],
  [
    "ENAMETOOLONG",
    {
      code: "name_too_long",
      say: () => "the name is too long for this file system (ENAMETOOLONG): give a shorter one",
    },
  ],
  ["ENOENT", { code: "file_gone", say: () => "it, or its folder, was taken away (ENOENT)" }],
  ["ENOTDIR", { code: "file_gone", say: () => "a part of its path is no folder any more (ENOTDIR)" }],
  ["EISDIR", { code: "is_folder", say: () => "a folder is in its place (EISDIR)" }],
])

/**
 * The meaning of a failed disk call for a document: StoreError "disk_full" (resumes automatically once there is space), "not_writable"
 * (no permission for the folder or file), "too_many_files" (no descriptor is free: temporary, no fault of the file), "file_too_large",
 * "name_too_long", "file_gone", "is_folder" or "disk_failed". `neededBytes`: bytes still to be written. Any other error is a bug and is
 * returned unchanged.
 */
export function storeErrorOf(cause: unknown, path: string, neededBytes: number): unknown {
  const errno = errnoOf(cause)
  if (errno === undefined || !/^E[A-Z0-9]+$/.test(errno)) return cause
  const { code, say } = WORDS.get(errno) ?? DISK_FAILED
  return new StoreError(code, `${fileOf(cause, path)}: ${say(reasonOf(cause), neededBytes)}`, { cause })
}

/** Below a folder, the file that the error is about. */
function fileOf(cause: unknown, path: string): string {
  const named = cause instanceof Error && "path" in cause && typeof cause.path === "string" ? cause.path : ""
  return named.startsWith(`${path}/`) ? named : path
}
