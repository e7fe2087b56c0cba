import { EndedBySignal } from "../base/ending-signal.js"
import { ExitCode } from "../base/exit-codes.js"
import type { Audience, CommandRun } from "../commands/session.js"
import type { GivenCommand } from "../commands/words.js"
import type { ControlLink, LinkEnd } from "./control-link.js"
import { type Answer, commandFault } from "./protocol.js"

/** Commands that the running client carries out for this process. */
export class RemoteRun implements CommandRun {
  readonly #link: ControlLink
  readonly #audience: Audience
  readonly #quitting: AbortSignal
  readonly #onQuit: () => void
  readonly #waiting = new Map<number, (ok: boolean) => void>()
  readonly #stop: () => void
  #count = 0
  #exitCode: ExitCode = ExitCode.ok
  #isUnfinished = false
  /** This process has asked the client to end. */
  #quits = false
  #isSettling = false
  #isOver = false
  #onSettled: () => void = () => {}

  constructor(link: ControlLink, audience: Audience, quitting: AbortSignal, onQuit: () => void) {
    this.#link = link
    this.#audience = audience
    this.#quitting = quitting
    this.#onQuit = onQuit
    this.#stop = link.onAnswer((answer) => this.#onAnswer(answer))
    void link.ended.then((end) => this.#onEnd(end))
    quitting.addEventListener("abort", this.#interrupt, { once: true })
  }

  get exitCode(): ExitCode {
    return this.#exitCode
  }

  get isUnfinished(): boolean {
    return this.#isUnfinished
  }

  run(given: GivenCommand): Promise<boolean> {
    if (this.#isOver) {
      this.#fail(`the running client (${this.#link.process}) has ended`)
      return Promise.resolve(false)
    }
    const run = ++this.#count
    const command = typeof given === "string" ? given : [...given]
    const fault = commandFault(command)
    if (fault !== undefined) {
      this.#remember(ExitCode.command)
      this.#audience.failure(fault)
      return Promise.resolve(false)
    }
    return new Promise((resolve) => {
      this.#waiting.set(run, resolve)
      if (this.#quitting.aborted) return this.#interrupt()
      this.#link.send({ kind: "run", run, command })
    })
  }

  async settled(): Promise<void> {
    // The client has given its folder back when the connection ends.
    if (this.#quits) return void (await this.#link.ended)
    if (this.#quitting.aborted || this.#isOver) return
    await new Promise<void>((resolve) => {
      this.#isSettling = true
      this.#onSettled = () => {
        this.#isSettling = false
        resolve()
      }
      this.#link.send({ kind: "settle" })
    })
  }

  close(): void {
    this.#isOver = true
    this.#quitting.removeEventListener("abort", this.#interrupt)
    this.#stop()
    this.#link.close()
  }

  #onAnswer(answer: Answer): void {
    if (this.#isOver) return
    switch (answer.kind) {
      case "report":
        return this.#audience.report(answer.report)
      case "failure":
        return this.#audience.failure(answer.failure)
      case "done":
        return this.#onDone(answer)
      case "settled":
        this.#remember(answer.exitCode)
        this.#isUnfinished = answer.isUnfinished
        return this.#onSettled()
      case "ending":
        return this.#onEnd("left")
      default:
        return
    }
  }

  #onDone({ run, ok, exitCode, quits }: Extract<Answer, { kind: "done" }>): void {
    this.#remember(exitCode)
    this.#waiting.get(run)?.(ok)
    this.#waiting.delete(run)
    if (!quits) return
    this.#quits = true
    this.#onQuit()
  }

  /** What is waited for has no end any more, and further commands have no place. */
  #onEnd(end: LinkEnd): void {
    if (this.#isOver || this.#quits) return
    this.#isOver = true
    const { refusal, process } = this.#link
    const how = end === "left" ? "was left" : refusal === undefined ? "ended without a word" : `refused (${refusal})`
    const isAwaited = this.#waiting.size > 0 || this.#isSettling
    this.#fail(`the running client (${process}) ${how}${isAwaited ? " before this was done" : ""}`)
    for (const resolve of this.#waiting.values()) resolve(false)
    this.#waiting.clear()
    this.#onSettled()
    this.#onQuit()
  }

  #fail(message: string): void {
    this.#remember(ExitCode.clientEnded)
    this.#audience.failure({ code: "client_ended", message })
  }

  #remember(code: ExitCode): void {
    if (this.#exitCode === ExitCode.ok) this.#exitCode = code
  }

  /** The wait ends, the work does not. */
  #tellContinues(): void {
    const { process, pid } = this.#link
    const lines = [`not waiting any more: the running client (${process}) continues the download`]
    this.#audience.report({ event: "left_running", lines, fields: { pid } })
  }

  #reason(): string {
    const { reason } = this.#quitting
    return reason instanceof EndedBySignal ? ` (${reason.signal} came)` : ""
  }

  /** The waits of this process end. */
  readonly #interrupt = (): void => {
    if (this.#quits || this.#isOver) return
    if (this.#waiting.size > 0) {
      this.#isUnfinished = true
      const message = `this process does not wait any more${this.#reason()}; what the command has begun continues in the running client (${this.#link.process})`
      this.#audience.failure({ code: "interrupted", message })
    }
    for (const resolve of this.#waiting.values()) resolve(false)
    this.#waiting.clear()
    if (!this.#isSettling) return
    this.#isUnfinished = true
    this.#tellContinues()
    this.#onSettled()
  }
}
