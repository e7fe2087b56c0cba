#!/usr/bin/env node
import { readFileSync } from "node:fs"
import pino from "pino"
import { ConfigError } from "../core/errors.js"
import { parseCommandLine, type RunOptions, USAGE } from "./command-line.js"
import { describeStore, openStore } from "./open-store.js"
import { startTracker } from "./server.js"

const EXIT_FAILED = 1
const EXIT_BAD_USAGE = 2

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof ConfigError)) throw error
  process.stderr.write(`p2p-tracker: ${error.message}\n`)
  process.exitCode = EXIT_BAD_USAGE
}

async function main(args: readonly string[]): Promise<void> {
  const asked = parseCommandLine(args, process.env)
  switch (asked.action) {
    case "help":
      process.stdout.write(USAGE)
      return
    case "version":
      process.stdout.write(`${packageVersion()}\n`)
      return
    case "run":
      await run(asked.options)
      return
    default:
      asked satisfies never
  }
}

async function run(options: RunOptions): Promise<void> {
  const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime })
  const store = await openStore(options.store, log)
  const tracker = await startTracker({ ...options, store, log })
  log.info(
    { host: tracker.host, port: tracker.port, store: describeStore(options.store) },
    `tracker listens on ${tracker.url}`,
  )
  const stop = (signal: NodeJS.Signals) => {
    log.info({ signal }, "stopping")
    // A second signal ends it the hard way, as if this listener were not there.
    for (const name of ["SIGINT", "SIGTERM"] as const) process.removeListener(name, stop)
    tracker.close().then(
      () => log.info("stopped"),
      (error: unknown) => {
        log.fatal({ err: error }, "could not stop in order")
        process.exitCode = EXIT_FAILED
      },
    )
  }
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, stop)
}

/** From the package this file was installed with: two folders up from dist/tracker. */
function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"))
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) return String(manifest.version)
  throw new Error("package.json has no version")
}
