import { once } from "node:events"
import { appendFileSync } from "node:fs"
import { join } from "node:path"
import pino from "pino"
import { createStream } from "rotating-file-stream"
import { makeFolder } from "../core/index.js"
import type { LogLevel } from "./config.js"
import type { JournalEntry } from "./journal.js"
import { printableJson } from "./printable.js"

/** One file of 10 MB is looked through in an editor without waiting; five of them cover weeks of normal use. */
const ROTATE_AT = "10M"
const KEEP_FILES = 5

export interface LogFile {
  readonly path: string
  write(entry: JournalEntry): void
  /** A last line before the process dies: written at once, past every buffer. Never throws. */
  writeCrash(error: unknown): void
  /** Resolves when everything is in the file. May be called twice. */
  close(): Promise<void>
}

/**
 * Opens `<stateFolder>/log/p2p-tui.log`: one JSON object a line with time, level, event, message, document and peer.
 * Rotated by size. `onError` hears of a disk that takes no more lines; the client goes on without its log.
 */
export async function openLogFile(
  stateFolder: string,
  level: LogLevel,
  onError: (error: Error) => void,
): Promise<LogFile> {
  const folder = join(stateFolder, "log")
  await makeFolder(folder)
  const path = join(folder, "p2p-tui.log")
  const stream = createStream("p2p-tui.log", {
    path: folder,
    size: ROTATE_AT,
    maxFiles: KEEP_FILES,
    history: ".rotated",
  })
  stream.on("error", onError)
  const logger = pino(pinoOptions(level), stream)
  return {
    path,
    write: (entry) => logger[entry.level](lineFields(entry), entry.message),
    writeCrash: (error) => writeCrashLine(path, error),
    close: async () => {
      if (stream.writableFinished || stream.destroyed) return
      const closed = once(stream, "close")
      if (!stream.writableEnded) stream.end()
      await closed
    },
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
    ...facts,
  }
}

function writeCrashLine(path: string, error: unknown): void {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  const line = { level: "fatal", time: new Date().toISOString(), event: "crash", msg: stack }
  try {
    appendFileSync(path, `${printableJson(line)}\n`)
  } catch {
    // The process is dying of something else, which is about to be printed; a full disk must not hide it.
  }
}
