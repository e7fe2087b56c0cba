import type { Client, ClientEvent } from "../../core/index.js"
import type { CommandPlace } from "../commands/command-place.js"
import { noteReport, readyReport } from "../commands/event-reports.js"
import { ProgressLines } from "../commands/progress-lines.js"
import { Session } from "../commands/session.js"
import type { PathBase } from "../commands/typed-paths.js"

export interface OwnClientOptions {
  readonly paths: PathBase
  /** Subscribes to the engine's events, those so far first. */
  readonly onEvent: (listener: (event: ClientEvent) => void) => void
}

/** Commands that the client of this process carries out. */
export function ownClient(client: Client, { paths, onEvent }: OwnClientOptions): CommandPlace {
  return {
    ready: () => readyReport(client),
    open(audience, signal, onQuit) {
      const run = new Session(client, audience, { signal, onQuit, paths })
      const progress = new ProgressLines(client, () => run.followedIds, audience.report)
      onEvent((event) => {
        const note = noteReport(event)
        if (note !== undefined) audience.report(note)
      })
      return { run, close: progress.close }
    },
  }
}
