import { argv, stderr, stdin, stdout } from "node:process"
import { P2pError } from "../core/index.js"
import { endingSignal } from "./base/ending-signal.js"
import { ExitCode, exitCodeOf } from "./base/exit-codes.js"
import { printableLines } from "./base/printable.js"
import { BadConfigError } from "./config/bad-config-error.js"
import { Output } from "./lines/output.js"
import { processPrinter } from "./lines/process-printer.js"
import { parseCli } from "./program/cli.js"
import { isDaemon, tellRefused } from "./program/daemon.js"
import type { LogFile } from "./program/log-file.js"
import type { RunListener } from "./run.js"
import { isInForeground } from "./screen/terminal/foreground.js"

/** The whole program: arguments in, exit code out. */
async function main(): Promise<ExitCode> {
  const invocation = parseCli(argv.slice(2))
  if (invocation.kind === "run") return (await import("./run.js")).runClient(invocation, listener)
  if (invocation.kind === "init") {
    const { runInit } = await import("./program/init.js")
    await runInit(invocation.path, { stdin, stdout, signal: endingSignal(true) })
    return ExitCode.ok
  }
  return tell(await (await import("./program/printed-text.js")).printedText(invocation))
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

/** Where the stack of a bug goes besides stderr, once there is a log. */
let crashLog: LogFile | undefined

/** Gives the terminal back, once the screen has it. */
let restoreTerminal: () => void = () => {}
let hasHadScreen = false

const listener: RunListener = {
  onLog: (log) => {
    crashLog = log
  },
  onScreen: (restore) => {
    restoreTerminal = restore
    hasHadScreen = true
  },
}

/** Writes an unexpected error to the log and stderr, and exits. */
function crash(error: unknown): never {
  restoreTerminal()
  crashLog?.writeCrash(error)
  if (isDaemon()) tellRefused([{ code: "bug", message: String(error instanceof Error ? error.stack : error) }])
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const output = new Output(stderr, { onBrokenPipe: () => {}, onLoss: () => {} })
  output.write(`p2p-tui: unexpected error, please report it\n${printableLines(stack)}\n`)
  process.exit(ExitCode.bug)
}

/** Prints why the program does not start, one line a fault. */
function tellRefusal(error: P2pError): ExitCode {
  const printer = processPrinter({ json: argv.includes("--json") })
  const messages = error instanceof BadConfigError ? error.faults : [error.message]
  if (isDaemon()) tellRefused(messages.map((message) => ({ code: error.code, message })))
  for (const message of messages) printer.failure({ code: error.code, message })
  return exitCodeOf(error)
}

process.on("uncaughtException", crash)
process.on("unhandledRejection", crash)

// A run that has nothing left to wait for before it has ended is a bug.
process.exitCode = ExitCode.bug
void main()
  .catch((error: unknown) => (error instanceof P2pError ? tellRefusal(error) : crash(error)))
  .then(end)

/** A slow reader of stdout still gets the last lines: the process ends when they are out, or a signal has come. */
function end(exitCode: ExitCode): void {
  const leave = (): void => exit(exitCode)
  new Output(stdout, { onBrokenPipe: leave, onLoss: leave }).end(leave)
}

/**
 * After the screen Node puts the terminal's modes back as it exits: that aborts Node 20 when the terminal is gone, and stops a process that
 * was continued in the background. There a signal ends it, without that.
 */
function exit(exitCode: ExitCode): void {
  const isGone = exitCode === ExitCode.hangup && stdin.isTTY
  if (!isGone && !(hasHadScreen && !isInForeground())) process.exit(exitCode)
  const signal = isGone ? "SIGHUP" : "SIGTERM"
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
}
