import { randomBytes } from "node:crypto"
import { existsSync } from "node:fs"
import { copyFile, mkdir, writeFile } from "node:fs/promises"
import { setTimeout as delay } from "node:timers/promises"
import { type ForeignName, foreignClient } from "../e2e/foreign-defaults.js"
import { digestOf, Playground } from "../e2e/playground.js"
import { clientCommand, type Program, trackerCommand } from "../e2e/program.js"
import { type TestHost, TestNetwork } from "../e2e/test-network.js"

const MIB = 1024 * 1024
const TRACKER_PORT = 5000
const PEER_PORT = 7001
/** How often a transfer is looked at, ms. */
const LOOK_MS = 50
/** How often a foreign client's file is looked at, ms, and how many times. */
const LOOK_AT_COPY_MS = 500
const MAX_LOOKS = 600
/** Payload that shows that a transfer goes on after a restart, bytes. */
const GOES_ON_BYTES = MIB

export interface ForeignPlan {
  readonly name: ForeignName
  /** Which side has the document: the other one fetches it. */
  readonly seeder: "ours" | "foreign"
  readonly mebibytes: number
  /** Hears what happens, as it happens. */
  readonly onStep?: (words: string) => void
}

/** Seconds. */
export interface ForeignFigures {
  readonly wholeSeconds: number
  /** From the restart of the foreign client, killed at a quarter of the transfer, to the next MiB of payload. */
  readonly afterForeignSeconds: number
  /** From the restart of our client, killed at 60 %, to the next MiB. */
  readonly afterOursSeconds: number
}

/**
 * Moves one open document between our client and a foreign client at its default settings, each on a host of its own. `kill -9`
 * ends the foreign client at a quarter and ours at 60 % of the transfer; both are started again with the same command. Throws
 * when the copy differs or a transfer does not end.
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
    let foreign = await startForeign()

    await this.#moved(ours, 0.25 * this.#size)
    step("a quarter has moved: the foreign client is killed")
    await foreign.kill()
    const before = this.#movedBytes(await this.#listed(ours))
    let restartedAtMs = performance.now()
    foreign = await startForeign()
    await this.#moved(ours, before + GOES_ON_BYTES)
    const afterForeignSeconds = (performance.now() - restartedAtMs) / 1_000

    step("it goes on")
    await this.#moved(ours, 0.6 * this.#size)
    step("60 % have moved: our client is killed")
    await ours.destroy()
    restartedAtMs = performance.now()
    ours = this.#startOurs()
    await this.#moved(ours, GOES_ON_BYTES)
    const afterOursSeconds = (performance.now() - restartedAtMs) / 1_000

    step("it goes on")
    const copy = theySeed ? ground.path("copy") : ground.path("foreign", "sample.bin")
    await (theySeed ? this.#seeding(ours) : this.#complete(copy, file))
    const wholeSeconds = (performance.now() - startedAtMs) / 1_000
    await foreign.kill()
    if ((await digestOf(copy)) !== (await digestOf(file))) throw new Error("the copy differs from the document")
    return { wholeSeconds, afterForeignSeconds, afterOursSeconds }
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
  async #moved(ours: Program, byteCount: number): Promise<void> {
    while (this.#movedBytes(await this.#listed(ours)) < byteCount) await delay(LOOK_MS)
  }

  async #seeding(ours: Program): Promise<void> {
    while ((await this.#listed(ours))?.state !== "seeding") await delay(LOOK_MS)
  }

  /** Waits until the foreign client's file is the document. Its own words about that differ, and come late or never. */
  async #complete(copy: string, file: string): Promise<void> {
    const digest = await digestOf(file)
    for (let look = 0; look < MAX_LOOKS; look++) {
      if (existsSync(copy) && (await digestOf(copy)) === digest) return
      await delay(LOOK_AT_COPY_MS)
    }
    throw new Error(`${copy} has not become the document`)
  }
}
