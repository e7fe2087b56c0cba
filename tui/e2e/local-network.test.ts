import { randomBytes } from "node:crypto"
import { copyFile, mkdir, writeFile } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import {
  ARIA2_DONE,
  ARIA2_SEEDS,
  areInstalled,
  aria2Command,
  TRANSMISSION_DONE,
  TRANSMISSION_READY,
  transmissionAddCommand,
  transmissionCommand,
} from "./foreign-programs.js"
import { digestOf, Playground } from "./playground.js"
import { clientCommand, type Program } from "./program.js"
import { inNetworkOfThree, type TestNetwork } from "./test-network.js"

const MIB = 1024 * 1024
/** Foreign programs look for peers at their own pace. */
const TIMEOUT_MS = 240_000
const UPLOADED = /^SUCCESSFUL UPLOAD$/
const DOWNLOADED = /^SUCCESSFUL DOWNLOAD$/

let network: TestNetwork
let ground: Playground

const canNetwork = inNetworkOfThree("lan", (made) => {
  network = made
})

beforeEach(async () => {
  ground = await Playground.create()
})

afterEach(() => ground.close())

/** Starts a client of ours on the host of that number (0, 1, 2), without any tracker. */
async function client(
  number: number,
  self: Readonly<Record<string, unknown>> = {},
  extra: Readonly<Record<string, unknown>> = {},
): Promise<Program> {
  const service = `host${number}`
  const config = await ground.config(service, {
    ...{ self: { service, host: "0.0.0.0", port: 7001, ...self }, tracker: undefined },
    ...extra,
  })
  return ground.run(network.host(number).command(clientCommand(config, "--plain")))
}

async function sample(): Promise<{ readonly file: string; readonly torrent: string; readonly digest: string }> {
  const file = ground.path("sample.bin")
  await writeFile(file, randomBytes(3 * MIB + 123))
  return { file, torrent: ground.path("sample.torrent.json"), digest: await digestOf(file) }
}

describe.skipIf(!canNetwork)(
  "three hosts without a tracker (needs network namespaces)",
  { timeout: TIMEOUT_MS },
  () => {
    it.each([
      ["IPv4", "", { host: "0.0.0.0" }, {}],
      ["IPv4 and IPv6", "--open", { host: "::" }, {}],
      ["one address of IPv6", "", undefined, {}],
      ["a list of hosts, with the local network off", "", {}, { lan: false, peers: "10.77.0.[1-3]:7001" }],
    ])("move a document over %s", async (_, how, self, extra) => {
      const { file, torrent, digest } = await sample()
      const selfOf = (number: number) => self ?? { host: network.host(number).address6 }
      const uploader = await client(0, selfOf(0), extra)
      uploader.type(`upload ${file} ${torrent} ${how}`)
      await uploader.line(UPLOADED)
      const second = await client(1, selfOf(1), extra)
      second.type(`download ${torrent}`)
      await second.line(DOWNLOADED)
      uploader.kill("SIGKILL")
      const third = await client(2, selfOf(2), extra)
      third.type(`download ${torrent}`)
      await third.line(DOWNLOADED)
      expect(await digestOf(ground.path("host2", "sample.bin"))).toBe(digest)
    })

    it("a download that waits gets what is uploaded later, also from a host that comes to the network later", async () => {
      const { file, torrent, digest } = await sample()
      const uploader = await client(0)
      uploader.type(`upload ${file} ${torrent}`)
      await uploader.line(UPLOADED)
      uploader.kill("SIGTERM")
      await uploader.ended()
      const waiting = await client(1)
      waiting.type(`download ${torrent}`)
      await waiting.line(/waits for a peer on the local network/)
      network.setConnected(network.host(0), false)
      const seeder = await client(0)
      await seeder.line(/^listening on /)
      network.setConnected(network.host(0), true)
      await waiting.line(DOWNLOADED)
      expect(await digestOf(ground.path("host1", "sample.bin"))).toBe(digest)
    })

    it("cards that are put in while the clients run bring them together, when the network of before is gone", async () => {
      const { file, torrent, digest } = await sample()
      const uploader = await client(0)
      uploader.type(`upload ${file} ${torrent}`)
      await uploader.line(UPLOADED)
      network.setConnected(network.host(0), false)
      const takeOut: (() => void)[] = []
      try {
        const waiting = await client(1)
        waiting.type(`download ${torrent}`)
        await waiting.line(/waits for a peer on the local network/)
        takeOut.push(network.addCard(network.host(0), "10.78.0.1"), network.addCard(network.host(1), "10.78.0.2"))
        await waiting.line(DOWNLOADED)
        expect(await digestOf(ground.path("host1", "sample.bin"))).toBe(digest)
      } finally {
        for (const take of takeOut) take()
        network.setConnected(network.host(0), true)
      }
    })

    it('"lan": false neither announces nor hears', async () => {
      const { file, torrent } = await sample()
      const uploader = await client(0)
      uploader.type(`upload ${file} ${torrent}`)
      await uploader.line(UPLOADED)
      const deaf = await client(1, {}, { lan: false })
      deaf.type(`download ${torrent}`)
      await deaf.line(/waits for a peer that calls/)
      const heard = await client(2)
      heard.type(`download ${torrent}`)
      await heard.line(DOWNLOADED)
      deaf.type("peers")
      await deaf.line(/no peers/i)
    })
  },
)

