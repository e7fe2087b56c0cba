import { fstatSync, writeSync } from "node:fs"
import type { Writable } from "node:stream"
import { isatty } from "node:tty"
import { errnoOf } from "../../core/index.js"
import { neverWaitFor } from "../base/non-blocking.js"

/** What happened to an output. */
export interface OutputListener {
  /** The reader of a pipe is gone: nothing will ever be read. Called once. */
  onBrokenPipe(): void
  /** Text is being lost: a full disk, a terminal that is gone. Called with the first of such errors, and again after a write went well. */
  onLoss(error: Error): void
}

/**
 * Bytes that wait for a reader that has stopped, beside the longest text if that alone is more: a list of thousands of documents is no sign of
 * such a reader. Further bytes are lost, so that memory stays bounded without a reader.
 */
const MAX_WAITING_BYTES = 1024 * 1024

/** A reader that takes nothing for this time has stopped; commands from a pipe no longer wait for it. Our choice. */
const PATIENCE_MS = 10_000

/**
 * Standard output or error, to a file, a pipe or a terminal: text that can't be written is lost, and the program continues. A file is written by its
 * descriptor, since Node's stream for it throws out of `write` and takes nothing any more after the first error.
 */
export class Output {
  readonly #stream: Writable
  readonly #fileDescriptor: number | undefined
  readonly #listener: OutputListener
  #isBroken = false
  #isLosing = false
  #hasLost = false
  /** Of one text, since all was written last. */
  #longestBytes = 0
  /** `drained` does not wait for the reader until it takes something again. */
  #hasStopped = false

  constructor(stream: Writable & { readonly fd?: number }, listener: OutputListener) {
    this.#stream = stream
    this.#fileDescriptor = stream.fd !== undefined && isFile(stream.fd) ? stream.fd : undefined
    this.#listener = listener
    stream.on("error", (error) => this.#onError(error))
    if (stream.fd !== undefined && isatty(stream.fd)) neverWaitFor(stream)
  }

  /** Has anything been lost, but for what a reader that went away did not read? */
  get hasLost(): boolean {
    return this.#hasLost
  }

  write(text: string): void {
    if (this.#isBroken) return
    if (this.#fileDescriptor !== undefined) return this.#writeFile(this.#fileDescriptor, text)
    if (this.#stream.destroyed) return this.#lose(this.#stream.errored ?? new Error("it is closed"))
    const waitingBytes = this.#stream.writableLength
    if (waitingBytes === 0) this.#longestBytes = 0
    const besideBytes = this.#longestBytes > MAX_WAITING_BYTES ? this.#longestBytes : 0
    if (waitingBytes > MAX_WAITING_BYTES + besideBytes) return this.#lose(new Error("its reader does not read"))
    this.#stream.write(text, (error) => {
      if (!error) this.#isLosing = false
    })
    this.#longestBytes = Math.max(this.#longestBytes, this.#stream.writableLength - waitingBytes)
  }

  /** Resolves when the stream takes more, when its reader has stopped, or when `signal` is aborted. */
  async drained(signal: AbortSignal): Promise<void> {
    const stream = this.#stream
    if (!stream.writableNeedDrain || this.#isBroken || this.#hasStopped || stream.destroyed || signal.aborted) return
    await new Promise<void>((resolve) => {
      const events = ["drain", "close", "error"]
      const done = (): void => {
        for (const event of events) stream.off(event, done)
        signal.removeEventListener("abort", done)
        clearTimeout(patience)
        resolve()
      }
      const patience = setTimeout(() => {
        this.#hasStopped = true
        stream.once("drain", () => {
          this.#hasStopped = false
        })
        done()
      }, PATIENCE_MS)
      for (const event of events) stream.once(event, done)
      signal.addEventListener("abort", done)
    })
  }

  /** Calls back when everything that can be written is. */
  end(onEnd: () => void): void {
    if (this.#fileDescriptor !== undefined || this.#isBroken || this.#stream.destroyed) onEnd()
    else this.#stream.write("", onEnd)
  }

  #writeFile(fd: number, text: string): void {
    try {
      let rest = Buffer.from(text)
      while (rest.length > 0) rest = rest.subarray(writeSync(fd, rest))
      this.#isLosing = false
    } catch (error) {
      if (errnoOf(error) === undefined) throw error
      this.#onError(error as Error)
    }
  }

  #onError(error: Error): void {
    if (errnoOf(error) === undefined) throw error
    if (errnoOf(error) !== "EPIPE") return this.#lose(error)
    if (this.#isBroken) return
    this.#isBroken = true
    this.#listener.onBrokenPipe()
  }

  #lose(error: Error): void {
    this.#hasLost = true
    if (this.#isLosing) return
    this.#isLosing = true
    this.#listener.onLoss(error)
  }
}

/** Whether Node takes the descriptor for a file: neither a terminal, nor a pipe, nor a socket. */
function isFile(fd: number): boolean {
  if (isatty(fd)) return false
  const stats = fstatSync(fd)
  return stats.isFile() || stats.isCharacterDevice()
}
