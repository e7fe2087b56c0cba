import { randomBytes } from "node:crypto"
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import {
  ARIA2_DONE,
  ARIA2_SEEDS,
  areInstalled,
  aria2Command,
  makeMetainfo,
  TRANSMISSION_DONE,
  TRANSMISSION_READY,
  TRANSMISSION_RECEIVES,
  transmissionAddCommand,
  transmissionCommand,
} from "./foreign-programs.js"
import { digestOf, Playground } from "./playground.js"
import { clientCommand, type Program, trackerCommand } from "./program.js"
import { canMakeNetworks, type TestHost, TestNetwork } from "./test-network.js"

const MIB = 1024 * 1024
const TRACKER_PORT = 5000
/** Other programs are slow: Transmission decides only every 10 s in which peers it is interested. */
const TIMEOUT_MS = 240_000
const UPLOADED = /^SUCCESSFUL UPLOAD$/
const DOWNLOADED = /^SUCCESSFUL DOWNLOAD$/

const hasAria2 = areInstalled("aria2c", "transmission-create")
const hasTransmission = areInstalled("transmission-daemon", "transmission-remote") && canMakeNetworks()

let ground: Playground

beforeEach(async () => {
  ground = await Playground.create()
})

afterEach(() => ground.close())

interface Seed {
  readonly seeder: Program
  readonly torrent: string
  readonly metainfo: string
  readonly digest: string
}

/** A document of ours that a client of ours serves, and its standard metainfo file. */
async function seed(sizeBytes: number, extra: Readonly<Record<string, unknown>> = {}): Promise<Seed> {
  return seedWith(clientCommand(await ground.config("a", extra), "--plain"), sizeBytes)
}

/** The same with the command of a client whose service folder is "a". */
async function seedWith(command: readonly string[], sizeBytes: number): Promise<Seed> {
  const file = ground.path("a", "sample.bin")
  await writeFile(file, randomBytes(sizeBytes))
  const torrent = ground.path("a", "sample.torrent.json")
  const metainfo = ground.path("sample.torrent")
  const seeder = ground.run(command)
  seeder.type(`upload ${file} ${torrent} --open`)
  await seeder.line(UPLOADED)
  seeder.type(`export ${torrent} ${metainfo}`)
  await seeder.line(/^written to /)
  return { seeder, torrent, metainfo, digest: await digestOf(file) }
}

describe.skipIf(!hasAria2)(
  "in one swarm with aria2 (the programs aria2c, transmission-create)",
  { timeout: TIMEOUT_MS },
  () => {
    it("aria2 fetches from our seeder, byte for byte", async () => {
      await ground.tracker()
      const { metainfo, digest } = await seed(20 * MIB + 12_345)
      const aria2 = ground.run(aria2Command(metainfo, ground.path("aria2")))
      await aria2.line(ARIA2_DONE)
      expect(await aria2.ended()).toBe(0)
      expect(await digestOf(ground.path("aria2", "sample.bin"))).toBe(digest)
    })

    it("we fetch from an aria2 seeder, byte for byte", async () => {
      await ground.tracker()
      const { seeder, torrent, metainfo, digest } = await seed(20 * MIB + 12_345)
      const aria2 = ground.run(aria2Command(metainfo, ground.path("aria2"), { seed: true }))
      await aria2.line(ARIA2_SEEDS)
      seeder.kill("SIGTERM")
      expect(await seeder.ended()).toBe(0)
      const leecher = ground.client(await ground.config("b"), "download", torrent, "copy")
      await leecher.line(DOWNLOADED)
      expect(await leecher.ended()).toBe(0)
      expect(await digestOf(ground.path("b", "copy"))).toBe(digest)
    })

    it("aria2 leaves in mid-file, comes back, and resumes", async () => {
      await ground.tracker()
      const { seeder, metainfo, digest } = await seed(24 * MIB, { limits: { upload: "4MiB/s" } })
      const folder = ground.path("aria2")
      const first = ground.run(aria2Command(metainfo, folder, { extra: ["--summary-interval=1"] }))
      await first.line(/\([2-9]\d%\)/)
      first.kill("SIGINT")
      await first.ended()
      seeder.type("limit up none")
      const second = ground.run(aria2Command(metainfo, folder))
      await second.line(ARIA2_DONE)
      expect(await digestOf(ground.path("aria2", "sample.bin"))).toBe(digest)
    })

    it("an aria2 seeder that goes away and comes back is used again", async () => {
      await ground.tracker()
      const { seeder, torrent, metainfo, digest } = await seed(24 * MIB)
      const folder = ground.path("aria2")
      const first = ground.run(aria2Command(metainfo, folder, { seed: true }))
      await first.line(ARIA2_SEEDS)
      seeder.kill("SIGTERM")
      await seeder.ended()
      const limited = await ground.config("b", { limits: { download: "4MiB/s" } })
      const leecher = ground.client(limited, "download", torrent, "copy")
      await leecher.line(/ [1-9]\d\.\d %/)
      first.kill("SIGKILL")
      await first.ended()
      ground.run(aria2Command(metainfo, folder, { seed: true }))
      await leecher.line(DOWNLOADED)
      expect(await digestOf(ground.path("b", "copy"))).toBe(digest)
    })

    it("we fetch what a .torrent made by another program describes, from aria2", async () => {
      await ground.tracker()
      const folder = ground.path("aria2")
      await mkdir(folder)
      const file = join(folder, "made elsewhere.bin")
      await writeFile(file, randomBytes(5 * MIB))
      const metainfo = await makeMetainfo(ground, file)
      const aria2 = ground.run(aria2Command(metainfo, folder, { seed: true }))
      await aria2.line(ARIA2_SEEDS)
      const config = await ground.config("b")
      const leecher = ground.client(config, "download", metainfo)
      await leecher.line(DOWNLOADED)
      expect(await leecher.ended()).toBe(0)
      expect(await digestOf(ground.path("b", "made elsewhere.bin"))).toBe(await digestOf(file))
    })

    it("two of each fetch from one seeder and from each other", async () => {
      await ground.tracker()
      const { torrent, metainfo, digest } = await seed(24 * MIB, { limits: { upload: "16MiB/s" } })
      const ours = await Promise.all(["b", "c"].map((name) => ground.config(name)))
      const leechers = ours.map((config) => ground.client(config, "--seed", "download", torrent, "copy"))
      const folders = ["aria2-1", "aria2-2"].map((name) => ground.path(name))
      const aria2s = folders.map((folder) => ground.run(aria2Command(metainfo, folder)))
      await Promise.all([
        ...leechers.map((each) => each.line(DOWNLOADED)),
        ...aria2s.map((each) => each.line(ARIA2_DONE)),
      ])
      for (const name of ["b", "c"]) expect(await digestOf(ground.path(name, "copy"))).toBe(digest)
      for (const name of ["aria2-1", "aria2-2"]) expect(await digestOf(ground.path(name, "sample.bin"))).toBe(digest)
    })
  },
)

