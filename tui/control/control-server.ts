import type { Socket } from "node:net"
import type { Client } from "../../core/index.js"
import type { Journal } from "../commands/journal.js"
import { Caller, type CallerHost } from "./caller.js"
import { type ControlSocket, listenForCallers } from "./control-socket.js"
import type { TodayOf } from "./picture-maker.js"

/** Programs that may be attached at a time. Our choice: more than one user has windows. */
const MAX_CALLERS = 64

/** Connections at a time, with those that have not said what they are. */
const MAX_CONNECTIONS = 2 * MAX_CALLERS

export interface ControlOptions {
  readonly stateFolder: string
  readonly serviceFolder: string
  readonly version: string
  /** The client ends with a single command. */
  readonly isBrief: boolean
  readonly journal: Journal
  readonly todayOf?: TodayOf
  /** A caller wants the client to end. */
  readonly onQuit: () => void
}

/** Serves other processes of this user: they have this client carry their commands out, or show its screen. */
export class ControlServer {
  readonly #callers = new Set<Caller>()
  readonly #host: CallerHost
  readonly #leaving = new AbortController()
  readonly #serve: (client: Client) => void
  #socket: ControlSocket | undefined
  #isFinishing = false
  /** Called when a caller may have become quiet. */
  #onQuiet: () => void = () => {}

  private constructor({ onQuit, ...options }: ControlOptions) {
    let serve: (client: Client) => void = () => {}
    const client = new Promise<Client>((resolve) => {
      serve = resolve
    })
    this.#serve = serve
    const refusal = () =>
      this.#callers.size > MAX_CALLERS ? `${MAX_CALLERS} programs are attached to it; end one of them` : undefined
    this.#host = { ...options, client, leaving: this.#leaving.signal, quit: onQuit, refusal }
  }

  /** Listens. Where that is not possible, the journal has the reason, and the client runs without callers. The state folder's lock is held. */
  static async open(options: ControlOptions): Promise<ControlServer> {
    const server = new ControlServer(options)
    const socket = await listenForCallers(options.stateFolder, (caller) => server.#onCaller(caller))
    server.#socket = socket
    if (socket.problem !== undefined) {
      const message = `commands of other processes don't reach this client: ${socket.problem}`
      options.journal.add({ level: "warn", name: "control_unreachable", message })
    }
    return server
  }

  /** Callers have waited for the client. */
  serve(client: Client): void {
    this.#serve(client)
  }

  /** Programs that wait for what they have asked for. */
  get busyCount(): number {
    return [...this.#callers].filter((caller) => caller.isBusy).length
  }

  /** No new callers; resolves when none is busy, or `signal` is aborted. */
  async finish(signal: AbortSignal): Promise<void> {
    this.#isFinishing = true
    await this.#socket?.close()
    await new Promise<void>((resolve) => {
      this.#onQuiet = () => {
        if (this.busyCount === 0) resolve()
      }
      signal.addEventListener("abort", () => resolve(), { once: true })
      if (signal.aborted) resolve()
      this.#onQuiet()
    })
    this.#onQuiet = () => {}
  }

  /** No new callers; those that are there hear that the client is being left. */
  async leave(): Promise<void> {
    if (this.#leaving.signal.aborted) return
    this.#leaving.abort()
    await this.#socket?.close()
    for (const caller of this.#callers) caller.leave()
  }

  /** Ends the connections: the folder may be taken now. */
  hangUp(): void {
    for (const caller of this.#callers) caller.close()
  }

  #onCaller(socket: Socket): void {
    if (this.#isFinishing || this.#leaving.signal.aborted || this.#callers.size >= MAX_CONNECTIONS)
      return void socket.destroy()
    const caller: Caller = new Caller(socket, this.#host, {
      onEnd: () => {
        this.#callers.delete(caller)
        this.#onQuiet()
      },
      onQuiet: () => this.#onQuiet(),
    })
    this.#callers.add(caller)
  }
}
