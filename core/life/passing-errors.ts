import type { P2pError } from "../base/errors.js"

const PASSING_CODES: ReadonlySet<string> = new Set(["disk_full", "too_many_files", "hasher_ended"])

/** A full disk may get room again, a descriptor may be freed, a dead thread is replaced: what failed so is tried again without being asked. */
export function passesByItself(error: P2pError): boolean {
  return PASSING_CODES.has(error.code)
}

const LOST_CODES: ReadonlySet<string> = new Set(["no_such_file", "not_readable", "file_changed", "disk_failed"])

/** A disk that was taken away may come back with the file as it was. */
export function mayComeBack(error: P2pError): boolean {
  return LOST_CODES.has(error.code)
}

const GONE_CODES: ReadonlySet<string> = new Set(["no_such_file", "file_gone", "file_changed", "file_replaced"])

/** What was verified is not there any more: no part of a finished file is known to be. */
export function isContentGone(error: P2pError): boolean {
  return GONE_CODES.has(error.code)
}
