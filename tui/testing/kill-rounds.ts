import { randomBytes } from "node:crypto"
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { setTimeout as delay } from "node:timers/promises"
import type { Random } from "../../core/base/clock.js"
import { seededRandom } from "../../core/testing/seeded-random.js"
import { parseTorrent } from "../../core/torrent/parse-torrent.js"
import type { Torrent } from "../../core/torrent/torrent-file.js"
import { Playground } from "../e2e/playground.js"
import type { Program } from "../e2e/program.js"
import { MeteredSeeder } from "./metered-seeder.js"
import { recordedPartCount } from "./recorded-parts.js"

const MIB = 1024 * 1024

export type Victim = "downloader" | "seeder" | "tracker"

export interface KillPlan {
  /** Kills in all. */
  readonly rounds: number
  readonly seed: number
  readonly mebibytes: number
  /** The seeder's, as in a config: it makes a transfer long enough to be killed in. */
  readonly uploadLimit: string
  /** Longest time between two kills. */
  readonly withinMs: number
}

export interface KillFigures {
  readonly kills: Record<Victim, number>
  /** Downloads that came to their end, each compared byte for byte. */
  downloads: number
  /** Parts that a record was sure of when its downloader was killed, in all; none was fetched again. */
  recordedParts: number
  /** For each kill of a downloader, what was sent and had to be sent again. */
  readonly wastedBytes: number[]
}

/** One life of the downloader. */
interface Life {
  readonly program: Program
  /** What the seeder had sent for this file when it began. */
  readonly sentBefore: number
  /** Parts that it must find. */
  readonly recordedParts: number
}

/**
 * Kills real programs with `kill -9` at random moments while a file is moved, again and again, and holds them to
 * this: every end is byte-exact, and no part that was recorded is fetched again. Throws where it is not so.
 */
export async function killRounds(plan: KillPlan): Promise<KillFigures> {
  const ground = await Playground.create()
  try {
    return await new KillScene(ground, plan).play()
  } finally {
    await ground.close()
  }
}

class KillScene {
  readonly #ground: Playground
  readonly #plan: KillPlan
  readonly #random: Random
  readonly #content: Buffer
  readonly #figures: KillFigures = {
    kills: { downloader: 0, seeder: 0, tracker: 0 },
    downloads: 0,
    recordedParts: 0,
    wastedBytes: [],
  }
  /** Of the download that runs: what its seeder had sent when it began, and what was wasted since. */
  #sentAtStart = 0
  #wastedBytes = 0

  constructor(ground: Playground, plan: KillPlan) {
    this.#ground = ground
    this.#plan = plan
    this.#random = seededRandom(plan.seed)
    this.#content = randomBytes(plan.mebibytes * MIB)
  }

  async play(): Promise<KillFigures> {
    const ground = this.#ground
    let tracker = await ground.trackerIfNone()
    const torrent = await this.#upload()
    const seeder = new MeteredSeeder(() => ground.client(ground.path("seeder.json"), "--plain"))
    let life = this.#begin(seeder)
    for (let round = 0; round < this.#plan.rounds; ) {
      const ended = await Promise.race([life.program.ended(), this.#anyMoment()])
      if (ended !== undefined) {
        this.#finish(life, torrent)
        life = this.#begin(seeder)
        continue
      }
      round++
      const victim = this.#pickVictim()
      this.#figures.kills[victim]++
      if (victim === "seeder") await seeder.kill()
      else if (victim === "downloader") life = await this.#killDownloader(life, seeder, torrent)
      else {
        await tracker.destroy()
        tracker = await ground.trackerIfNone()
      }
    }
    await life.program.ended()
    this.#finish(life, torrent)
    return this.#figures
  }

  /** The torrent file of what is moved. */
  async #upload(): Promise<Torrent> {
    writeFileSync(this.#ground.path("sample"), this.#content)
    const config = await this.#ground.config("seeder", { limits: { upload: this.#plan.uploadLimit } })
    await this.#ground.config("downloader")
    const uploader = this.#ground.client(config, "upload", "--open", this.#ground.path("sample"), this.#torrentPath)
    if ((await uploader.ended()) !== 0) throw new Error(`the upload failed: ${uploader.errors}`)
    return parseTorrent(readFileSync(this.#torrentPath))
  }

  get #torrentPath(): string {
    return this.#ground.path("sample.torrent.json")
  }

  get #copyPath(): string {
    return this.#ground.path("downloader", "copy")
  }

  async #anyMoment(): Promise<undefined> {
    await delay(this.#random() * this.#plan.withinMs)
  }

  #pickVictim(): Victim {
    const chance = this.#random()
    if (chance < 0.1) return "tracker"
    return chance < 0.2 ? "seeder" : "downloader"
  }

  /** A download that has not begun. */
  #begin(seeder: MeteredSeeder): Life {
    this.#sentAtStart = seeder.sentBytes
    this.#wastedBytes = 0
    return this.#goOn(0, 0)
  }

  #goOn(sentBefore: number, recordedParts: number): Life {
    const config = this.#ground.path("downloader.json")
    const program = this.#ground.client(config, "--json", "download", this.#torrentPath, "copy")
    return { program, sentBefore, recordedParts }
  }

  async #killDownloader(life: Life, seeder: MeteredSeeder, torrent: Torrent): Promise<Life> {
    await life.program.destroy()
    this.#examine(life, torrent)
    const recordedParts = recordedPartCount(this.#copyPath, torrent, this.#content)
    this.#figures.recordedParts += recordedParts
    return this.#goOn(seeder.sentBytes - this.#sentAtStart, recordedParts)
  }

  /** What a life found on disk when it began, if it came so far as to say it. */
  #examine({ program, sentBefore, recordedParts }: Life, torrent: Torrent): void {
    const [, count] = /"event":"download_started".*"reused_parts":(\d+)/.exec(program.lines.join("\n")) ?? []
    if (count === undefined) return
    const reused = Number(count)
    if (reused < recordedParts) throw new Error(`${recordedParts} parts were recorded, only ${reused} were found`)
    const wasted = sentBefore - reused * torrent.partSizeBytes - this.#wastedBytes
    if (sentBefore > 0) this.#figures.wastedBytes.push(wasted)
    this.#wastedBytes += wasted
  }

  /** A download came to its end: it must be the file, and the next one begins anew. */
  #finish(life: Life, torrent: Torrent): void {
    this.#examine(life, torrent)
    const { program } = life
    if (!program.lines.some((line) => line.startsWith('{"event":"download_completed"')))
      throw new Error(`the download failed:\n${program.lines.join("\n")}\n${program.errors}`)
    if (!readFileSync(this.#copyPath).equals(this.#content)) throw new Error("the copy differs from the file")
    this.#figures.downloads++
    rmSync(this.#ground.path("downloader"), { recursive: true })
    mkdirSync(this.#ground.path("downloader"))
  }
}
