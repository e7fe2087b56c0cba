import { once } from "node:events"
import type { Writable } from "node:stream"
import { errnoOf } from "../core/index.js"
import { printable, printableJson } from "./printable.js"
import type { Failure, Report } from "./report.js"
import type { Audience } from "./session.js"

export interface LinePrinterOptions {
  readonly stdout: Writable
  readonly stderr: Writable
  readonly json: boolean
  /** Called once when the reader of stdout is gone (EPIPE). */
  readonly onBrokenPipe: () => void
}

/** Says everything in lines: reports on stdout, failures on stderr, plain or as JSON. */
export class LinePrinter implements Audience {
  readonly #options: LinePrinterOptions
  #broken = false

  constructor(options: LinePrinterOptions) {
    this.#options = options
    options.stdout.on("error", (error) => this.#onError(error))
    options.stderr.on("error", (error) => this.#onError(error))
  }

  report = (report: Report): void => {
    const { json, stdout } = this.#options
    if (json) this.#write(stdout, [printableJson({ event: report.event, ...report.fields })])
    else this.#write(stdout, report.lines.map(printable))
  }

  failure = ({ code, message }: Failure): void => {
    const { json, stderr } = this.#options
    // A message of several lines stays one: the form is one line a failure.
    if (json) this.#write(stderr, [printableJson({ event: "error", code, message })])
    else this.#write(stderr, [`ERROR ${code} ${printable(message)}`])
  }

  /** Resolves when stdout takes more: whoever reads commands waits here, so that a slow reader slows the input down. */
  async drained(): Promise<void> {
    const { stdout } = this.#options
    if (!stdout.writableNeedDrain || this.#broken) return
    await Promise.race([once(stdout, "drain"), once(stdout, "close")])
  }

  #write(stream: Writable, lines: readonly string[]): void {
    if (this.#broken || lines.length === 0) return
    stream.write(`${lines.join("\n")}\n`)
  }

  #onError(error: Error): void {
    if (errnoOf(error) !== "EPIPE") throw error
    if (this.#broken) return
    this.#broken = true
    this.#options.onBrokenPipe()
  }
}
