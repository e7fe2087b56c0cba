import { execFile } from "node:child_process"
import { randomBytes } from "node:crypto"
import { existsSync } from "node:fs"
import { copyFile, mkdir, writeFile } from "node:fs/promises"
import { promisify } from "node:util"
import { FOREIGN_RPC_PORT, type ForeignName, foreignClient, type RunningForeign } from "../e2e/foreign-defaults.js"
import { digestOf, Playground } from "../e2e/playground.js"
import { clientCommand, type Program, trackerCommand } from "../e2e/program.js"
import { type TestHost, TestNetwork } from "../e2e/test-network.js"
import { parseListeningPorts } from "./listening-ports.js"
import { type Look, untilReached } from "./until-reached.js"

const MIB = 1024 * 1024
const TRACKER_PORT = 5000
const PEER_PORT = 7001
/** A transfer without progress for this time has stalled, ms: three times the longest resumption (`foreign.ts`). */
const STILL_MS = 60_000
/** Payload that shows that a transfer has resumed after a restart, bytes. */
const GOES_ON_BYTES = MIB

export interface ForeignPlan {
  readonly name: ForeignName
  /** Which side has the document: the other one fetches it. */
  readonly seeder: "ours" | "foreign"
  readonly mebibytes: number
  /** Hears what happens, as it happens. */
  readonly onStep?: (words: string) => void
}

/** How long a transfer stood after a restart, seconds: until the next MiB of payload. */
export interface GoesOn {
  /** From the start of the program; what it checks before it listens is in it. */
  readonly sinceStartSeconds: number
  /** From the moment its port for peers was seen to listen. */
  readonly sinceListeningSeconds: number
}

export interface ForeignFigures {
  readonly wholeSeconds: number
  /** After the foreign client was killed at a quarter of the transfer. */
  readonly afterForeign: GoesOn
  /** After our client was killed at 60 %. */
  readonly afterOurs: GoesOn
  /** The copy is the document, byte for byte. */
  readonly isExact: boolean
}

/**
 * Moves one open document between our client and a foreign client at its default settings, each on a host of its own. `kill -9`
 * ends the foreign client at a quarter and ours at 60 % of the transfer; both are started again with the same command. Throws
 * when a transfer stands for a minute.
 */
export async function foreignRound(plan: ForeignPlan): Promise<ForeignFigures> {
  const ground = await Playground.create()
  const network = new TestNetwork(`defaults-${plan.name}-${plan.seeder}`)
  try {
    return await new ForeignScene(ground, network, plan).play()
  } finally {
    await ground.endPrograms()
    network.close()
    await ground.close()
  }
}

/** What `list` says of the only document. */
interface Listed {
  readonly state: string
  readonly downloaded_bytes: number
  readonly uploaded_bytes: number
}

interface Restarted {
  readonly listening: Promise<unknown>
  readonly moved: () => Promise<void>
}

class ForeignScene {
  readonly #ground: Playground
  readonly #plan: ForeignPlan
  readonly #trackerHost: TestHost
  readonly #ourHost: TestHost
  readonly #foreignHost: TestHost
  readonly #size: number
  /** Our client's config for uploading and exporting, and for the transfer. */
  #config = ""

  constructor(ground: Playground, network: TestNetwork, plan: ForeignPlan) {
    this.#ground = ground
    this.#plan = plan
    this.#trackerHost = network.addHost()
    this.#ourHost = network.addHost()
    this.#foreignHost = network.addHost()
    this.#size = plan.mebibytes * MIB
  }

  async play(): Promise<ForeignFigures> {
    const ground = this.#ground
    const tracker = ground.run(this.#trackerHost.command(trackerCommand("0.0.0.0", String(TRACKER_PORT))))
    await tracker.line(/listens on/)
    const { file, torrent, metainfo } = await this.#publish()
    const foreignFolder = ground.path("foreign")
    await mkdir(foreignFolder)
    const theySeed = this.#plan.seeder === "foreign"
    if (theySeed) await copyFile(file, ground.path("foreign", "sample.bin"))

    const startForeign = () =>
      foreignClient(this.#plan.name).start({
        host: this.#foreignHost,
        folder: foreignFolder,
        metainfo,
        seeds: theySeed,
        run: (command) => ground.run(command),
        path: (...names) => ground.path(...names),
      })
    const step = (words: string) => this.#plan.onStep?.(words)
    step("published")
    const startedAtMs = performance.now()
    let ours = this.#startOurs()
    if (theySeed) ours.type(`download ${torrent} ${ground.path("copy")}`)
    let foreign: RunningForeign = await startForeign()

    await this.#moved(ours, 0.25 * this.#size)
    step("a quarter has moved: the foreign client is killed")
    await foreign.kill()
    const before = this.#movedBytes(await this.#listed(ours))
    const afterForeign = await this.#goesOn(async () => {
      foreign = await startForeign()
      return { listening: this.#foreignListens(), moved: () => this.#moved(ours, before + GOES_ON_BYTES) }
    })

