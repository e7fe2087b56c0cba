import type { Socket } from "node:net"
import type { Client } from "../../core/index.js"
import { ExitCode } from "../base/exit-codes.js"
import { noteReport, readyReport } from "../commands/event-reports.js"
import type { Journal } from "../commands/journal.js"
import { ProgressLines } from "../commands/progress-lines.js"
import { Session } from "../commands/session.js"
import { JsonLines } from "./json-lines.js"
import { PictureSender } from "./picture-sender.js"
import {
  type Answer,
  CONTROL_PROTOCOL,
  MAX_ANSWER_BYTES,
  MAX_REQUEST_BYTES,
  type Request,
  requestSchema,
} from "./protocol.js"

/** What a caller is served with. */
export interface CallerHost {
  /** "p2p-tui 0.1.0" */
  readonly version: string
  readonly serviceFolder: string
  readonly stateFolder: string
  readonly journal: Journal
  /** Resolves when the client serves; never, if its start fails. */
  readonly client: Promise<Client>
  /** Why nobody else is served; "quit" is always understood. */
  refusal(): string | undefined
  /** Aborted when the client is left: work that callers have begun ends then. */
  readonly leaving: AbortSignal
  /** A caller wants the client to end. */
  quit(): void
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
  readonly #onEnd: () => void
  /** Ends the waits of its commands. */
  readonly #waits = new AbortController()
  readonly #ends: (() => void)[] = []
  readonly #sessions = new Set<Session>()
  #pictures: PictureSender | undefined
  #client: Client | undefined
  #hello: Extract<Request, { kind: "hello" }> | undefined
  #runCount = 0
  #exitCode: ExitCode = ExitCode.ok
  #hasEnded = false
  #isRefused = false

  /** `onEnd`: the connection is over. */
  constructor(socket: Socket, host: CallerHost, onEnd: () => void) {
    this.#host = host
    this.#onEnd = onEnd
    this.#lines = new JsonLines(socket, {
      maxLineBytes: MAX_REQUEST_BYTES,
      onValue: (value) => this.#onValue(value),
      onEnd: () => this.#end(),
    })
    this.#lines.onDrained(() => this.#regulate())
    const timer = setTimeout(() => socket.destroy(), HELLO_TIMEOUT_MS).unref()
    this.#ends.push(() => clearTimeout(timer))
    this.#lines.send({ control: CONTROL_PROTOCOL, version: host.version, pid: process.pid }, MAX_ANSWER_BYTES)
  }

  /** The client is being left: what waits is over. */
  leave(): void {
    this.#send({ kind: "ending" })
    this.#waits.abort()
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
    if (this.#client === undefined || this.#hello === undefined) return this.#refuse("the first request is no hello")
    this.#onRequest(data, this.#client, this.#hello)
  }

  #onHello(hello: Extract<Request, { kind: "hello" }>): void {
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

  #begin(client: Client, hello: Extract<Request, { kind: "hello" }>): void {
    const { journal, serviceFolder, stateFolder } = this.#host
    this.#client = client
    this.#send({ kind: "ready", ready: readyReport(client), serviceFolder, stateFolder })
    if (hello.notes !== "none") {
      const report = (each: Parameters<Session["report"]>[0]) =>
        this.#sendIfRead({ kind: "report", run: 0, report: each })
      const progress = new ProgressLines(
        client,
        () => this.#followedIds(),
        report,
        () => this.#runCount > 0,
      )
      this.#ends.push(progress.close)
      const isHeard = (id: string | undefined) =>
        hello.notes === "all" || id === undefined || this.#followedIds().has(id)
      const stop = journal.follow((entry) => {
        const note = isHeard(entry.document?.id) ? noteReport(entry) : undefined
        if (note !== undefined) report(note)
      })
      this.#ends.push(stop)
    }
    this.#regulate()
  }

  #onRequest(
    request: Exclude<Request, { kind: "hello" | "quit" }>,
    client: Client,
    { folder }: { folder?: string | undefined },
  ): void {
    switch (request.kind) {
      case "run":
        return void this.#run(request, client, folder)
      case "settle":
        return void this.#settle()
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
    if (this.#pictures !== undefined) return this.#pictures.lookAt({ ...interest, selected: interest.selected })
    const pictures = new PictureSender(
      client,
      this.#host.journal,
      { ...interest, selected: interest.selected },
      (picture) => this.#send({ kind: "picture", picture }),
    )
    this.#pictures = pictures
    this.#ends.push(() => pictures.close())
  }

  async #run(
    { run, command }: Extract<Request, { kind: "run" }>,
    client: Client,
    folder: string | undefined,
  ): Promise<void> {
    const { serviceFolder, leaving } = this.#host
    let quits = false
    const session = new Session(
      client,
      {
        report: (report) => {
          // What a command has done is seen with what it says.
          this.#pictures?.sendNow()
          this.#send({ kind: "report", run, report })
        },
        failure: (failure) => this.#send({ kind: "failure", run, failure }),
      },
      {
        signal: this.#waits.signal,
        workSignal: leaving,
        onQuit: () => {
          quits = true
        },
        paths: { folder: folder ?? serviceFolder, serviceFolder },
      },
    )
    this.#forgetSettled()
    this.#sessions.add(session)
    this.#runCount++
    this.#regulate()
    const ok = await session.run(command)
    this.#runCount--
    this.#remember(session)
    this.#send({ kind: "done", run, ok, exitCode: this.#exitCode, quits })
    if (quits) this.#host.quit()
    this.#regulate()
  }

  async #settle(): Promise<void> {
    const sessions = [...this.#sessions]
    await Promise.all(sessions.map((session) => session.settled()))
    for (const session of sessions) this.#remember(session)
    const isUnfinished = sessions.some((session) => session.isUnfinished)
    this.#send({ kind: "settled", exitCode: this.#exitCode, isUnfinished })
  }

  #remember({ exitCode }: Session): void {
    if (this.#exitCode === ExitCode.ok) this.#exitCode = exitCode
  }

  /** Sessions are kept for their downloads. */
  #forgetSettled(): void {
    for (const session of this.#sessions) {
      if (session.isUnfinished) continue
      this.#remember(session)
      this.#sessions.delete(session)
    }
  }

  #followedIds(): ReadonlySet<string> {
    return new Set([...this.#sessions].flatMap((session) => [...session.followedIds]))
  }

  /** Nothing is read while the client starts, while enough is under way, and while the caller does not read. */
  #regulate(): void {
    const isStarting = this.#hello !== undefined && this.#client === undefined
    const isBusy = this.#runCount >= MAX_RUNS || this.#lines.waitingBytes > MAX_WAITING_BYTES
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
    this.#onEnd()
  }
}
