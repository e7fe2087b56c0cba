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
  transmissionAddCommand,
  transmissionCommand,
} from "./foreign-programs.js"
import { digestOf, Playground } from "./playground.js"
import { clientCommand, type Program, trackerCommand } from "./program.js"
import { canMakeNetworks, TestNetwork } from "./test-network.js"

const MIB = 1024 * 1024
const TIMEOUT_MS = 240_000
const UPLOADED = /^SUCCESSFUL UPLOAD$/
const DOWNLOADED = /^SUCCESSFUL DOWNLOAD$/
const LINK = /^(?:magnet:\?|p2p-tui:)/

let ground: Playground

beforeEach(async () => {
  ground = await Playground.create()
})

afterEach(() => ground.close())

/** Shares a file with this program; resolves with the link that it prints on the line after its success. */
async function share(seeder: Program, ...options: readonly string[]) {
  const file = ground.path("a", "sample.bin")
  await writeFile(file, randomBytes(5 * MIB + 12_345))
  seeder.type(`upload ${file} ${options.join(" ")}`)
  await seeder.line(UPLOADED)
  return { link: await seeder.line(LINK), digest: await digestOf(file) }
}

describe("a link between real programs", () => {
  it.each([
    ["of a private document, given as an argument", [], false],
    ["of an open document, given on standard input", ["--open"], true],
  ])("%s", async (_, options, isPiped) => {
    await ground.tracker()
    const { link, digest } = await share(ground.client(await ground.config("a"), "--plain"), ...options)
    const config = await ground.config("b")
    const leecher = ground.client(config, "download", isPiped ? "-" : link)
    if (isPiped) leecher.type(`"${link}"`)
    if (isPiped) leecher.endInput()
    await leecher.line(/^sample\.bin: its description has come; nothing here yet, fetching all \d+ parts \(.+\)$/)
    await leecher.line(DOWNLOADED)
    expect(await leecher.ended()).toBe(0)
    const stages = [/description is fetched/, /description has come/, DOWNLOADED]
    const places = stages.map((stage) => leecher.lines.findIndex((line) => stage.test(line)))
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(await digestOf(ground.path("b", "sample.bin"))).toBe(digest)
  })

  it("is enough when the tracker was killed before: it names where the other client is", async () => {
    const tracker = await ground.tracker()
    const seeder = ground.client(await ground.config("a"), "--plain")
    const { link, digest } = await share(seeder)
    tracker.kill("SIGKILL")
    await tracker.ended()
    const leecher = ground.client(await ground.config("b"), "download", link)
    await leecher.line(DOWNLOADED)
    expect(await digestOf(ground.path("b", "sample.bin"))).toBe(digest)
  })
})

describe.skipIf(!areInstalled("aria2c", "transmission-create", "transmission-show"))(
  "a magnet link and aria2 (the programs aria2c, transmission-create, transmission-show)",
  { timeout: TIMEOUT_MS },
  () => {
    it("aria2 downloads by our link", async () => {
      await ground.tracker()
      const { link, digest } = await share(ground.client(await ground.config("a"), "--plain"), "--open")
      const aria2 = ground.run(aria2Command(link, ground.path("aria2")))
      await aria2.line(ARIA2_DONE)
      expect(await digestOf(ground.path("aria2", "sample.bin"))).toBe(digest)
    })

    it("we download by the link of what aria2 seeds, found at a tracker", async () => {
      await ground.tracker()
      const folder = ground.path("aria2")
      await mkdir(folder)
      const file = join(folder, "made elsewhere.bin")
      await writeFile(file, randomBytes(5 * MIB))
      const metainfo = await makeMetainfo(ground, file)
      const shown = ground.run(["transmission-show", "--magnet", metainfo])
      const link = await shown.line(/^magnet:/)
      const aria2 = ground.run(aria2Command(metainfo, folder, { seed: true }))
      await aria2.line(ARIA2_SEEDS)
      const leecher = ground.client(await ground.config("b"), "download", link)
      await leecher.line(DOWNLOADED)
      expect(await leecher.ended()).toBe(0)
      expect(await digestOf(ground.path("b", "made elsewhere.bin"))).toBe(await digestOf(file))
    })
  },
)

describe.skipIf(!(areInstalled("transmission-daemon", "transmission-remote") && canMakeNetworks()))(
  "a magnet link and transmission (transmission-daemon, iproute2, root)",
  { timeout: TIMEOUT_MS },
  () => {
    let network: TestNetwork

    beforeEach(() => {
      network = new TestNetwork("links")
    })

    afterEach(async () => {
      await ground.endPrograms()
      network.close()
    })

    it("transmission downloads by our link", async () => {
      const tracker = network.addHost()
      await ground.run(tracker.command(trackerCommand("0.0.0.0", "5000"))).line(/listens on/)
      const at = { tracker: { host: `http://${tracker.address}`, port: 5000 } }
      const configOf = (name: string) =>
        ground.config(name, { self: { service: name, host: "0.0.0.0", port: 7001 }, ...at })
      const seeder = ground.run(network.addHost().command(clientCommand(await configOf("a"), "--plain")))
      const { link, digest } = await share(seeder, "--open")
      const folder = ground.path("transmission", "files")
      const host = network.addHost()
      const daemon = ground.run(host.command(await transmissionCommand(ground.path("transmission", "config"), folder)))
      await daemon.line(TRANSMISSION_READY)
      expect(await ground.run(host.command(transmissionAddCommand(link, folder))).ended()).toBe(0)
      await daemon.line(TRANSMISSION_DONE)
      expect(await digestOf(join(folder, "sample.bin"))).toBe(digest)
    })
  },
)
