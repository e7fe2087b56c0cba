import { basename } from "node:path"
import { ExitCode } from "../base/exit-codes.js"
import type { CommandPlace } from "../commands/command-place.js"
import type { Report } from "../commands/report.js"
import type { HookFacts, Hooks } from "./hooks.js"

/** Commands of another client, after which this process runs a hook for each download that they completed. */
export function hookedPlace(place: CommandPlace, hooks: Hooks): CommandPlace {
  return {
    ready: () => place.ready(),
    open(audience, quitting, onQuit) {
      const completed: HookFacts[] = []
      const report = (told: Report): void => {
        if (told.event === "download_completed") completed.push(factsOf(told))
        audience.report(told)
      }
      const { run, close } = place.open({ report, failure: (given) => audience.failure(given) }, quitting, onQuit)
      return {
        close,
        run: {
          get exitCode() {
            return run.exitCode
          },
          get isUnfinished() {
            return run.isUnfinished
          },
          run: (given) => run.run(given),
          async settled() {
            await run.settled()
            // Only the exit code says that the files are safe.
            if (run.exitCode === ExitCode.ok && !run.isUnfinished)
              for (const facts of completed.splice(0)) hooks.run(facts)
            await hooks.close()
          },
        },
      }
    },
  }
}

/** Of a hook, not of --json. */
const DONE: HookFacts["event"] = "done"

function factsOf({ fields }: Report): HookFacts {
  const path = String(fields["file"])
  return {
    event: DONE,
    document: String(fields["id"]),
    name: basename(path),
    path,
    sizeBytes: Number(fields["size_bytes"]),
  }
}
