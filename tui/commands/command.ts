import type { Client, DownloadHandle } from "../../core/index.js"
import type { Arguments } from "./arguments.js"
import type { Report } from "./report.js"

/** What an argument stands for; Tab completion goes by it. A "target" is written: nothing that is there is one. */
export type ArgumentKind = "file" | "torrent" | "target" | "document" | "direction" | "rate" | "command" | "theme"

export interface ArgumentSpec {
  /** As help shows it: "path_to_file". */
  readonly name: string
  readonly kind: ArgumentKind
  readonly optional?: boolean
}

export interface FlagSpec {
  /** With its dashes: "--open". */
  readonly name: string
  /** It takes one, which help calls so: "n". */
  readonly value?: string
  /** The command can't do without it. */
  readonly required?: boolean
  readonly summary: string
  /** It may be given several times. */
  readonly isRepeatable?: boolean
}

/** One verb of the client, the same in line mode, as a one-shot command and on the screen. */
export interface Command {
  readonly name: string
  readonly arguments: readonly ArgumentSpec[]
  readonly flags: readonly FlagSpec[]
  readonly summary: string
  /** On the screen this command only shows something: which view. */
  readonly view?: "documents" | "peers" | "help"
  /** Rejects with a P2pError that says what was wrong. */
  run(given: Arguments, context: CommandContext): Promise<void>
}

/** What a command may act on. */
export interface CommandContext {
  readonly client: Client
  /** Ends waits: the user has left. */
  readonly signal: AbortSignal
  /** Ends work that the user may leave behind: the client that does it ends. */
  readonly workSignal: AbortSignal
  report(report: Report): void
  /** A download has begun: its end is reported later, the command itself returns now. */
  follow(handle: DownloadHandle): void
  /** Leave as soon as possible. */
  quit(): void
}
