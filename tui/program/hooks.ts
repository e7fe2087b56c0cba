import { spawn } from "node:child_process"
import { env as ownEnvironment } from "node:process"
import { type ClientEvent, type DocumentSnapshot, reasonOf } from "../../core/index.js"
import type { Config, Hook } from "../config/config.js"

export type HookCommands = Config["hooks"]

/** What a hook receives, as variables of its environment. */
export interface HookFacts {
  readonly event: keyof HookCommands
  readonly document: string
  readonly name: string
  readonly path: string
  readonly sizeBytes: number
  /** Code of the failure. */
  readonly error?: string
}

export interface HooksOptions {
  readonly commands: HookCommands
  /** Hooks run there. */
  readonly folder: string
  readonly tell: (event: ClientEvent) => void
  /** Default: MAX_RUN_MS. */
  readonly maxRunMs?: number
}

/** Hooks that run at a time, and at most that wait for their turn. Our choice. */
const MAX_AT_ONCE = 4
const MAX_WAITING = 1_000

/** As the client leaves, those that wait are begun, too. Our choice. */
const MAX_AT_ONCE_LEAVING = 32

/** A hook that runs for longer is ended, so that it does not hold the place of others for ever. Our choice. */
const MAX_RUN_MS = 60 * 60_000

/** How long a client that leaves waits for the exit status of hooks. They run on without it. Our choice. */
const LEAVING_MS = 1_000

/** Documents whose last failure is remembered: the same failure again runs no hook. Our choice. */
const MAX_REMEMBERED = 10_000

/** Runs the user's programs when downloads are done or documents fail. */
export class Hooks {
  readonly #options: HooksOptions
  readonly #waiting: HookFacts[] = []
  #running = 0
  #atOnce = MAX_AT_ONCE
  #isClosing = false
  #onIdle: () => void = () => undefined
  /** The code of the last failure of a document. */
  readonly #failures = new Map<string, string>()

  constructor(options: HooksOptions) {
    this.#options = options
  }

  /** Looks at an event of the engine. `find`: the document of an id, as it is now. */
  onEvent({ name, level, document }: ClientEvent, find: (id: string) => DocumentSnapshot | undefined): void {
    if (document === undefined) return
    const isDone = name === "download_synced"
    if (isDone) this.#failures.delete(document.id)
    else if (level !== "error" || !this.#isNewFailure(document.id, name)) return
    // To find a document takes a snapshot of all: a thousand that fail together without a hook need none.
    if (this.#options.commands[isDone ? "done" : "failed"] === undefined) return
    const found = find(document.id)
    const facts = { document: document.id, name: document.name, path: found?.filePath ?? "" }
    const sizeBytes = found?.sizeBytes ?? 0
    this.run({ ...facts, sizeBytes, event: isDone ? "done" : "failed", ...(isDone ? {} : { error: name }) })
  }

  /** Runs the hook of an event, if there is one, when it is its turn. */
  run(facts: HookFacts): void {
    if (this.#options.commands[facts.event] === undefined) return
    if (this.#isClosing || this.#waiting.length >= MAX_WAITING) return this.#tellDropped(facts)
    this.#waiting.push(facts)
    this.#next()
  }

  /** Resolves when no hook runs, after a second at the latest: they run on without this client. */
  async close(): Promise<void> {
    if (this.#isClosing) return
    this.#isClosing = true
    this.#atOnce = MAX_AT_ONCE_LEAVING
    this.#next()
    for (const facts of this.#waiting.splice(0)) this.#tellDropped(facts)
    if (this.#running === 0) return
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, LEAVING_MS)
      this.#onIdle = () => {
        clearTimeout(late)
        resolve()
      }
    })
  }

  /** A document that is tried again and again fails with the same code each time. */
  #isNewFailure(id: string, code: string): boolean {
    if (this.#failures.get(id) === code) return false
    if (this.#failures.size >= MAX_REMEMBERED) this.#failures.clear()
    this.#failures.set(id, code)
    return true
  }

  #next(): void {
    while (this.#running < this.#atOnce) {
      const facts = this.#waiting.shift()
      const command = facts && this.#options.commands[facts.event]
      if (facts === undefined || command === undefined) return
      this.#begin(command, facts)
    }
  }

  #begin([program, ...args]: Hook, facts: HookFacts): void {
    this.#running++
    const { folder, maxRunMs = MAX_RUN_MS } = this.#options
    const startedMs = performance.now()
    // In a session of its own, so that Ctrl-C for the client is none for it.
    const child = spawn(program, args, { cwd: folder, env: environmentOf(facts), stdio: "ignore", detached: true })
    child.unref()
    const tooLong = setTimeout(() => child.kill("SIGKILL"), maxRunMs).unref()
    const ended = (level: ClientEvent["level"], how: string, outcome: ClientEvent["facts"] = {}) => {
      clearTimeout(tooLong)
      const seconds = Math.round((performance.now() - startedMs) / 100) / 10
      this.#tell(facts, { level, name: "hook_ended", what: `${program} ${how}`, more: { ...outcome, seconds } })
      this.#running--
      this.#next()
      if (this.#running === 0) this.#onIdle()
    }
    child.once("error", (error) => ended("warn", `could not be started: ${reasonOf(error)}`))
    child.once("exit", (status, signal) => {
      const how = signal === null ? `ended with status ${status}` : `was ended by ${signal}`
      ended(status === 0 ? "info" : "warn", how, { status: status ?? undefined, signal: signal ?? undefined })
    })
  }

  #tellDropped(facts: HookFacts): void {
    const why = this.#isClosing ? "this client leaves" : `${MAX_WAITING} others wait`
    this.#tell(facts, { level: "warn", name: "hook_dropped", what: `it is not run: ${why}`, more: {} })
  }

  #tell(
    facts: HookFacts,
    { what, more, ...told }: Pick<ClientEvent, "level" | "name"> & { what: string; more: ClientEvent["facts"] },
  ): void {
    const document = { id: facts.document, name: facts.name }
    const message = `hook ${facts.event}: ${what}`
    this.#options.tell({ ...told, message, document, facts: { hook: facts.event, ...more } })
  }
}

/** This process' own without the variables of this project, one of which holds a token; and the facts. */
function environmentOf({ event, document, name, path, sizeBytes, error }: HookFacts): NodeJS.ProcessEnv {
  const inherited = Object.entries(ownEnvironment).filter(([key]) => !/^P2P_(TUI|TRACKER)_/.test(key))
  return {
    ...Object.fromEntries(inherited),
    P2P_TUI_EVENT: event,
    P2P_TUI_DOCUMENT: document,
    P2P_TUI_NAME: name,
    P2P_TUI_PATH: path,
    P2P_TUI_SIZE: String(sizeBytes),
    ...(error === undefined ? {} : { P2P_TUI_ERROR: error }),
  }
}
