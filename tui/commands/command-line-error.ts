import { CommandError } from "../../core/index.js"

/** A stretch of a command line, in UTF-16 units: [start, end). */
export interface Span {
  readonly start: number
  readonly end: number
}

/** A command line that isn't understood. `span` is where it is wrong, so that the screen can point at it. */
export class CommandLineError extends CommandError {
  readonly span: Span | undefined

  constructor(code: string, message: string, span: Span | undefined) {
    super(code, message)
    this.span = span
  }
}
