import { errnoOf } from "./errors.js"

/** The meaning of a failed file call for the user. libuv's texts describe calls ("illegal operation on a directory"). */
const WORDS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EAGAIN: "it is locked, or not ready",
  EBUSY: "the system, or another program, holds it",
  EDQUOT: "the quota of its owner is used up",
  EEXIST: "there is a file of that name",
  EFBIG: "too large for this file system, or for a limit on this process",
  EILSEQ: "this file system takes no such name",
  EINVAL: "this file system does not take it",
  EIO: "the disk failed",
  EISDIR: "it is a folder",
  ELOOP: "its links lead in a circle, or there are too many of them",
  EMFILE: "no free file descriptor",
  EMLINK: "the file system takes no more links",
  ENAMETOOLONG: "the name is too long",
  ENFILE: "no free file descriptor in the whole system",
  ENODEV: "the device is not there",
  ENOENT: "no such file or folder",
  ENOLCK: "the file system has no free locks",
  ENOMEDIUM: "there is no disk in the drive",
  ENOMEM: "no free memory",
  ENOSPC: "the disk is full",
  ENOSYS: "this system can't do it",
  ENOTCONN: "the program behind this file system has ended",
  ENOTDIR: "a part of the path is no folder",
  ENOTSUP: "this file system can't do it",
  ENXIO: "it is a socket, or a device that is not there",
  EOVERFLOW: "too large for this system",
  EPERM: "not permitted",
  EREMOTEIO: "the disk failed",
  EROFS: "the file system is read-only",
  ESTALE: "the network file system has lost it",
  ETIMEDOUT: "the network file system does not answer",
  ETXTBSY: "a program runs from it",
  EUCLEAN: "the file system is damaged",
}

/** "permission denied" for "EACCES"; undefined for a code without words. */
export function wordsOf(errno: string): string | undefined {
  return WORDS[errno]
}

/** Why a system call failed: "permission denied (EACCES)". For other codes the code, or the message of an error without a code. */
export function reasonOf(error: unknown): string {
  const errno = errnoOf(error)
  if (errno === undefined) return error instanceof Error ? error.message : String(error)
  const words = wordsOf(errno)
  return words === undefined ? errno : `${words} (${errno})`
}

/** Why there is no file at `path`, as it was typed: Node reads bytes that are not UTF-8 as U+FFFD, and finds nothing under that name. */
export function noSuchFileWords(path: string): string {
  if (!path.includes("\uFFFD")) return "no such file"
  return "no such file; the mark \uFFFD stands for bytes that are not UTF-8: rename the file"
}
