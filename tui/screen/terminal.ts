import { EventEmitter } from "node:events"
import { writeSync } from "node:fs"
import type { ReadStream, WriteStream as TtyStream } from "node:tty"
import { errnoOf } from "../../core/index.js"

/** A terminal to write to, with the descriptor for writes that must not wait. */
export type WriteStream = TtyStream & { readonly fd: number }

/** Alternate screen, cleared; cursor hidden; pasted text marked. */
const ENTER = "\u001B[?1049h\u001B[2J\u001B[H\u001B[?25l\u001B[?2004h"
/** Synchronized update ended, pasted text not marked, cursor shown, style reset, normal screen. */
const LEAVE = "\u001B[?2026l\u001B[?2004l\u001B[?25h\u001B[0m\u001B[?1049l"
const CLEAR = "\u001B[2J\u001B[H"

/**
 * The terminal while the screen has it. Everything Ink writes goes through `output`, which falls silent the moment the
 * terminal is given back: Ink draws a last frame when the process exits, and that would land in the user's scrollback.
 */
export class Terminal {
  readonly output: ScreenOutput
  readonly #stdin: ReadStream
  readonly #stdout: WriteStream
  #taken = false

  constructor(stdin: ReadStream, stdout: WriteStream) {
    this.#stdin = stdin
    this.#stdout = stdout
    this.output = new ScreenOutput(stdout)
    stdout.on("error", ignoreGoneTerminal)
  }

  /** Raw keys, alternate screen. Doing it twice is harmless. */
  take(): void {
    this.#taken = true
    this.output.open = true
    this.#stdin.setRawMode(true)
    this.#stdin.resume()
    writeAll(this.#stdout.fd, ENTER)
  }

  /** Gives the terminal back as it was: once, and at once (the process may be about to die). */
  restore(): void {
    if (!this.#taken) return
    this.#taken = false
    this.output.open = false
    writeAll(this.#stdout.fd, LEAVE)
    try {
      this.#stdin.setRawMode(false)
    } catch {
      // The terminal itself is gone (SIGHUP): there is nothing left to put right.
    }
    this.#stdin.pause()
  }

  /** Empties the screen, before everything is drawn anew. */
  clear(): void {
    writeAll(this.#stdout.fd, CLEAR)
  }

  /** Puts text straight onto the terminal: for control sequences that draw nothing. */
  send(sequence: string): void {
    if (this.#taken) writeAll(this.#stdout.fd, sequence)
  }
}

/**
 * A window that is closed takes its terminal away before SIGHUP arrives, and what was to be drawn or said fails then: that
 * is no bug, and the signal ends the client in order.
 */
function ignoreGoneTerminal(error: Error): void {
  if (!GONE.has(errnoOf(error) ?? "")) throw error
}

const GONE: ReadonlySet<string> = new Set(["EIO", "EBADF", "EPIPE"])

/** The parts of a terminal's stdout that Ink uses. Ink never hears of a resize: the screen is drawn anew then. */
export class ScreenOutput extends EventEmitter {
  readonly isTTY = true
  open = true
  /** Bytes drawn so far. */
  bytesWritten = 0
  readonly #stdout: WriteStream

  constructor(stdout: WriteStream) {
    super()
    this.#stdout = stdout
  }

  get columns(): number {
    return this.#stdout.columns || 80
  }

  get rows(): number {
    return this.#stdout.rows || 24
  }

  /** Runs `action` with nothing of what it writes coming through. */
  silently(action: () => void): void {
    const before = this.open
    this.open = false
    try {
      action()
    } finally {
      this.open = before
    }
  }

  write = (chunk: string): boolean => {
    if (!this.open) return true
    const sent = isFrame(chunk) ? CURSOR_UP + chunk : chunk
    this.bytesWritten += Buffer.byteLength(sent)
    return this.#stdout.write(sent)
  }
}

/**
 * Ink 6.8.0's incremental renderer goes one line too few up from below the frame to its first line (log-update.js,
 * createIncremental: it forgets the newline at the end). One line up before each frame puts that right; at the top of
 * the screen, before the first frame, it does nothing. terminal.test.ts shows it on a terminal.
 */
const CURSOR_UP = "\u001B[A"

/** Frames go from line to line; what Ink writes besides them (synchronization, a moved cursor) does not. */
function isFrame(chunk: string): boolean {
  return chunk.includes("\n") || chunk.includes("\u001B[E")
}

/** A terminal's descriptor may be non-blocking: what it doesn't take now, it takes soon. */
const MAX_ATTEMPTS = 1_000

function writeAll(fd: number, text: string): void {
  let rest = Buffer.from(text)
  for (let attempt = 0; attempt < MAX_ATTEMPTS && rest.length > 0; attempt++) {
    try {
      rest = rest.subarray(writeSync(fd, rest))
    } catch (error) {
      // EIO, EBADF and EPIPE: the terminal is gone, and so is the need to write to it.
      if (errnoOf(error) !== "EAGAIN") return
    }
  }
}
