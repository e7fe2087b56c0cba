import { existsSync, readFileSync, rmSync } from "node:fs"
import { setTimeout as delay } from "node:timers/promises"
import type { Random } from "../../core/base/clock.js"
import type { Playground } from "../e2e/playground.js"
import type { Program } from "../e2e/program.js"
import { pickOne } from "./attack.js"

/** A file that is shared. */
export interface Sample {
  readonly name: string
  readonly torrentPath: string
  readonly content: Buffer
}

export type Samples = readonly [Sample, ...Sample[]]

/** What came of the clients that came and went. */
export interface ChurnFigures {
  clients: number
  killed: number
  /** Downloads that came to their end, each compared byte for byte. */
  exact: number
  readonly faults: string[]
}

const DONE = /^SUCCESSFUL DOWNLOAD$/

/** Exit codes of a client that was asked to leave: success, or an unfinished download (docs/user/exit-codes.md). */
const LEFT_IN_ORDER: readonly unknown[] = [0, 143]

export interface ChurnerOptions {
  readonly name: string
  readonly samples: Samples
  readonly random: Random
  readonly figures: ChurnFigures
}

/** Clients that come one after the other in one folder: they download, seed for a while, and leave, get a signal or are killed. */
export class Churner {
  readonly #ground: Playground
  readonly #name: string
  readonly #samples: Samples
  readonly #random: Random
  readonly #figures: ChurnFigures

  constructor(ground: Playground, options: ChurnerOptions) {
    this.#ground = ground
    this.#name = options.name
    this.#samples = options.samples
    this.#random = options.random
    this.#figures = options.figures
  }

  /** One client after the other until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const config = await this.#ground.config(this.#name)
      const sample = pickOne(this.#samples, this.#random)
      const fate = pickOne([this.#fetch, this.#fetch, this.#seed, this.#dismiss, this.#kill], this.#random)
      this.#figures.clients++
      await fate.call(this, config, sample)
      await delay(this.#random() * 6_000)
    }
  }

  async #fetch(config: string, sample: Sample): Promise<void> {
    const client = this.#client(config, sample)
    const code = await client.ended()
    if (code === 0) this.#requireExact(sample)
    else this.#fault(client, `a download ended with ${code}`)
  }

  async #seed(config: string, sample: Sample): Promise<void> {
    const client = this.#client(config, sample, "--seed")
    const isDone = await client.line(DONE).catch(() => undefined)
    if (isDone === undefined) return this.#fault(client, "a download that was to be seeded failed")
    await delay(this.#random() * 8_000)
    await this.#dismissed(client)
    this.#requireExact(sample)
  }

  async #dismiss(config: string, sample: Sample): Promise<void> {
    const client = this.#client(config, sample)
    await delay(this.#random() * 4_000)
    await this.#dismissed(client)
  }

  async #kill(config: string, sample: Sample): Promise<void> {
    const client = this.#client(config, sample)
    await delay(this.#random() * 4_000)
    await client.destroy()
    this.#figures.killed++
  }

  #client(config: string, sample: Sample, ...options: readonly string[]): Program {
    return this.#ground.client(config, ...options, "download", sample.torrentPath, sample.name)
  }

  async #dismissed(client: Program): Promise<void> {
    client.kill("SIGTERM")
    const code = await client.ended()
    // Before it has set itself up, the signal ends it as it ends any program.
    if (!LEFT_IN_ORDER.includes(code) && code !== "SIGTERM")
      this.#fault(client, `asked to leave, it ended with ${code}`)
  }

  /** Compares the copy, and clears the folder for the next one. */
  #requireExact({ name, content }: Sample): void {
    const path = this.#ground.path(this.#name, name)
    if (!existsSync(path) || !readFileSync(path).equals(content)) this.#figures.faults.push(`${path} is not exact`)
    else this.#figures.exact++
    rmSync(this.#ground.path(this.#name), { recursive: true })
  }

  #fault(client: Program, what: string): void {
    this.#figures.faults.push(`${this.#name}: ${what}\n${client.lines.slice(-3).join("\n")}\n${client.errors}`)
  }
}
