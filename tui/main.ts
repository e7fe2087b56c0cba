import { argv, env, stderr, stdin, stdout } from "node:process"
import { Readable } from "node:stream"
import { P2pError } from "../core/index.js"
import { endingSignal } from "./base/ending-signal.js"
import { ExitCode, exitCodeOf } from "./base/exit-codes.js"
import { printableLines } from "./base/printable.js"
import { Journal } from "./commands/journal.js"
import { BadConfigError, type Config, loadConfig } from "./config/config.js"
import { LinePrinter } from "./lines/line-printer.js"
import { Output } from "./lines/output.js"
import { type Invocation, parseCli } from "./program/cli.js"
import { type StartedClient, startClient } from "./program/start-client.js"
import { collectEarly, waitToOptimise } from "./program/v8-flags.js"
import { isInForeground } from "./screen/terminal/foreground.js"
import { isDumb } from "./screen/terminal/locale.js"

type Run = Extract<Invocation, { kind: "run" }>

/** The whole program: arguments in, exit code out. */
async function main(): Promise<ExitCode> {
  const invocation = parseCli(argv.slice(2))
  if (invocation.kind === "run") return runClient(invocation)
  const isHelp = invocation.kind === "help"
  return tell(
    isHelp ? (await import("./program/usage.js")).usageText() : (await import("./base/version.js")).versionText(),
  )
}

/** Prints `text` and nothing else. */
function tell(text: string): ExitCode {
  let code: ExitCode = ExitCode.ok
  const output = new Output(stdout, {
    onBrokenPipe: () => {},
    onLoss: (error) => {
      code = ExitCode.disk
      tellRefusal(new P2pError("output_lost", `stdout can't be written: ${error.message}`))
    },
  })
  output.write(text)
  return code
}

async function runClient(run: Run): Promise<ExitCode> {
  const config = withPeers(await loadConfig(run.configPath), run.peers)
  const journal = new Journal()
  const isInBackground = stdin.isTTY && !isInForeground()
  const inLines =
    run.words.length > 0 || run.plain || run.json || !stdin.isTTY || !stdout.isTTY || isInBackground || isDumb(env)
  // Before the client starts, so that a signal during the start ends it in order, with its downloads recorded.
  const signal = endingSignal(stdin.isTTY || stdout.isTTY || stderr.isTTY)
  const started = await startClient(config, run.logLevel ?? config.logLevel, journal)
  crashLog = started.log
  try {
    if (inLines) return await runInLines({ ...run, isInBackground }, started, journal, signal)
    const { runScreen } = await import("./screen/run-screen.js")
    return await runScreen(started.client, journal, {
      ascii: run.ascii ? true : config.ascii,
      serviceFolder: config.serviceFolder,
      stateFolder: started.stateFolder,
      signal,
      onTaken: (restore) => {
        restoreTerminal = restore
        hasHadScreen = true
      },
    })
  } finally {
    await started.close()
  }
}

/** Those of the command line besides those of the config. */
function withPeers(config: Config, peers: Run["peers"]): Config {
  return { ...config, peers: [...config.peers, ...peers] }
}

async function runInLines(
  run: Run & { readonly isInBackground: boolean },
  { client }: StartedClient,
  journal: Journal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { runLineMode, runOneShot } = await import("./lines/line-mode.js")
  const options = { stdin, stdout, stderr, json: run.json, seed: run.seed, signal, onEvent: journal.subscribe }
  if (run.words.length > 0) return runOneShot(client, run.words, options)
  // To read a terminal from the background stops the process: it serves without commands.
  return runLineMode(client, run.isInBackground ? { ...options, stdin: Readable.from([]), seed: true } : options)
}

/** Where the stack of a bug goes besides stderr, once there is a log. */
let crashLog: StartedClient["log"] | undefined

/** Gives the terminal back, once the screen has it. */
let restoreTerminal: () => void = () => {}
let hasHadScreen = false

/** Writes an unexpected error to the log and stderr, and exits. */
function crash(error: unknown): never {
  restoreTerminal()
  crashLog?.writeCrash(error)
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const output = new Output(stderr, { onBrokenPipe: () => {}, onLoss: () => {} })
  output.write(`p2p-tui: unexpected error, please report it\n${printableLines(stack)}\n`)
  process.exit(ExitCode.bug)
}

/** Prints why the program does not start, one line a fault. */
function tellRefusal(error: P2pError): ExitCode {
  const printer = new LinePrinter({ stdout, stderr, json: argv.includes("--json"), onBrokenPipe: () => {} })
  const messages = error instanceof BadConfigError ? error.faults : [error.message]
  for (const message of messages) printer.failure({ code: error.code, message })
  return exitCodeOf(error)
}

process.on("uncaughtException", crash)
process.on("unhandledRejection", crash)

waitToOptimise()
collectEarly()
const exitCode = await main().catch((error: unknown) => {
  if (error instanceof P2pError) return tellRefusal(error)
  return crash(error)
})
/**
 * After the screen Node puts the terminal's modes back as it exits: that aborts Node 20 when the terminal is gone, and stops a process that
 * was continued in the background. There a signal ends it, without that.
 */
function leave(): void {
  const isGone = exitCode === ExitCode.hangup && stdin.isTTY
  if (!isGone && !(hasHadScreen && !isInForeground())) process.exit(exitCode)
  const signal = isGone ? "SIGHUP" : "SIGTERM"
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
}

// A slow reader of stdout still gets the last lines: the process ends when they are out, or a signal has come.
new Output(stdout, { onBrokenPipe: leave, onLoss: leave }).end(leave)
