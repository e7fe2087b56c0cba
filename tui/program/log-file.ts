import { appendFileSync } from "node:fs"
import { join } from "node:path"
import pino from "pino"
import { createStream, type RotatingFileStream } from "rotating-file-stream"
import { makeFolder } from "../../core/index.js"
import { printableJson } from "../base/printable.js"
import { factFields } from "../commands/fact-fields.js"
import type { JournalEntry } from "../commands/journal.js"
import type { LogLevel } from "../config/config.js"

/** One file of 10 MB is looked through in an editor without waiting; five of them cover weeks of normal use. */
const ROTATE_AT = "10M"
const KEEP_FILES = 5

/** The log names documents and peers. */
const FILE_MODE = 0o600

export interface LogFile {
  readonly path: string
  write(entry: JournalEntry): void
  /** A last line before the process dies: written at once, past every buffer. Never throws. */
  writeCrash(error: unknown): void
  /** Resolves when everything is in the file; lines that come later are dropped. May be called twice. */
  close(): Promise<void>
}

/** How long the log is left alone after its disk has failed. */
const RETRY_MS = 5_000

/** Bytes that wait for a slow disk. Further bytes are lost, so that memory stays bounded with a slow disk. */
const MAX_WAITING_BYTES = 1024 * 1024

/**
 * Opens `<stateFolder>/log/p2p-tui.log`: one JSON object a line with time, level, event, message, document and peer.
 * Rotated by size. `onError` is called once per failure of the disk; the client keeps running, and
 * the log says how many lines it lost. `now`: a clock that is never set, milliseconds.
 */
export async function openLogFile(
  stateFolder: string,
  level: LogLevel,
  onError: (error: Error) => void,
  now: () => number = () => performance.now(),
): Promise<LogFile> {
  const folder = join(stateFolder, "log")
  await makeFolder(folder, 0o700)
  const path = join(folder, "p2p-tui.log")
  const lines = new LogLines(folder, onError, now)
  const logger = pino(pinoOptions(level), lines)
  return {
    path,
    write: (entry) => logger[entry.level](lineFields(entry), entry.message),
    writeCrash: (error) => writeCrashLine(path, error),
    close: () => lines.close(),
  }
}

/** Lines on their way into the file. After an error the stream takes no more: there is another one when the disk has had some time. */
class LogLines {
  readonly #folder: string
  readonly #onError: (error: Error) => void
  readonly #now: () => number
  #stream: RotatingFileStream
  /** A stream says that it failed to the line under way, and again once its file is closed, which a slow disk may put off for long. */
  readonly #knownFailures = new WeakSet<RotatingFileStream>()
  #failedAt = Number.NEGATIVE_INFINITY
  #isFailing = false
  #isClosed = false
  #lostCount = 0

  constructor(folder: string, onError: (error: Error) => void, now: () => number) {
    this.#folder = folder
    this.#onError = onError
    this.#now = now
    this.#stream = this.#open()
  }

  write(line: string): void {
    if (this.#isClosed) return
    if (this.#isDead()) {
      if (this.#now() - this.#failedAt < RETRY_MS) return void this.#lostCount++
      this.#stream = this.#open()
    }
    if (this.#stream.writableLength > MAX_WAITING_BYTES) return void this.#lostCount++
    const stream = this.#stream
    stream.write(line, (error) => {
      if (error) this.#lose(1, stream, error)
      else if (stream.writable && (this.#isFailing || this.#lostCount > 0)) this.#recovered(stream)
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const stream = this.#stream
    if (stream.writableFinished || stream.closed) return
    // An error comes first when the disk fails now; it is known by then.
    const closed = new Promise<void>((resolve) => stream.once("close", resolve))
    if (!stream.writableEnded && !stream.destroyed) stream.end()
    await closed
  }

  #isDead(): boolean {
    return this.#stream.destroyed || this.#stream.errored !== null
  }

  #open(): RotatingFileStream {
    const stream = createStream("p2p-tui.log", {
      path: this.#folder,
      size: ROTATE_AT,
      maxFiles: KEEP_FILES,
      history: ".rotated",
      mode: FILE_MODE,
    })
    return stream.on("error", (error) => this.#failed(stream, error))
  }

  #lose(lineCount: number, stream: RotatingFileStream, error: Error): void {
    this.#lostCount += lineCount
    this.#failed(stream, error)
  }

  #failed(stream: RotatingFileStream, error: Error): void {
    if (this.#knownFailures.has(stream)) return
    this.#knownFailures.add(stream)
    this.#failedAt = this.#now()
    if (this.#isFailing) return
    this.#isFailing = true
    this.#onError(error)
  }

  #recovered(stream: RotatingFileStream): void {
    const lostCount = this.#lostCount
    const message = `${lostCount} lines were lost: the disk did not take them`
    this.#isFailing = false
    this.#lostCount = 0
    stream.write(
      `${printableJson({ level: "warn", time: new Date().toISOString(), event: "log_resumed", msg: message })}\n`,
      (error) => {
        if (error) this.#lose(lostCount, stream, error)
      },
    )
  }
}

function pinoOptions(level: LogLevel): pino.LoggerOptions {
  return {
    level,
    // Process id and host say nothing here: one folder, one client.
    base: null,
    timestamp: false,
    formatters: { level: (label) => ({ level: label }) },
  }
}

function lineFields({ atMs, name, document, peer, facts }: JournalEntry): Record<string, unknown> {
  return {
    time: new Date(atMs).toISOString(),
    event: name,
    ...(document === undefined ? {} : { document: document.id, name: document.name }),
    ...(peer === undefined ? {} : { peer }),
    ...factFields(facts, atMs),
  }
}

function writeCrashLine(path: string, error: unknown): void {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const line = { level: "fatal", time: new Date().toISOString(), event: "crash", msg: stack }
  try {
    appendFileSync(path, `${printableJson(line)}\n`, { mode: FILE_MODE })
  } catch {
    // The process is dying of something else, which is about to be printed; a full disk must not hide it.
  }
}
