import { type ChildProcess, type StdioOptions, spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { afterEach } from "vitest"
import { inTemporaryFolder } from "../../core/testing/temporary-folder.js"
import { untilSo } from "../../core/testing/until-so.js"

export const TRACKER_PROGRAM = fileURLToPath(new URL("../../dist/bin/p2p-tracker.js", import.meta.url))

/** With the quote after it, or only the begin of the line was read. */
const LISTENS = /tracker listens on (http:[^"]+)"/

const running = new Set<TrackerProgram>()

interface Launch {
  /** Put before node: ["prlimit", "--fsize=…"]. */
  readonly wrapper?: readonly string[]
  readonly stdio?: StdioOptions
  readonly environment?: NodeJS.ProcessEnv
}

/** The compiled program as a process. Ends with `endTrackers`. */
export class TrackerProgram {
  readonly child: ChildProcess
  /** Settles when it has ended and all that it said was read, which may be later. */
  readonly #closed: Promise<unknown>
  stdout = ""
  stderr = ""

  private constructor(
    args: readonly string[],
    { wrapper = [], stdio = ["ignore", "pipe", "pipe"], environment }: Launch,
  ) {
    const [command = "", ...rest] = [...wrapper, process.execPath, TRACKER_PROGRAM, ...args]
    this.child = spawn(command, rest, { stdio, env: { ...process.env, ...environment } })
    this.child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      this.stdout += chunk
    })
    this.child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
      this.stderr += chunk
    })
    this.#closed = new Promise<void>((resolve) => this.child.once("close", resolve))
    running.add(this)
  }

  static launch(args: readonly string[], launch: Launch = {}): TrackerProgram {
    return new TrackerProgram(args, launch)
  }

  /** Where it listens, as soon as its log says so. */
  async url(): Promise<string> {
    await untilSo(() => LISTENS.test(this.stdout) || this.hasEnded)
    const url = LISTENS.exec(this.stdout)?.[1]
    if (url === undefined) throw new Error(`the tracker ended before it listened: ${this.stdout}${this.stderr}`)
    return url
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null
  }

  /** Messages of the log so far, in order. */
  get messages(): string[] {
    // After the last line break stands a line of which the rest is yet to be read.
    return this.stdout
      .split("\n")
      .slice(0, -1)
      .filter((line) => line.startsWith("{"))
      .map((line) => String(JSON.parse(line).msg))
  }

  /** Its exit status, or the signal that ended it. */
  async end(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals> {
    if (signal !== undefined) this.child.kill(signal)
    await this.#closed
    running.delete(this)
    return this.child.exitCode ?? this.child.signalCode ?? -1
  }
}

async function endTrackers(): Promise<void> {
  for (const program of running) await program.end("SIGKILL")
}

/** For tests that start the program: a new folder for each, deleted when the programs have ended. */
export function onTrackerStage(take: (folder: string) => void): void {
  inTemporaryFolder(take)
  afterEach(endTrackers)
}