    step("it resumes")
    await this.#moved(ours, 0.6 * this.#size)
    step("60 % have moved: our client is killed")
    await ours.destroy()
    const afterOurs = await this.#goesOn(async () => {
      ours = this.#startOurs()
      return { listening: this.#ready(ours), moved: () => this.#moved(ours, GOES_ON_BYTES) }
    })

    step("it resumes")
    const copy = theySeed ? ground.path("copy") : ground.path("foreign", "sample.bin")
    await (theySeed ? this.#seeding(ours) : this.#complete(ours, copy, file))
    const wholeSeconds = (performance.now() - startedAtMs) / 1_000
    await foreign.kill()
    const isExact = (await digestOf(copy)) === (await digestOf(file))
    return { wholeSeconds, afterForeign, afterOurs, isExact }
  }

  /** Starts a program again and measures how long its transfer stands. */
  async #goesOn(restart: () => Promise<Restarted>): Promise<GoesOn> {
    const startedAtMs = performance.now()
    const { listening, moved } = await restart()
    await listening
    const listeningAtMs = performance.now()
    await moved()
    const now = performance.now()
    return {
      sinceStartSeconds: (now - startedAtMs) / 1_000,
      sinceListeningSeconds: (now - listeningAtMs) / 1_000,
    }
  }

  /** Uploads a document and exports its metainfo file. Where the foreign client seeds, our client forgets the document again. */
  async #publish(): Promise<{ file: string; torrent: string; metainfo: string }> {
    const ground = this.#ground
    const file = ground.path("sample.bin")
    await writeFile(file, randomBytes(this.#size))
    const torrent = ground.path("sample.torrent.json")
    const metainfo = ground.path("sample.torrent")
    const tracker = { host: `http://${this.#trackerHost.address}`, port: TRACKER_PORT }
    // Slow enough for a kill to come in the middle.
    const limits = { download: "40MB/s", upload: "40MB/s" }
    this.#config = await ground.config("ours", {
      self: { service: "ours", host: "0.0.0.0", port: PEER_PORT },
      tracker,
      limits,
    })
    const publisher = this.#startOurs()
    publisher.type(`upload ${file} ${torrent} --open`)
    await publisher.line(/SUCCESSFUL UPLOAD/)
    publisher.type(`export ${torrent} ${metainfo}`)
    await publisher.line(/"event":"exported?"/)
    if (this.#plan.seeder === "foreign") {
      publisher.type("remove sample.bin")
      await publisher.line(/"event":"removed"/)
    }
    publisher.kill("SIGTERM")
    await publisher.ended()
    return { file, torrent, metainfo }
  }

  #startOurs(): Program {
    return this.#ground.run(this.#ourHost.command(clientCommand(this.#config, "--plain", "--json")))
  }

  async #listed(ours: Program): Promise<Listed | undefined> {
    const before = ours.lines.length
    ours.type("list")
    const line = await ours.line(/"event":"list"/, before)
    const { documents } = JSON.parse(line) as { readonly documents: readonly Listed[] }
    return documents[0]
  }

  #movedBytes(document: Listed | undefined): number {
    const moved = this.#plan.seeder === "ours" ? document?.uploaded_bytes : document?.downloaded_bytes
    return moved ?? 0
  }

  /** Waits until our client has moved this many bytes of payload since its start. */
  #moved(ours: Program, byteCount: number): Promise<void> {
    return this.#until(`${byteCount} bytes`, ours, (_, moved) => moved >= byteCount)
  }

  #seeding(ours: Program): Promise<void> {
    return this.#until("our copy", ours, (document) => document?.state === "seeding")
  }

  /** Waits until the foreign client's file is the document. Its own words about that differ, and come late or never. */
  async #complete(ours: Program, copy: string, file: string): Promise<void> {
    const digest = await digestOf(file)
    await this.#until("the foreign copy", ours, async () => existsSync(copy) && (await digestOf(copy)) === digest)
  }

  /** What moves is our client's payload: a foreign client has no figures that all of them tell. */
  #until(
    what: string,
    ours: Program,
    isThere: (document: Listed | undefined, moved: number) => boolean | Promise<boolean>,
  ): Promise<void> {
    const look = async (): Promise<Look> => {
      const document = await this.#listed(ours)
      const progress = this.#movedBytes(document)
      return { progress, isThere: await isThere(document, progress) }
    }
    return untilReached(what, look, STILL_MS)
  }

  #ready(ours: Program): Promise<void> {
    const look = async (): Promise<Look> => {
      const isThere = ours.lines.some((line) => line.includes('"event":"ready"'))
      return { progress: ours.lines.length, isThere }
    }
    return untilReached("our client listens for peers", look, STILL_MS)
  }

  #foreignListens(): Promise<void> {
    const [file = "", ...args] = this.#foreignHost.command(["cat", "/proc/net/tcp", "/proc/net/tcp6"])
    const look = async (): Promise<Look> => {
      const { stdout } = await promisify(execFile)(file, args)
      const ports = parseListeningPorts(stdout).filter((port) => port !== FOREIGN_RPC_PORT)
      return { progress: ports.length, isThere: ports.length > 0 }
    }
    return untilReached(`${this.#plan.name} listens for peers`, look, STILL_MS)
  }
}
