import { type ChildProcess, type StdioOptions, spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { afterEach } from "vitest"
import { inTemporaryFolder } from "../../core/testing/temporary-folder.js"
import { untilSo } from "../../core/testing/until-so.js"

export const TRACKER_PROGRAM = fileURLToPath(new URL("../../dist/bin/p2p-tracker.js", import.meta.url))

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
    running.add(this)
  }

  static launch(args: readonly string[], launch: Launch = {}): TrackerProgram {
    return new TrackerProgram(args, launch)
  }

  /** Where it listens, as soon as its log says so. */
  async url(): Promise<string> {
    await untilSo(() => this.stdout.includes("tracker listens on") || this.hasEnded)
    const url = /tracker listens on (http:[^"]+)/.exec(this.stdout)?.[1]
    if (url === undefined) throw new Error(`the tracker ended before it listened: ${this.stdout}${this.stderr}`)
    return url
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null
  }

  /** Messages of the log so far, in order. */
  get messages(): string[] {
    return this.stdout
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => String(JSON.parse(line).msg))
  }

  /** Its exit status, or the signal that ended it. */
  async end(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals> {
    const closed = this.hasEnded ? undefined : once(this.child, "close")
    if (signal !== undefined) this.child.kill(signal)
    await closed
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
