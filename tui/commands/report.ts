import type { Span } from "./command-line-error.js"

/**
 * One message to the user, in both forms. Line mode prints `lines`; `--json` prints
 * `{"event": event, ...fields}` on one line; the screen shows the last of `lines`.
 */
export interface Report {
  /** Stable name, snake_case; part of the `--json` interface. */
  readonly event: string
  readonly lines: readonly string[]
  /** Numbers carry their unit in the name. */
  readonly fields: Readonly<Record<string, unknown>>
  /** A link to print behind the lines. It may be secret: it goes to stdout alone, never into a log. */
  readonly link?: string
  /** The same as a QR code, printed before it. */
  readonly qr?: readonly string[]
  /** Id of the document that the screen goes to: one that has just come into the list. */
  readonly newDocument?: string
  /** Id of the document that it holds for while that is being downloaded. */
  readonly whileDownloading?: string
  /** An upload or a download is complete. */
  readonly isCompletion?: true
  /** The engine has written the same into the log. */
  readonly isLogged?: boolean
}

/** A text that the screen shows once, until a key is pressed. */
export interface Notice {
  readonly title: string
  /** A paragraph each. */
  readonly lines: readonly string[]
}

/** A P2pError as it is shown: stderr gets "ERROR <code> <message>". */
export interface Failure {
  readonly code: string
  readonly message: string
  /** Where the command line is wrong, if that is what is. */
  readonly span?: Span
  /** As that of a report. */
  readonly isLogged?: boolean
}