const hasAria2 = canNetwork && areInstalled("aria2c", "transmission-create")
const hasTransmission = canNetwork && areInstalled("transmission-daemon", "transmission-remote", "transmission-create")

/** A torrent whose peers are found without a tracker: it is not private, and nothing answers at its announce URL. */
async function foreignTorrent(): Promise<{
  readonly file: string
  readonly metainfo: string
  readonly digest: string
}> {
  const { file, digest } = await sample()
  const metainfo = ground.path("sample.torrent")
  const command = ["transmission-create", "--outfile", metainfo, "--tracker", "http://127.0.0.1:9/announce", file]
  expect(await ground.run(command).ended()).toBe(0)
  return { file, metainfo, digest }
}

/** A client of ours that serves, or fetches, what a .torrent describes. */
async function ours(number: number, metainfo: string, file?: string): Promise<Program> {
  const program = await client(number)
  await mkdir(ground.path(`host${number}`), { recursive: true })
  if (file !== undefined) await copyFile(file, ground.path(`host${number}`, "sample.bin"))
  program.type(`download ${metainfo}`)
  if (file !== undefined) await program.line(DOWNLOADED)
  return program
}

describe.skipIf(!hasAria2)(
  "with aria2 and its local discovery (needs network namespaces, aria2c, transmission-create)",
  { timeout: TIMEOUT_MS },
  () => {
    const aria2 = (metainfo: string, folder: string, seed: boolean) =>
      ground.run(network.host(1).command(aria2Command(metainfo, folder, { seed, extra: ["--bt-enable-lpd=true"] })))

    it("it finds our seeder", async () => {
      const { file, metainfo, digest } = await foreignTorrent()
      await ours(0, metainfo, file)
      await aria2(metainfo, ground.path("aria2"), false).line(ARIA2_DONE)
      expect(await digestOf(ground.path("aria2", "sample.bin"))).toBe(digest)
    })

    it("it finds an open document of ours by its info hash alone", async () => {
      const { file, torrent, digest } = await sample()
      const uploader = await client(0)
      uploader.type(`upload ${file} ${torrent} --open`)
      const [infoHash] = /btih:[0-9a-f]{40}/.exec(await uploader.line(/^magnet:/)) ?? []
      await aria2(`magnet:?xt=urn:${infoHash}`, ground.path("aria2"), false).line(ARIA2_DONE)
      expect(await digestOf(ground.path("aria2", "sample.bin"))).toBe(digest)
    })

    it("we find its seeder", async () => {
      const { file, metainfo, digest } = await foreignTorrent()
      await mkdir(ground.path("aria2"))
      await copyFile(file, ground.path("aria2", "sample.bin"))
      await aria2(metainfo, ground.path("aria2"), true).line(ARIA2_SEEDS)
      await (await ours(0, metainfo)).line(DOWNLOADED)
      expect(await digestOf(ground.path("host0", "sample.bin"))).toBe(digest)
    })
  },
)

describe.skipIf(!hasTransmission)(
  "with Transmission and its local discovery (needs network namespaces, transmission-daemon, -remote, -create)",
  { timeout: TIMEOUT_MS },
  () => {
    async function transmission(metainfo: string, file?: string): Promise<Program> {
      const folder = ground.path("transmission")
      await mkdir(folder)
      if (file !== undefined) await copyFile(file, ground.path("transmission", "sample.bin"))
      const command = await transmissionCommand(ground.path("config"), folder, { "lpd-enabled": true })
      const daemon = ground.run(network.host(1).command(command))
      await daemon.line(TRANSMISSION_READY)
      const added = ground.run(network.host(1).command(transmissionAddCommand(metainfo, folder)))
      expect(await added.ended()).toBe(0)
      return daemon
    }

    it("it finds our seeder", async () => {
      const { file, metainfo, digest } = await foreignTorrent()
      await ours(0, metainfo, file)
      await (await transmission(metainfo)).line(TRANSMISSION_DONE)
      expect(await digestOf(ground.path("transmission", "sample.bin"))).toBe(digest)
    })

    it("we find its seeder", async () => {
      const { file, metainfo, digest } = await foreignTorrent()
      await transmission(metainfo, file)
      await (await ours(0, metainfo)).line(DOWNLOADED)
      expect(await digestOf(ground.path("host0", "sample.bin"))).toBe(digest)
    })
  },
)
