#!/usr/bin/env node
import { argv, stderr, stdin, stdout } from "node:process"
import { P2pError } from "../core/index.js"
import { type Invocation, parseCli } from "./cli.js"
import { waitToOptimise } from "./compiler-patience.js"
import { BadConfigError, loadConfig } from "./config.js"
import { type EndingSignal, ExitCode, exitCodeOf, SIGNAL_CODES } from "./exit-codes.js"
import { Journal } from "./journal.js"
import { LinePrinter } from "./line-printer.js"
import { printableLines } from "./printable.js"
import { type StartedClient, startClient } from "./start-client.js"

type Run = Extract<Invocation, { kind: "run" }>

/** The whole program: arguments in, exit code out. */
async function main(): Promise<ExitCode> {
  const invocation = parseCli(argv.slice(2))
  if (invocation.kind === "run") return runClient(invocation)
  if (invocation.kind === "help") stdout.write((await import("./usage.js")).usageText())
  else stdout.write((await import("./version.js")).versionText())
  return ExitCode.ok
}

async function runClient(run: Run): Promise<ExitCode> {
  const config = await loadConfig(run.configPath)
  const journal = new Journal()
  const inLines = run.words.length > 0 || run.plain || run.json || !stdin.isTTY || !stdout.isTTY
  const signal = inLines ? endingSignal() : undefined
  const started = await startClient(config, run.logLevel ?? config.logLevel, journal)
  crashLog = started.log
  try {
    if (signal === undefined) {
      const { runScreen } = await import("./screen/run-screen.js")
      return await runScreen(started.client, journal, {
        ascii: run.ascii || config.ascii,
        serviceFolder: config.serviceFolder,
        stateFolder: started.stateFolder,
        onTaken: (restore) => {
          restoreTerminal = restore
        },
      })
    }
    return await runInLines(run, started, journal, signal)
  } finally {
    await started.close()
  }
}

async function runInLines(
  run: Run,
  { client }: StartedClient,
  journal: Journal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { runLineMode, runOneShot } = await import("./line-mode.js")
  const options = { stdin, stdout, stderr, json: run.json, seed: run.seed, signal, onEvent: journal.subscribe }
  return run.words.length > 0 ? runOneShot(client, run.words, options) : runLineMode(client, options)
}

/**
 * Aborted by the first SIGINT, SIGTERM or SIGHUP, with its name as the reason; a second one ends the process at once, but
 * for SIGHUP: a window that is closed sends it twice, once through the shell.
 */
function endingSignal(): AbortSignal {
  const controller = new AbortController()
  for (const name of Object.keys(SIGNAL_CODES) as EndingSignal[]) {
    process.on(name, () => {
      if (controller.signal.aborted && name !== "SIGHUP") process.exit(SIGNAL_CODES[name])
      controller.abort(name)
    })
  }
  return controller.signal
}

/** Where the stack of a bug goes besides stderr, once there is a log. */
let crashLog: StartedClient["log"] | undefined

/** Gives the terminal back, once the screen has it. */
let restoreTerminal: () => void = () => {}

/** What nobody expected: into the log, onto stderr, and out. */
function crash(error: unknown): never {
  restoreTerminal()
  crashLog?.writeCrash(error)
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  stderr.write(`p2p-tui: unexpected error, please report it\n${printableLines(stack)}\n`)
  process.exit(ExitCode.bug)
}

/** Tells a refusal to start, one line a fault. */
function tellRefusal(error: P2pError): ExitCode {
  const printer = new LinePrinter({ stdout, stderr, json: argv.includes("--json"), onBrokenPipe: () => {} })
  const messages = error instanceof BadConfigError ? error.faults : [error.message]
  for (const message of messages) printer.failure({ code: error.code, message })
  return exitCodeOf(error)
}

process.on("uncaughtException", crash)
process.on("unhandledRejection", crash)

waitToOptimise()
const exitCode = await main().catch((error: unknown) => {
  if (error instanceof P2pError) return tellRefusal(error)
  return crash(error)
})
/** Node 20 aborts when it can't put back the modes of a terminal that is gone: the signal that took it ends the process. */
function leave(): void {
  if (exitCode !== ExitCode.hangup || !stdin.isTTY) process.exit(exitCode)
  process.removeAllListeners("SIGHUP")
  process.kill(process.pid, "SIGHUP")
}

// Whoever reads stdout slowly still gets the last lines: leave only when they are out.
stdout.write("", leave)
