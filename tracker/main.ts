import cluster from "node:cluster"
import { readFileSync, writeSync } from "node:fs"
import { ConfigError } from "../core/base/errors.js"
import { EXIT_TRY_AGAIN, TryAgainError } from "./base/try-again-error.js"
import { parseCommandLine } from "./program/command-line.js"
import { printError } from "./program/log-output.js"
import { runTracker } from "./program/run-tracker.js"
import { runWorker, runWorkers } from "./program/run-workers.js"
import { completionScript } from "./program/shell-completion.js"
import { usageText } from "./program/usage.js"
import { refuseAsWorker } from "./program/workers.js"

const STDOUT = 1
const EXIT_FAILED = 1
const EXIT_BAD_USAGE = 2

// By default Node opens its debugger on this signal, for every user of the machine.
process.on("SIGUSR1", () => {})

void main(process.argv.slice(2)).catch(refuse)

/** Ends with what the user can put right; anything else is a bug. */
async function refuse(error: unknown): Promise<void> {
  if (!(error instanceof ConfigError)) throw error
  process.exitCode = error instanceof TryAgainError ? EXIT_TRY_AGAIN : EXIT_BAD_USAGE
  if (cluster.isWorker) {
    await refuseAsWorker(error.message)
    // A worker's channel would keep it alive, and closing that channel ends it with status 0.
    process.exit()
  }
  printError(`p2p-tracker: ${error.message}`)
}

async function main(args: readonly string[]): Promise<void> {
  const asked = parseCommandLine(args, process.env)
  switch (asked.action) {
    case "help":
      print(usageText())
      return
    case "completion":
      print(completionScript(asked.shell))
      return
    case "version":
      print(`${packageVersion()}\n`)
      return
    case "run": {
      const run = cluster.isWorker ? runWorker : asked.options.workers > 1 ? runWorkers : runTracker
      await run(asked.options)
      return
    }
    default:
      asked satisfies never
  }
}

/** To stdout; a full disk or a closed terminal shows in the exit status. */
function print(text: string): void {
  try {
    writeSync(STDOUT, text)
  } catch {
    process.exitCode = EXIT_FAILED
  }
}

/** From the package this file was installed with: two folders up from dist/tracker. */
function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"))
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) return String(manifest.version)
  throw new Error("package.json has no version")
}
