import type { Socket } from "node:net"
import { type Client, expectManyListeners } from "../../core/index.js"
import { noteReport, readyReport } from "../commands/event-reports.js"
import type { Journal } from "../commands/journal.js"
import { ProgressLines } from "../commands/progress-lines.js"
import type { Report } from "../commands/report.js"
import { CallerRuns } from "./caller-runs.js"
import { JsonLines } from "./json-lines.js"
import type { TodayOf } from "./picture-maker.js"
import { PictureSender } from "./picture-sender.js"
import {
  type Answer,
  CONTROL_PROTOCOL,
  MAX_ANSWER_BYTES,
  MAX_REQUEST_BYTES,
  type Request,
  requestSchema,
} from "./protocol.js"

type Hello = Extract<Request, { kind: "hello" }>

/** What a caller is served with. */
export interface CallerHost {
  /** "p2p-tui 0.1.0" */
  readonly version: string
  /** The client ends with a single command. */
  readonly isBrief: boolean
  readonly serviceFolder: string
  readonly stateFolder: string
  readonly journal: Journal
  readonly todayOf?: TodayOf
  /** Resolves when the client serves; never, if its start fails. */
  readonly client: Promise<Client>
  /** Why no other program is served; "quit" is always understood. */
  refusal(): string | undefined
  /** Aborted when the client is left: work that callers have begun ends then. */
  readonly leaving: AbortSignal
  /** A caller wants the client to end. */
  quit(): void
}

export interface CallerListener {
  /** The connection is over. */
  onEnd(): void
  /** A command of it is done. */
  onQuiet(): void
}

/** A program that connects and does not say what it is has this long. Our choice. */
const HELLO_TIMEOUT_MS = 10_000

/** Commands of one caller at a time; further ones wait unread. Our choice. */
const MAX_RUNS = 16

/** A caller that does not take this much is not read from, and gets no lines of progress. Our choice. */
const MAX_WAITING_BYTES = 1024 * 1024

/** Answers to its own commands end the connection of a caller that leaves this much unread. Our choice. */
const MAX_UNREAD_BYTES = 16 * 1024 * 1024

/** One attached program, as the running client sees it. */
export class Caller {
  readonly #host: CallerHost
  readonly #lines: JsonLines
  readonly #listener: CallerListener
  /** Ends the waits of its commands. */
  readonly #waits = new AbortController()
  readonly #ends: (() => void)[] = []
  #pictures: PictureSender | undefined
  #runs: CallerRuns | undefined
  #client: Client | undefined
  #hello: Hello | undefined
  #hasEnded = false
  #isRefused = false

