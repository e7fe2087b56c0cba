import { constants, fstatSync, openSync, writeSync } from "node:fs"
import { Socket } from "node:net"
import { errnoOf } from "../../core/base/errors.js"

/** Lines that wait for room are kept up to this size; newer ones are lost, and counted. Ours. */
const MAX_WAITING_BYTES = 64 * 1024

/** How often waiting lines are tried again when no new one comes. */
const TRY_AGAIN_MS = 1_000

export interface LogOutputOptions {
  /** Called once per failure of the output (not for a slow reader), with the errno code. */
  readonly onFailed?: (code: string) => void
  /** Default: fs.writeSync on a descriptor that never blocks. Returns the bytes written; throws a Node system error. */
  readonly write?: (bytes: Buffer) => number
}

/**
 * Writes log lines to a descriptor that may be a full disk, a closed terminal, or a pipe without a reader. It never throws
 * and never waits: lines that cannot be written are kept for a while, then counted as lost, and writing resumes when there
 * is room. (pino's own destination retries without end, on this thread.)
 */
export class LogOutput {
  readonly #write: (bytes: Buffer) => number
  readonly #onFailed: (code: string) => void
  #waiting: Buffer[] = []
  #waitingBytes = 0
  #lost = 0
  #hasFailed = false
  #retry: NodeJS.Timeout | undefined

  /** `fd`: 1 or 2. */
  constructor(fd: number, options: LogOutputOptions = {}) {
    this.#onFailed = options.onFailed ?? (() => {})
    if (options.write !== undefined) this.#write = options.write
    else {
      const open = openUnblocked(fd)
      this.#write = (bytes) => writeSync(open, bytes)
    }
  }

  /** One or more whole lines. */
  write(text: string): void {
    if (this.#waiting.length > 0) this.#writeWaiting()
    if (this.#waiting.length === 0) this.#append(Buffer.from(text))
    else if (this.#waitingBytes + text.length <= MAX_WAITING_BYTES) this.#keep(Buffer.from(text))
    else this.#lost++
  }

  #writeWaiting(): void {
    const waiting = this.#waiting
    this.#waiting = []
    this.#waitingBytes = 0
    for (const bytes of waiting) this.#append(bytes)
    if (this.#waiting.length > 0 || this.#lost === 0) return
    const notice = { level: 40, time: new Date().toISOString(), lost: this.#lost, msg: "lines of this log were lost" }
    this.#lost = 0
    this.#append(Buffer.from(`${JSON.stringify(notice)}\n`))
  }

  /** Writes, or keeps what could not be written; nothing overtakes what waits. */
  #append(bytes: Buffer): void {
    if (this.#waiting.length > 0) return this.#keep(bytes)
    let rest = bytes
    try {
      while (rest.length > 0) rest = rest.subarray(this.#write(rest))
      this.#hasFailed = false
    } catch (error) {
      this.#keep(rest)
      const code = errnoOf(error) ?? String(error)
      if (code === "EAGAIN" || this.#hasFailed) return
      this.#hasFailed = true
      this.#onFailed(code)
    }
  }

  #keep(bytes: Buffer): void {
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined
      this.#writeWaiting()
    }, TRY_AGAIN_MS).unref()
  }
}

/**
 * A descriptor for the same output whose writes fail with EAGAIN where they would wait. Terminals and pipes are opened once
 * more, so that other programs on them stay in blocking mode; a socket (journald's) can only be switched over.
 */
function openUnblocked(fd: number): number {
  try {
    const kind = fstatSync(fd)
    if (kind.isFIFO() || kind.isCharacterDevice())
      return openSync(`/dev/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
    // libuv switches a descriptor over when it takes it; it is written to directly all the same.
    if (kind.isSocket()) new Socket({ fd, readable: false, writable: true }).on("error", () => {}).unref()
  } catch {
    // Closed, the terminal of another user, or no such name on this system: it is written to as it is.
  }
  return fd
}

let errors: LogOutput | undefined

/** Prints for people, to stderr, with an end of line. Never throws and never waits. */
export function printError(text: string): void {
  errors ??= new LogOutput(2)
  errors.write(`${text}\n`)
}
