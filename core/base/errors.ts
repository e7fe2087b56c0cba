import { constants } from "node:os"

/**
 * Error types, distinguished by the catcher's reaction. An error of any other type is a bug and ends the program.
 * Each has a stable `code` (snake_case, part of the public interface) and keeps its `cause`.
 */
export class P2pError extends Error {
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }
}

/** A config file or start-up option is wrong: say which key, leave with status 2 before the screen is taken. */
export class ConfigError extends P2pError {}

/** A user's command can't be carried out (unknown word, missing file, occupied target). */
export class CommandError extends P2pError {}

/** A torrent file is refused; `field` names the faulty field ("FileInfo.PartSize"). */
export class TorrentFileError extends P2pError {
  readonly field: string

  constructor(field: string, message: string, options?: ErrorOptions) {
    super("bad_torrent", message, options)
    this.field = field
  }
}

/** A peer broke the protocol: drop the connection. */
export class ProtocolError extends P2pError {}

/** The tracker did not answer, or answered with an error: retry with backoff. `status` is its HTTP status, if any. */
export class TrackerError extends P2pError {
  readonly status: number | undefined
  /** How long the tracker asked us to stay away (Retry-After), milliseconds. */
  readonly retryAfterMs: number | undefined

  constructor(
    code: string,
    message: string,
    options?: ErrorOptions & { readonly status?: number; readonly retryAfterMs?: number | undefined },
  ) {
    super(code, message, options)
    this.status = options?.status
    this.retryAfterMs = options?.retryAfterMs
  }
}

/** The disk failed for one document: stop this document, keep the rest. After `code` "disk_full" the document may resume automatically. */
export class StoreError extends P2pError {}

/** The errno code of a Node system error ("ENOENT"), or undefined. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined
  if (typeof error.code !== "string") return undefined
  return UNNAMED.test(error.code) && "errno" in error ? nameOf(error.errno) : error.code
}

/** What Node calls a code that libuv has no name for, such as those of a quota or of NFS: its calls that wait, and the others. */
const UNNAMED = /^UNKNOWN$|^Unknown system error /

/** Codes of Linux file systems that Node's own list leaves out, too. */
const LINUX: ReadonlyMap<number, string> = new Map([
  [117, "EUCLEAN"],
  [123, "ENOMEDIUM"],
])

function nameOf(errno: unknown): string {
  const number = Math.abs(Number(errno))
  const known = Object.entries(constants.errno).find(([, value]) => value === number)?.[0]
  return known ?? (process.platform === "linux" ? LINUX.get(number) : undefined) ?? `E${number}`
}
