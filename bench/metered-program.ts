import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { createInterface } from "node:readline"
import { setImmediate } from "node:timers/promises"
import { currentFolderOf } from "../tui/e2e/program.js"
import { processTimes } from "./process-times.js"

/** What one process cost, from its start to its end. */
export interface Cost {
  readonly wallSeconds: number
  /** User and system seconds of the process and its threads. */
  readonly cpuSeconds: number
  /** Largest resident set without mapped files, bytes. */
  readonly peakBytes: number
}

/** Time between two samples of memory; a peak between them is missed. */
const LOOK_MS = 20

/** bash waits for the program and then says what it used; a signal goes to both, and bash outlives it. */
const METER = 'trap : TERM INT USR2; TIMEFORMAT="used %U %S"; time "$@"'

/**
 * Without NODE_EXTRA_CA_CERTS, where it is set: every Node process then parses that file as it starts, for 60 ms of CPU that are
 * no program's own.
 */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env
  return environment
}

/** A program under measurement. Needs bash and /proc (Linux). */
export class MeteredProgram {
  readonly lines: string[] = []
  readonly #child: ChildProcess
  readonly #startedAtMs = performance.now()
  readonly #waiting: { readonly pattern: RegExp; readonly resolve: (line: string) => void }[] = []
  readonly #timer: NodeJS.Timeout
  readonly #ended: Promise<void>
  #errors = ""
  #peakBytes = 0
  #wallSeconds = 0

  constructor(command: readonly string[]) {
    this.#child = spawn("bash", ["-c", METER, "bash", ...command], {
      detached: true,
      stdio: "pipe",
      env: plainEnvironment(),
      ...currentFolderOf(command),
    })
    this.#child.stderr?.on("data", (chunk) => {
      this.#errors += String(chunk)
    })
    if (this.#child.stdout) createInterface({ input: this.#child.stdout }).on("line", (line) => this.#onLine(line))
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
    this.#ended = once(this.#child, "close").then(() => {
      clearInterval(this.#timer)
      this.#wallSeconds = (performance.now() - this.#startedAtMs) / 1_000
    })
  }

  /** Types a line, as a user of line mode would. */
  type(line: string): void {
    this.#child.stdin?.write(`${line}\n`)
  }

  /** User and system seconds so far, of a program that still runs. */
  get cpuSecondsSoFar(): number {
    const pid = this.#programPid()
    return pid === undefined ? 0 : processTimes(pid).cpuSeconds
  }

  /** The largest so far, see `Cost`. */
  get peakBytes(): number {
    return this.#peakBytes
  }

  /** Resident memory now, without mapped files, bytes. */
  get residentBytes(): number {
    const status = readFileSync(`/proc/${this.#programPid()}/status`, "utf8")
    const kib = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0)
    return (kib("RssAnon") + kib("RssShmem")) * 1_024
  }

  /** The first line, from now or before, that matches, after so many others; rejects when the program ends without it. */
  line(pattern: RegExp, after = 0): Promise<string> {
    const seen = this.lines.slice(after).find((line) => pattern.test(line))
    if (seen !== undefined) return Promise.resolve(seen)
    const came = new Promise<string>((resolve) => this.#waiting.push({ pattern, resolve }))
    const gone = this.#ended.then(() => {
      throw new Error(`ended without ${pattern}:\n${this.lines.join("\n")}\n${this.#errors}`)
    })
    return Promise.race([came, gone])
  }

  /** Waits for its end; rejects when it failed. */
  async ended(): Promise<Cost> {
    await this.#ended
    const used = /used ([\d.]+) ([\d.]+)\s*$/.exec(this.#errors)
    if (this.#child.exitCode !== 0 || used === null)
      throw new Error(`failed:\n${this.lines.join("\n")}\n${this.#errors}`)
    return {
      wallSeconds: this.#wallSeconds,
      cpuSeconds: Number(used[1]) + Number(used[2]),
      peakBytes: this.#peakBytes,
    }
  }

  /** Ends it with `signal` and returns what it cost. A program ended by SIGKILL reports nothing. */
  async stop(): Promise<Cost> {
    this.signal("SIGTERM")
    await this.#ended
    const used = /used ([\d.]+) ([\d.]+)\s*$/.exec(this.#errors)
    return {
      wallSeconds: this.#wallSeconds,
      cpuSeconds: used === null ? 0 : Number(used[1]) + Number(used[2]),
      peakBytes: this.#peakBytes,
    }
  }

  /** Ends it as a power cut would, and waits for that. Its cost is not measured. */
  async kill(): Promise<void> {
    const pid = this.#programPid()
    this.signal("SIGKILL")
    await this.#ended
    // The shell may be gone a moment before the program is.
    while (pid !== undefined && isRunning(pid)) await setImmediate()
  }

  /** To the program and to the shell that measures it. */
  signal(signal: NodeJS.Signals): void {
    if (this.#child.pid !== undefined && this.#child.exitCode === null) process.kill(-this.#child.pid, signal)
  }

  #onLine(line: string): void {
    this.lines.push(line)
    for (const waiting of this.#waiting.splice(0)) {
      if (waiting.pattern.test(line)) waiting.resolve(line)
      else this.#waiting.push(waiting)
    }
  }

  #programPid(): number | undefined {
    const pid = this.#child.pid
    try {
      const [first] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")
      return first === undefined || first === "" ? undefined : Number(first)
    } catch {
      // The shell is gone: so is the program.
      return undefined
    }
  }

  #look(): void {
    try {
      this.#peakBytes = Math.max(this.#peakBytes, this.residentBytes)
    } catch {
      // It has not begun, or it has ended: there is nothing to see.
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    // One that has ended stays as a zombie until its parent looks.
    return processTimes(pid).state !== "Z"
  } catch {
    return false
  }
}