  constructor(socket: Socket, host: CallerHost, listener: CallerListener) {
    this.#host = host
    this.#listener = listener
    expectManyListeners(this.#waits.signal)
    this.#lines = new JsonLines(socket, {
      maxLineBytes: MAX_REQUEST_BYTES,
      onValue: (value) => this.#onValue(value),
      onEnd: () => this.#end(),
    })
    this.#lines.onDrained(() => this.#regulate())
    const timer = setTimeout(() => socket.destroy(), HELLO_TIMEOUT_MS).unref()
    this.#ends.push(() => clearTimeout(timer))
    const { version, isBrief: brief } = host
    this.#lines.send({ control: CONTROL_PROTOCOL, version, pid: process.pid, brief }, MAX_ANSWER_BYTES)
  }

  /** The client is being left: what waits is over. */
  leave(): void {
    this.#send({ kind: "ending" })
    this.#waits.abort()
  }

  /** It waits for what it has asked for: a single command until its process ends, other programs while commands are carried out. */
  get isBusy(): boolean {
    return this.#hello?.notes === "own" || this.#runs?.isBusy === true
  }

  /** Ends the connection, when what was sent is out. */
  close(): void {
    this.#lines.finish()
  }

  destroy(): void {
    this.#lines.destroy()
  }

  #onValue(value: unknown): void {
    if (this.#isRefused) return
    const request = requestSchema.safeParse(value)
    if (!request.success) return this.#refuse("a request is not understood")
    const { data } = request
    if (data.kind === "quit") return this.#host.quit()
    if (data.kind === "hello") return this.#onHello(data)
    if (this.#client === undefined || this.#runs === undefined) return this.#refuse("the first request is no hello")
    this.#onRequest(data, this.#client, this.#runs)
  }

  #onHello(hello: Hello): void {
    const { version, client } = this.#host
    if (this.#hello !== undefined) return this.#refuse("a second hello")
    const refusal = this.#host.refusal()
    if (refusal !== undefined) return this.#refuse(refusal)
    if (hello.version !== version) return this.#refuse(`it is ${version}, and is called by ${hello.version}`)
    this.#hello = hello
    this.#endHelloTimer()
    this.#regulate()
    void client.then((ready) => {
      if (!this.#hasEnded) this.#begin(ready, hello)
    })
  }

  #endHelloTimer(): void {
    for (const end of this.#ends.splice(0)) end()
  }

  #begin(client: Client, hello: Hello): void {
    const { serviceFolder, stateFolder, leaving, quit } = this.#host
    this.#client = client
    this.#runs = new CallerRuns({
      ...{ client, leaving, quit, waits: this.#waits.signal },
      paths: { folder: hello.folder ?? serviceFolder, serviceFolder },
      send: (answer) => this.#send(answer),
      onReport: () => this.#pictures?.sendNow(),
      onChange: () => {
        this.#regulate()
        this.#listener.onQuiet()
      },
    })
    this.#send({ kind: "ready", ready: readyReport(client), serviceFolder, stateFolder })
    if (hello.notes !== "none") this.#tellProgress(client, this.#runs, hello.notes === "all")
    this.#regulate()
  }

  #tellProgress(client: Client, runs: CallerRuns, all: boolean): void {
    const report = (each: Report): void => this.#sendIfRead({ kind: "report", run: 0, report: each })
    const isBusy = (): boolean => runs.count > 0
    const progress = new ProgressLines(client, () => runs.followedIds, report, isBusy)
    const isHeard = (id: string | undefined) => all || id === undefined || runs.followedIds.has(id)
    const stop = this.#host.journal.follow((entry) => {
      const note = isHeard(entry.document?.id) ? noteReport(entry) : undefined
      if (note !== undefined) report(note)
    })
    this.#ends.push(progress.close, stop)
  }

  #onRequest(request: Exclude<Request, { kind: "hello" | "quit" }>, client: Client, runs: CallerRuns): void {
    switch (request.kind) {
      case "run":
        return void runs.run(request)
      case "settle":
        return void runs.settle()
      case "note":
        return this.#host.journal.add(request)
      case "watch":
        return this.#watch(request, client)
      case "seen":
        return this.#pictures?.seen()
      default:
        request satisfies never
    }
  }

  #watch(interest: Extract<Request, { kind: "watch" }>, client: Client): void {
    const whole = { ...interest, selected: interest.selected, files: interest.files }
    if (this.#pictures !== undefined) return this.#pictures.lookAt(whole)
    const { journal, todayOf } = this.#host
    const pictures = new PictureSender({ client, journal, todayOf }, whole, (picture) =>
      this.#send({ kind: "picture", picture }),
    )
    this.#pictures = pictures
    this.#ends.push(() => pictures.close())
  }

  /** Nothing is read while the client starts, while enough is under way, and while the caller does not read. */
  #regulate(): void {
    const isStarting = this.#hello !== undefined && this.#client === undefined
    const isBusy = (this.#runs?.count ?? 0) >= MAX_RUNS || this.#lines.waitingBytes > MAX_WAITING_BYTES
    this.#lines.hold(isStarting || isBusy)
  }

  #send(answer: Answer): void {
    if (this.#hasEnded) return
    if (this.#lines.waitingBytes > MAX_UNREAD_BYTES) return this.#lines.destroy()
    if (!this.#lines.send(answer, MAX_ANSWER_BYTES))
      return this.#refuse(`an answer has more than ${MAX_ANSWER_BYTES} bytes`)
    if (this.#lines.waitingBytes > MAX_WAITING_BYTES) this.#regulate()
  }

  /** What a caller that does not read can do without. */
  #sendIfRead(answer: Answer): void {
    if (this.#lines.waitingBytes <= MAX_WAITING_BYTES) this.#send(answer)
  }

  #refuse(message: string): void {
    this.#send({ kind: "refused", message })
    this.#isRefused = true
    this.#lines.finish()
  }

  #end(): void {
    this.#hasEnded = true
    this.#waits.abort()
    for (const end of this.#ends.splice(0)) end()
    this.#listener.onEnd()
  }
}
