import { readFileSync } from "node:fs"
import type { Program } from "../e2e/program.js"

/** A seeder that may be killed and started again, and what all its lives have sent. Needs /proc (Linux). */
export class MeteredSeeder {
  readonly #start: () => Program
  #program: Program
  /** By those that were killed. */
  #sentBefore = 0

  constructor(start: () => Program) {
    this.#start = start
    this.#program = start()
  }

  /** Bytes sent, with their framing; a seeder writes next to nothing else. */
  get sentBytes(): number {
    return this.#sentBefore + writtenBytes(this.#program.pid)
  }

  /** Kills it, and starts the next one. */
  async kill(): Promise<void> {
    // Stopped first, so that nothing is sent between the look and its end.
    this.#program.kill("SIGSTOP")
    this.#sentBefore = this.sentBytes
    await this.#program.destroy()
    this.#program = this.#start()
  }
}

/** What a process has written to files and sockets (proc(5), wchar of /proc/pid/io). */
function writtenBytes(pid: number): number {
  const io = readFileSync(`/proc/${pid}/io`, "utf8")
  return Number(/^wchar: (\d+)$/m.exec(io)?.[1] ?? Number.NaN)
}
