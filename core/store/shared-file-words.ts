import { reasonOf } from "../base/errno-words.js"
import { errnoOf } from "../base/errors.js"

/** How a shared file has changed, as a clause after its path. */
export function changedWords(how: string): string {
  return `it changed while it was shared: ${how}`
}

/** Why a shared file can't be looked at, as a clause after its path. `cause`: the system error. */
export function goneWords(cause: unknown): string {
  const errno = errnoOf(cause)
  if (errno === "ENOENT" || errno === "ENOTDIR") return "the file is gone: deleted or moved while it was shared"
  return `it can't be read any more: ${reasonOf(cause)}`
}
