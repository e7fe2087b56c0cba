import { env } from "node:process"
import type { Writable } from "node:stream"
import { printable, printableJson } from "../base/printable.js"
import type { Failure, Report } from "../commands/report.js"
import type { Audience } from "../commands/session.js"
import { MovingLine } from "./moving-line.js"
import { Output } from "./output.js"

export interface LinePrinterOptions {
  readonly stdout: Writable & { readonly isTTY?: boolean }
  readonly stderr: Writable
  readonly json: boolean
  /** On a terminal progress is one line that moves: for a single command, beside which nothing is typed. */
  readonly isMoving?: boolean
  /** Called once when the reader of stdout, or of stderr, is gone (EPIPE). */
  readonly onBrokenPipe: () => void
}

/** Says everything in lines: reports on stdout, failures on stderr, plain or as JSON. What one can't take is said on the other. */
export class LinePrinter implements Audience {
  readonly #json: boolean
  readonly #stdout: Output
  readonly #stderr: Output
  readonly #moving: MovingLine | undefined
  /** What the engine says of a document that has failed: the download that waits for it may fail with the same words at once. */
  #held: Report | undefined

  constructor({ json, stdout, stderr, isMoving = false, onBrokenPipe }: LinePrinterOptions) {
    this.#json = json
    const canMove = isMoving && !json && stdout.isTTY === true && env["TERM"] !== "dumb"
    this.#moving = canMove ? new MovingLine((text) => this.#stdout.write(text)) : undefined
    this.#stdout = new Output(stdout, { onBrokenPipe, onLoss: (error) => this.failure(lost("stdout", error)) })
    this.#stderr = new Output(stderr, { onBrokenPipe, onLoss: (error) => this.#report(lost("stderr", error)) })
  }

  /** Some text could not be written. */
  get hasLost(): boolean {
    return this.#stdout.hasLost || this.#stderr.hasLost
  }

  report = (report: Report): void => {
    this.#release()
    if (!this.#json && report.event === "note" && report.fields["level"] === "error") return this.#hold(report)
    this.#print(report)
  }

  #hold(report: Report): void {
    this.#held = report
    setImmediate(() => this.#release())
  }

  #release(): void {
    const held = this.#held
    this.#held = undefined
    if (held !== undefined) this.#print(held)
  }

  #print(report: Report): void {
    if (this.#moving !== undefined && MOVES.has(report.event))
      return this.#moving.show(printable(report.lines[0] ?? ""))
    this.#write(
      this.#stdout,
      this.#json
        ? [printableJson({ event: report.event, ...report.fields })]
        : [...report.lines, ...(report.qr ?? []), ...(report.link === undefined ? [] : [report.link])].map(printable),
    )
  }

  failure = ({ code, message }: Failure): void => {
    // One line says it: the failure's, which scripts read.
    if (this.#held?.fields["message"] === message) this.#held = undefined
    this.#release()
    // A message of several lines stays one: the form is one line a failure.
    const line = this.#json ? printableJson({ event: "error", code, message }) : `ERROR ${code} ${printable(message)}`
    this.#write(this.#stderr, [line])
  }

  /**
   * Resolves when stdout takes more, or `signal` is aborted: the reader of commands waits for it, so that a slow reader of stdout
   * slows the input down.
   */
  drained(signal: AbortSignal): Promise<void> {
    return this.#stdout.drained(signal)
  }

  /** No report comes after it. */
  end(): void {
    this.#release()
    this.#moving?.end()
  }

  #report({ code, message }: Failure): void {
    this.report({ event: "error", lines: [`error: ${message}`], fields: { code, message } })
  }

  #write(output: Output, lines: readonly string[]): void {
    if (lines.length === 0) return
    this.#moving?.clear()
    output.write(`${lines.join("\n")}\n`)
  }
}

/** Reports that the next one of their kind replaces. */
const MOVES: ReadonlySet<string> = new Set(["progress", "hashing"])

function lost(name: string, error: Error): Failure {
  return { code: "output_lost", message: `${name} can't be written: ${error.message}` }
}
