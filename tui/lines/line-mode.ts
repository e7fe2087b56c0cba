import { createInterface } from "node:readline"
import type { Readable, Writable } from "node:stream"
import { type Client, type ClientEvent, formatHostPort } from "../../core/index.js"
import { exitCodeOfSignal } from "../base/ending-signal.js"
import { ExitCode } from "../base/exit-codes.js"
import { CommandLineError } from "../commands/command-line-error.js"
import { factFields } from "../commands/fact-fields.js"
import { Session } from "../commands/session.js"
import { splitWords, type Word, wordsFromArguments } from "../commands/words.js"
import { LineBound, MAX_LINE_BYTES } from "./line-bound.js"
import { LinePrinter } from "./line-printer.js"
import { ProgressLines } from "./progress-lines.js"

export interface LineModeOptions {
  readonly stdin: Readable
  readonly stdout: Writable
  readonly stderr: Writable
  readonly json: boolean
  /** Keep serving when everything asked for is done, until a signal comes. */
  readonly seed: boolean
  /** Aborted by a signal of the system; the reason is EndedBySignal. */
  readonly signal: AbortSignal
  /** Subscribes to the engine's events, those so far first. */
  readonly onEvent: (listener: (event: ClientEvent) => void) => void
}

/** Reads one command a line until the input ends, waits for the downloads, and resolves to the exit code. */
export async function runLineMode(client: Client, options: LineModeOptions): Promise<ExitCode> {
  return runInLines(client, options, async (session, printer, quitting) => {
    printer.report(readyReport(client))
    if (quitting.aborted) return
    const input = new LineBound()
    // A terminal that is gone fails instead of ending; either way no more commands come.
    options.stdin.on("error", () => input.end()).pipe(input)
    const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
    quitting.addEventListener("abort", () => lines.close(), { once: true })
    for await (const line of lines) {
      if (quitting.aborted) break
      if (isCommand(line)) await session.run(() => wordsOf(line))
      await printer.drained(quitting)
    }
  })
}

/** Runs one command, waits for the download it began, and resolves to the exit code. */
export async function runOneShot(
  client: Client,
  words: readonly string[],
  options: Omit<LineModeOptions, "stdin">,
): Promise<ExitCode> {
  const command: readonly Word[] = wordsFromArguments(words)
  return runInLines(client, options, async (session, printer) => {
    if (options.seed) printer.report(readyReport(client))
    await session.run(() => command)
  })
}

async function runInLines(
  client: Client,
  options: Omit<LineModeOptions, "stdin">,
  work: (session: Session, printer: LinePrinter, quitting: AbortSignal) => Promise<void>,
): Promise<ExitCode> {
  const leave = new AbortController()
  const pipe = new AbortController()
  const quitting = AbortSignal.any([options.signal, leave.signal, pipe.signal])
  const printer = new LinePrinter({ ...options, onBrokenPipe: () => pipe.abort() })
  const session = new Session(client, printer, quitting, () => leave.abort())
  const progress = new ProgressLines(client, () => session.followedIds, printer.report)
  options.onEvent((event) => tellEvent(event, printer))
  try {
    await work(session, printer, quitting)
    await session.settled()
    if (options.seed) await aborted(quitting)
  } finally {
    progress.close()
  }
  if (pipe.signal.aborted) return ExitCode.brokenPipe
  const isUnfinished = session.followedIds.size > 0 || session.wasInterrupted
  if (isUnfinished && options.signal.aborted) return exitCodeOfSignal(options.signal.reason) ?? ExitCode.unfinished
  if (session.exitCode !== ExitCode.ok) return session.exitCode
  if (isUnfinished) return ExitCode.unfinished
  return printer.hasLost ? ExitCode.disk : ExitCode.ok
}

function wordsOf(line: string): readonly Word[] {
  if (Buffer.byteLength(line) <= MAX_LINE_BYTES) return splitWords(line)
  throw new CommandLineError("line_too_long", `a line may have ${MAX_LINE_BYTES} bytes, and has more`, undefined)
}

/** Empty lines and lines that begin with "#" are comments of a script. */
function isCommand(line: string): boolean {
  const trimmed = line.trim()
  return trimmed !== "" && !trimmed.startsWith("#")
}

function readyReport(client: Client) {
  const { listening } = client
  const { tracker } = client.snapshot()
  const own = tracker.kind === "own" ? " (started inside this client)" : ""
  return {
    event: "ready",
    lines: [
      `listening on ${formatHostPort(listening.host, listening.port)}, ${tracker.state === "none" ? "no tracker" : `tracker ${tracker.url}${own}`}`,
    ],
    fields: { host: listening.host, port: listening.port, tracker: tracker.url, tracker_kind: tracker.kind },
  }
}

function tellEvent(event: ClientEvent, printer: LinePrinter): void {
  if (event.level !== "warn" && event.level !== "error") return
  const { name, level, message, document, peer, facts } = event
  const about = document === undefined ? "" : `${document.name}: `
  printer.report({
    event: "note",
    lines: [`${level === "warn" ? "warning" : "error"}: ${about}${message}`],
    fields: { name, level, message, document: document?.id ?? null, peer: peer ?? null, facts: factFields(facts, 0) },
  })
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener("abort", () => resolve(), { once: true })
  })
}
