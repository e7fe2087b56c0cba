import { CommandError, errnoOf, StoreError } from "../errors.js"

/** A file that the user named can't be read: CommandError "no_such_file" or "not_readable". */
export function unreadable(path: string, cause: unknown): CommandError {
  const errno = errnoOf(cause)
  if (errno === "ENOENT" || errno === "ENOTDIR")
    return new CommandError("no_such_file", `${path}: no such file`, { cause })
  return new CommandError("not_readable", `${path}: can't be read (${errno ?? "unknown error"})`, { cause })
}

/**
 * What a failed disk call means for a document: StoreError "disk_full" (may go on by itself once there is space),
 * "not_writable" (the folder or file is not ours to write), "too_many_files" (no descriptor is free: nothing is wrong with the
 * file, and it passes) or "disk_failed". `neededBytes`: what is still to be written.
 * An error of another kind is a bug and comes back as it is.
 */
export function storeErrorOf(cause: unknown, path: string, neededBytes: number): unknown {
  const errno = errnoOf(cause)
  if (errno === undefined || !/^E[A-Z0-9]+$/.test(errno)) return cause
  if (errno === "ENOSPC" || errno === "EDQUOT")
    return new StoreError("disk_full", `${path}: the disk is full, ${neededBytes} bytes more are needed`, { cause })
  if (errno === "EROFS" || errno === "EACCES" || errno === "EPERM")
    return new StoreError("not_writable", `${path}: it can't be written here (${errno})`, { cause })
  if (errno === "EMFILE" || errno === "ENFILE")
    return new StoreError("too_many_files", `${path}: this machine has no free file descriptor (${errno})`, { cause })
  return new StoreError("disk_failed", `${path}: the disk failed (${errno})`, { cause })
}
