import { createInterface } from "node:readline"
import type { Readable, Writable } from "node:stream"
import { exitCodeOfSignal } from "../base/ending-signal.js"
import { ExitCode } from "../base/exit-codes.js"
import type { CommandPlace } from "../commands/command-place.js"
import type { CommandRun } from "../commands/session.js"
import { LineBound } from "./line-bound.js"
import { LinePrinter } from "./line-printer.js"

export interface LineModeOptions {
  readonly stdin: Readable
  readonly stdout: Writable
  readonly stderr: Writable
  readonly json: boolean
  /** Keep serving when everything asked for is done, until a signal comes. */
  readonly seed: boolean
  /** Aborted by a signal of the system; the reason is EndedBySignal. */
  readonly signal: AbortSignal
}

/** Reads one command a line until the input ends, waits for the downloads, and resolves to the exit code. */
export async function runLineMode(place: CommandPlace, options: LineModeOptions): Promise<ExitCode> {
  return runInLines(place, options, async (run, printer, quitting) => {
    printer.report(place.ready())
    if (quitting.aborted) return
    const input = new LineBound()
    // A terminal that is gone fails instead of ending; either way no more commands come.
    options.stdin.on("error", () => input.end()).pipe(input)
    const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
    quitting.addEventListener("abort", () => lines.close(), { once: true })
    for await (const line of lines) {
      if (quitting.aborted) break
      if (isCommand(line)) await run.run(line)
      await printer.drained(quitting)
    }
  })
}

/** Runs one command, waits for the download it began, and resolves to the exit code. */
export async function runOneShot(
  place: CommandPlace,
  words: readonly string[],
  options: Omit<LineModeOptions, "stdin">,
): Promise<ExitCode> {
  return runInLines(place, { ...options, isMoving: true }, async (run, printer) => {
    if (options.seed) printer.report(place.ready())
    await run.run(words)
  })
}

async function runInLines(
  place: CommandPlace,
  options: Omit<LineModeOptions, "stdin"> & { readonly isMoving?: boolean },
  work: (run: CommandRun, printer: LinePrinter, quitting: AbortSignal) => Promise<void>,
): Promise<ExitCode> {
  const leave = new AbortController()
  const pipe = new AbortController()
  const quitting = AbortSignal.any([options.signal, leave.signal, pipe.signal])
  const printer = new LinePrinter({ ...options, onBrokenPipe: () => pipe.abort() })
  const { run, close } = place.open(printer, quitting, () => leave.abort())
  try {
    await work(run, printer, quitting)
    await run.settled()
    if (options.seed) await aborted(quitting)
  } finally {
    close()
    printer.end()
  }
  if (pipe.signal.aborted) return ExitCode.brokenPipe
  if (run.isUnfinished && options.signal.aborted) return exitCodeOfSignal(options.signal.reason) ?? ExitCode.unfinished
  if (run.exitCode !== ExitCode.ok) return run.exitCode
  if (run.isUnfinished) return ExitCode.unfinished
  return printer.hasLost ? ExitCode.disk : ExitCode.ok
}

/** Empty lines and lines that begin with "#" are comments of a script. */
function isCommand(line: string): boolean {
  const trimmed = line.trim()
  return trimmed !== "" && !trimmed.startsWith("#")
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener("abort", () => resolve(), { once: true })
  })
}
