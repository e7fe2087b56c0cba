import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

/** The compiled programs, whether this file itself runs from source (vitest) or compiled. */
const PROGRAMS = new URL(import.meta.url.endsWith(".ts") ? "../../dist/bin/" : "../../bin/", import.meta.url)
const CLIENT = fileURLToPath(new URL("p2p-tui.js", PROGRAMS))
const TRACKER = fileURLToPath(new URL("p2p-tracker.js", PROGRAMS))

interface Waiting {
  readonly matches: (line: string) => boolean
  readonly resolve: (line: string) => void
  readonly reject: (error: Error) => void
}

/** The command that runs this project's client, or its tracker, with these arguments. */
export const clientCommand = (...args: readonly string[]): readonly string[] => [process.execPath, CLIENT, ...args]
export const trackerCommand = (...args: readonly string[]): readonly string[] => [process.execPath, TRACKER, ...args]

/** The client's command with options for Node itself, where it is watched from inside. */
export const watchedClientCommand = (nodeOptions: readonly string[], ...args: readonly string[]): readonly string[] => [
  process.execPath,
  ...nodeOptions,
  CLIENT,
  ...args,
]

/** Where a client of a test runs: in the service folder beside its config, so that the relative paths of its command begin there. */
export function currentFolderOf(command: readonly string[]): { readonly cwd?: string } {
  const folder = command.find((word) => word.endsWith(".json"))?.replace(/\.json$/, "")
  return folder !== undefined && existsSync(folder) ? { cwd: folder } : {}
}

/** A real program, run as a user runs it: its lines are read, and waited for. */
export class Program {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #waiting: Waiting[] = []
  /** Settles when it has ended and all that it said was read, which may be later. */
  readonly #closed: Promise<unknown>
  #isClosed = false
  readonly lines: string[] = []
  errors = ""

  /** `env` is added to this process's own environment. */
  constructor([file = "", ...args]: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.#child = spawn(file, args, { stdio: "pipe", env: { ...process.env, ...env }, ...currentFolderOf(args) })
    this.#child.stderr.on("data", (chunk) => {
      this.errors += String(chunk)
    })
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.#onLine(line))
    this.#closed = new Promise<void>((resolve) => this.#child.once("close", resolve))
    this.#child.once("close", () => this.#onClose())
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("the program could not be started")
    return this.#child.pid
  }

  /** Types a line, as a user of line mode would. */
  type(line: string): void {
    this.#child.stdin.write(`${line}\n`)
  }

  endInput(): void {
    this.#child.stdin.end()
  }

  /** The first line, from now or before, that matches, after so many others. Rejects when the program ends without it. */
  line(pattern: RegExp, after = 0): Promise<string> {
    const seen = this.lines.slice(after).find((line) => pattern.test(line))
    if (seen !== undefined) return Promise.resolve(seen)
    if (this.#isClosed) return Promise.reject(this.#failure(pattern))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ matches: (line) => pattern.test(line), resolve, reject })
    })
  }

  /** The first event of this name that a program with `--json` prints. */
  async event(name: string): Promise<Readonly<Record<string, unknown>>> {
    return JSON.parse(await this.line(new RegExp(`^\\{"event":"${name}"`)))
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Waits for the end, and for its last line. Resolves with the exit code, or the signal that ended it. */
  async ended(): Promise<number | NodeJS.Signals> {
    await this.#closed
    return this.#child.exitCode ?? this.#child.signalCode ?? "SIGKILL"
  }

  /** Ends it as a crash would, whatever it does. */
  async destroy(): Promise<void> {
    if (this.isRunning) this.kill("SIGKILL")
    await this.ended()
  }

  #onLine(line: string): void {
    this.lines.push(line)
    for (const waiting of this.#waiting.splice(0)) {
      if (waiting.matches(line)) waiting.resolve(line)
      else this.#waiting.push(waiting)
    }
  }

  #onClose(): void {
    this.#isClosed = true
    for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#failure())
  }

  #failure(pattern?: RegExp): Error {
    const wanted = pattern === undefined ? "the line that is waited for" : `a line like ${pattern}`
    return new Error(`the program ended without ${wanted}; it said:\n${this.lines.join("\n")}\n${this.errors}`)
  }
}