describe.skipIf(!hasTransmission)(
  "in one swarm with transmission (transmission-daemon, iproute2, root)",
  {
    timeout: TIMEOUT_MS,
  },
  () => {
    let network: TestNetwork

    beforeEach(() => {
      network = new TestNetwork("foreign")
    })

    // Its hosts can only go when no program runs on them any more.
    afterEach(async () => {
      await ground.endPrograms()
      network.close()
    })

    /** A host where our tracker runs; the config of every client names it. */
    async function trackerHost(): Promise<TestHost> {
      const host = network.addHost()
      const tracker = ground.run(host.command(trackerCommand("0.0.0.0", String(TRACKER_PORT))))
      await tracker.line(/listens on/)
      return host
    }

    function configFor(
      name: string,
      tracker: TestHost,
      extra: Readonly<Record<string, unknown>> = {},
    ): Promise<string> {
      return ground.config(name, {
        self: { service: name, host: "0.0.0.0", port: 7001 },
        tracker: { host: `http://${tracker.address}`, port: TRACKER_PORT },
        ...extra,
      })
    }

    /**
     * Starts transmission on a host of its own, to fetch one torrent. A host for each program, because transmission takes any program that
     * comes from an address where it met a seed for that seed.
     */
    async function startTransmission(name: string, metainfo: string) {
      const host = network.addHost()
      const folder = ground.path(name, "files")
      const command = host.command(await transmissionCommand(ground.path(name, "config"), folder))
      const daemon = ground.run(command)
      await daemon.line(TRANSMISSION_READY)
      const adding = ground.run(host.command(transmissionAddCommand(metainfo, folder)))
      expect(await adding.ended()).toBe(0)
      return { daemon, command, copy: join(folder, "sample.bin") }
    }

    /** Starts a client of ours on a host of its own. */
    async function startOurs(name: string, tracker: TestHost, ...args: readonly string[]): Promise<Program> {
      return ground.run(network.addHost().command(clientCommand(await configFor(name, tracker), ...args)))
    }

    it("transmission fetches from our seeder, and we from it when ours is gone", async () => {
      const tracker = await trackerHost()
      const { seeder, torrent, metainfo, digest } = await seedWith(
        network.addHost().command(clientCommand(await configFor("a", tracker), "--plain")),
        20 * MIB + 12_345,
      )
      const { daemon, copy } = await startTransmission("transmission", metainfo)
      await daemon.line(TRANSMISSION_DONE)
      expect(await digestOf(copy)).toBe(digest)
      seeder.kill("SIGTERM")
      expect(await seeder.ended()).toBe(0)
      const leecher = await startOurs("b", tracker, "download", torrent, "copy")
      await leecher.line(DOWNLOADED)
      expect(await leecher.ended()).toBe(0)
      expect(await digestOf(ground.path("b", "copy"))).toBe(digest)
    })

    it("all three kinds fetch from one seeder at once, one of each leaves in mid-file and comes back", async () => {
      const tracker = await trackerHost()
      const seederConfig = await configFor("a", tracker, { limits: { upload: "4MiB/s" } })
      const { torrent, metainfo, digest } = await seedWith(
        network.addHost().command(clientCommand(seederConfig, "--plain")),
        40 * MIB,
      )
      const transmission = await startTransmission("transmission", metainfo)
      const aria2Host = network.addHost()
      const aria2 = aria2Host.command(aria2Command(metainfo, ground.path("aria2"), { extra: ["--summary-interval=1"] }))
      const firstAria2 = ground.run(aria2)
      const ours = await startOurs("b", tracker, "--seed", "download", torrent, "copy")
      await firstAria2.line(/\([1-9]\d%\)/)
      firstAria2.kill("SIGINT")
      await firstAria2.ended()
      await transmission.daemon.line(TRANSMISSION_RECEIVES)
      transmission.daemon.kill("SIGTERM")
      await transmission.daemon.ended()
      const secondAria2 = ground.run(aria2)
      const secondTransmission = ground.run(transmission.command)
      await Promise.all([
        ours.line(DOWNLOADED),
        secondAria2.line(ARIA2_DONE),
        secondTransmission.line(TRANSMISSION_DONE),
      ])
      for (const copy of [ground.path("b", "copy"), ground.path("aria2", "sample.bin"), transmission.copy])
        expect(await digestOf(copy)).toBe(digest)
    })
  },
)
