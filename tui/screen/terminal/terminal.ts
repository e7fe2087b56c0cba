import { EventEmitter } from "node:events"
import { closeSync, constants, openSync, writeSync } from "node:fs"
import type { ReadStream, WriteStream as TtyStream } from "node:tty"
import { errnoOf } from "../../../core/index.js"
import { neverWaitFor } from "../../base/non-blocking.js"

/** A terminal to write to, with the descriptor for writes that must not wait. */
export type WriteStream = TtyStream & { readonly fd: number }

/** Cursor hidden; pasted text marked; no line is broken: what a terminal finds too long is cut at its edge. */
const MODES = "\u001B[?25l\u001B[?2004h\u001B[?7l"
/** Reports of clicks and the wheel, with places of any size (xterm, "Extended coordinates"). */
const MOUSE_ON = "\u001B[?1000h\u001B[?1006h"
const MOUSE_OFF = "\u001B[?1006l\u001B[?1000l"
/** Alternate screen, cleared. */
const ENTER = `\u001B[?1049h\u001B[2J\u001B[H${MODES}`
/** The same without keeping the cursor, whose place in the normal screen is kept already; region, style and character set as they begin. */
const ENTER_AGAIN = `\u001B[?1047h\u001B[r\u001B[0m\u001B(B\u000F${MODES}`
/** Synchronized update ended, lines broken, pasted text not marked, cursor shown, style reset, normal screen. */
const LEAVE = `${MOUSE_OFF}\u001B[?2026l\u001B[?7h\u001B[?2004l\u001B[?25h\u001B[0m\u001B[?1049l`
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
  #mouse = false
  #around = { begin: "", end: "" }

  constructor(stdin: ReadStream, stdout: WriteStream) {
    this.#stdin = stdin
    this.#stdout = stdout
    this.output = new ScreenOutput(stdout)
    stdout.on("error", ignoreGoneTerminal)
    neverWaitFor(stdout)
  }

  /** What else is sent when the terminal is taken, and when it is given back. */
  surround(around: { readonly begin: string; readonly end: string }): void {
    this.#around = around
  }

  /** Raw keys, alternate screen. Doing it twice is harmless. */
  take(): void {
    this.#taken = true
    this.output.open = true
    this.#stdin.setRawMode(true)
    this.#stdin.resume()
    this.#stdout.write(this.#around.begin + ENTER + (this.#mouse ? MOUSE_ON : ""))
  }

  /** Gives the terminal back as it was: once, and at once (the process may be about to die). */
  restore(): void {
    if (!this.#taken) return
    this.#taken = false
    this.output.open = false
    const leave = LEAVE + this.#around.end
    writeNow(this.#stdout.fd, leave)
    // Frames that wait for the terminal come after that, should it take them yet.
    if (this.#stdout.writableLength > 0) this.#stdout.write(leave)
    try {
      this.#stdin.setRawMode(false)
    } catch {
      // The terminal itself is gone (SIGHUP): there is nothing left to put right.
    }
    this.#stdin.pause()
  }

  /** Sets every mode anew, because another program may have changed them. */
  repair(): void {
    if (!this.#taken) return
    this.#stdin.setRawMode(true)
    this.#stdout.write(ENTER_AGAIN + (this.#mouse ? MOUSE_ON : MOUSE_OFF))
  }

  /** Takes clicks and the wheel from the terminal, or leaves them to it. */
  takeMouse(on: boolean): void {
    this.#mouse = on
    if (this.#taken) this.#stdout.write(on ? MOUSE_ON : MOUSE_OFF)
  }

  /** Empties the screen, before everything is drawn anew. */
  clear(): void {
    this.#stdout.write(CLEAR)
  }

  /** Puts text straight onto the terminal: for control sequences that draw nothing. */
  send(sequence: string): void {
    if (this.#taken) this.#stdout.write(sequence)
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

/** Bytes that may wait for the terminal: some frames. While there are more, no frame is written. */
const MAX_WAITING_BYTES = 64 * 1024

/**
 * The parts of a terminal's stdout that Ink uses. Ink gets no resize events: the screen is drawn anew then. A terminal that takes
 * nothing misses frames; "caught-up" is emitted when it takes them again, and everything has to be drawn anew.
 */
export class ScreenOutput extends EventEmitter {
  readonly isTTY = true
  open = true
  #isBehind = false
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
    if (!this.open || this.#isBehind) return true
    if (this.#stdout.writableLength > MAX_WAITING_BYTES) {
      this.#isBehind = true
      this.#stdout.once("drain", () => {
        this.#isBehind = false
        this.emit("caught-up")
      })
      return true
    }
    this.bytesWritten += Buffer.byteLength(chunk)
    return this.#stdout.write(chunk)
  }
}

/** A terminal that has just been written to takes more in a moment; one that has stopped never does. */
const MAX_ATTEMPTS = 1_000

/** Writes at once, as far as the terminal takes it: the process may be about to die. */
function writeNow(fd: number, text: string): void {
  const own = openNonBlocking(fd)
  let rest = Buffer.from(text)
  for (let attempt = 0; attempt < MAX_ATTEMPTS && rest.length > 0; attempt++) {
    try {
      rest = rest.subarray(writeSync(own ?? fd, rest))
    } catch (error) {
      // EIO, EBADF and EPIPE: the terminal is gone, and so is the need to write to it.
      if (errnoOf(error) !== "EAGAIN") break
    }
  }
  if (own !== undefined) closeSync(own)
}

/** A description of the terminal of its own, since others share the first one. Undefined where the system has no name for it. */
function openNonBlocking(fd: number): number | undefined {
  const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants
  try {
    const path = process.platform === "linux" ? `/proc/self/fd/${fd}` : "/dev/tty"
    return openSync(path, O_WRONLY | O_NONBLOCK | O_NOCTTY)
  } catch {
    // It is gone, or not this process's to open: written to as it is.
    return undefined
  }
}
