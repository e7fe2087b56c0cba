import type { Report } from "./report.js"
import type { Audience, CommandRun } from "./session.js"

/** What carries the commands out: the client of this process, or the running one. */
export interface CommandPlace {
  /** Where it listens, for the first line. */
  ready(): Report
  /** `quitting`: aborted when this process is to end. */
  open(audience: Audience, quitting: AbortSignal, onQuit: () => void): OpenedRun
}

export interface OpenedRun {
  readonly run: CommandRun
  close(): void
}
