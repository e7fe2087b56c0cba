import type { Socket } from "node:net"
import { CommandError } from "../../core/index.js"
import { JsonLines } from "./json-lines.js"
import {
  type Answer,
  CONTROL_PROTOCOL,
  type Greeting,
  greetingSchema,
  MAX_ANSWER_BYTES,
  MAX_REQUEST_BYTES,
  type Request,
} from "./protocol.js"

export type Ready = Extract<Answer, { kind: "ready" }>

type Hello = Omit<Extract<Request, { kind: "hello" }>, "kind">

/** How the connection to the running client ended. */
export type LinkEnd =
  /** It was left in order. */
  | "left"
  /** It ended without a word. */
  | "lost"

/** The connection of this process to the running client. */
export class ControlLink {
  readonly #lines: JsonLines
  readonly #listeners = new Set<(answer: Answer) => void>()
  readonly #greeting: Promise<Greeting | undefined>
  #onGreeting: (greeting: Greeting | undefined) => void = () => {}
  #pid = 0
  #isBrief = false
  #isLeft = false
  #refusal: string | undefined
  /** Resolves when the connection is over. */
  readonly ended: Promise<LinkEnd>
  #onEnded: (end: LinkEnd) => void = () => {}
  /** Resolves when the running client is being left, or the connection is over. */
  readonly left: Promise<unknown>
  #onLeft: () => void = () => {}

  private constructor(socket: Socket) {
    this.#greeting = new Promise((resolve) => {
      this.#onGreeting = resolve
    })
    this.ended = new Promise((resolve) => {
      this.#onEnded = resolve
    })
    const left = new Promise<void>((resolve) => {
      this.#onLeft = resolve
    })
    this.left = Promise.race([left, this.ended])
    this.#lines = new JsonLines(socket, {
      maxLineBytes: MAX_ANSWER_BYTES,
      onValue: (value) => this.#onFirst(value),
      onEnd: () => {
        this.#onGreeting(undefined)
        this.#onEnded(this.#isLeft ? "left" : "lost")
      },
    })
  }

  /** Resolves when the client has said what it is: what is wrong, where it does not within `timeoutMs`. */
  static async greeted(socket: Socket, timeoutMs: number) {
    const link = new ControlLink(socket)
    const timer = setTimeout(() => link.#onGreeting(undefined), timeoutMs)
    const greeting = await link.#greeting
    clearTimeout(timer)
    if (greeting?.control === CONTROL_PROTOCOL) {
      link.#pid = greeting.pid
      link.#isBrief = greeting.brief
      return link
    }
    link.close()
    if (greeting === undefined) return { why: "it does not answer; is it stopped?", mayPass: true }
    return { why: `process ${greeting.pid} is ${greeting.version}, which this version can't talk to`, mayPass: false }
  }

  /** Why the running client ends the connection. */
  get refusal(): string | undefined {
    return this.#refusal
  }

  /** Of the running client. */
  get pid(): number {
    return this.#pid
  }

  /** It ends with a single command. */
  get isBrief(): boolean {
    return this.#isBrief
  }

  /** "process 123" */
  get process(): string {
    return `process ${this.#pid}`
  }

  /**
   * Says what this program is, and waits until the client serves; undefined when it ends before.
   * @throws CommandError "in_use" when it refuses, "interrupted".
   */
  async begin(hello: Hello, signal: AbortSignal): Promise<Ready | undefined> {
    const ready = this.#next((answer) => (answer.kind === "ready" ? answer : undefined))
    this.send({ kind: "hello", ...hello })
    const stop = (): void => this.close()
    signal.addEventListener("abort", stop, { once: true })
    if (signal.aborted) stop()
    const first = await Promise.race([ready, this.ended])
    signal.removeEventListener("abort", stop)
    if (typeof first !== "string") return first
    if (this.#refusal !== undefined)
      throw new CommandError("in_use", `the client that runs (${this.process}) refuses: ${this.#refusal}`)
    if (signal.aborted) throw new CommandError("interrupted", "it ended before the running client answered")
    return undefined
  }

  send(request: Request): void {
    // Commands are measured before.
    this.#lines.send(request, MAX_REQUEST_BYTES)
  }

  /** Returns its undo. */
  onAnswer(listener: (answer: Answer) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): void {
    this.#lines.destroy()
  }

  #next<T>(choose: (answer: Answer) => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const stop = this.onAnswer((answer) => {
        const chosen = choose(answer)
        if (chosen === undefined) return
        stop()
        resolve(chosen)
      })
    })
  }

  #onFirst(value: unknown): void {
    const greeting = greetingSchema.safeParse(value)
    if (greeting.success) return this.#onGreeting(greeting.data)
    // From here on it is the same version of the program, under the same user.
    const answer = value as Answer
    if (answer.kind === "ending") {
      this.#isLeft = true
      this.#onLeft()
    }
    if (answer.kind === "refused") this.#refusal = answer.message
    for (const listener of this.#listeners) listener(answer)
  }
}
