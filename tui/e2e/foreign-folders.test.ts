import { randomBytes } from "node:crypto"
import { chmod, mkdir, readdir, rm, stat, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
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
import { canMakeNetworks, type TestHost, TestNetwork } from "./test-network.js"

const KIB = 1024
const TRACKER_PORT = 5000
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

/** Small files, large ones with padding before them (two runs of one length), an empty one, an executable one, names that are not ASCII. */
const FILES: readonly (readonly [string, Uint8Array])[] = [
  [".hidden/config", randomBytes(100)],
  ["1 small.txt", randomBytes(924)],
  ["2 large.bin", randomBytes(3 * 256 * KIB)],
  ["3 small.txt", randomBytes(KIB)],
  ["4 large.bin", randomBytes(256 * KIB + 5)],
  ["bin/run", randomBytes(5_000)],
  ["größe/日本語/😀.txt", randomBytes(70_000)],
  ["empty", new Uint8Array(0)],
]

async function makeTree(root: string): Promise<void> {
  for (const [path, content] of FILES) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), content)
  }
  await chmod(join(root, "bin/run"), 0o755)
}

/** Files by their paths. Other programs write padding as files, in ".pad"; `empty`: transmission makes no files of nothing. */
async function filesIn(root: string, empty: boolean): Promise<Record<string, string>> {
  const files: Record<string, string> = {}
  for (const entry of await readdir(root, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name)
    const counts = entry.isFile() && !path.includes("/.pad/") && (empty || (await stat(path)).size > 0)
    if (counts) files[path.slice(root.length + 1)] = await digestOf(path)
  }
  return files
}

async function expectSame(copy: string, original: string, empty = true): Promise<void> {
  expect(await filesIn(copy, empty)).toEqual(await filesIn(original, empty))
}

async function isExecutable(path: string): Promise<boolean> {
  return ((await stat(path)).mode & 0o100) !== 0
}

interface Seed {
  readonly seeder: Program
  readonly tree: string
  readonly torrent: string
  readonly metainfo: string
}

/** A folder of ours that a client of ours serves, and its standard metainfo file. `command`: of a client whose service folder is "a". */
async function seedWith(command: readonly string[]): Promise<Seed> {
  const tree = ground.path("a", "tree")
  await makeTree(tree)
  const torrent = ground.path("a", "tree.torrent.json")
  const metainfo = ground.path("tree.torrent")
  const seeder = ground.run(command)
  seeder.type(`upload ${tree} ${torrent} --open`)
  await seeder.line(UPLOADED)
  seeder.type(`export ${torrent} ${metainfo}`)
  await seeder.line(/^written to /)
  return { seeder, tree, torrent, metainfo }
}

describe.skipIf(!hasAria2)(
  "a folder in one swarm with aria2 (the programs aria2c, transmission-create)",
  { timeout: TIMEOUT_MS },
  () => {
    it("is fetched by aria2 from our seeder, and by us from aria2 when ours is gone", async () => {
      await ground.tracker()
      const { seeder, tree, torrent, metainfo } = await seedWith(clientCommand(await ground.config("a"), "--plain"))
      const aria2 = ground.run(aria2Command(metainfo, ground.path("aria2")))
      await aria2.line(ARIA2_DONE)
      expect(await aria2.ended()).toBe(0)
      await expectSame(ground.path("aria2", "tree"), tree)
      seeder.kill("SIGTERM")
      expect(await seeder.ended()).toBe(0)
      const seeding = ground.run(aria2Command(metainfo, ground.path("aria2"), { seed: true }))
      await seeding.line(ARIA2_SEEDS)
      const leecher = ground.client(await ground.config("b"), "download", torrent, "copy")
      await leecher.line(DOWNLOADED)
      expect(await leecher.ended()).toBe(0)
      await expectSame(ground.path("b", "copy"), tree)
      expect(await isExecutable(ground.path("b", "copy/bin/run"))).toBe(true)
      expect(await isExecutable(ground.path("b", "copy/1 small.txt"))).toBe(false)
    })

    it("that a .torrent of another program describes is fetched by us, one of a single file too", async () => {
      await ground.tracker()
      const folder = ground.path("aria2")
      await makeTree(join(folder, "made elsewhere"))
      // transmission-create leaves out hidden files and files of nothing.
      for (const path of [".hidden", "empty"]) await rm(join(folder, "made elsewhere", path), { recursive: true })
      await mkdir(join(folder, "single"))
      await writeFile(join(folder, "single/only file"), randomBytes(1_000))
      for (const name of ["made elsewhere", "single"]) {
        const metainfo = await makeMetainfo(ground, join(folder, name))
        const aria2 = ground.run(aria2Command(metainfo, folder, { seed: true }))
        await aria2.line(ARIA2_SEEDS)
        const leecher = ground.client(await ground.config("b"), "download", metainfo)
        await leecher.line(DOWNLOADED)
        expect(await leecher.ended()).toBe(0)
        await expectSame(ground.path("b", name), join(folder, name))
      }
    })
  },
)

describe.skipIf(!hasTransmission)(
  "a folder in one swarm with transmission (transmission-daemon, iproute2, root)",
  { timeout: TIMEOUT_MS },
  () => {
    let network: TestNetwork

    beforeEach(() => {
      network = new TestNetwork("folders")
    })

    // Its hosts can only go when no program runs on them any more.
    afterEach(async () => {
      await ground.endPrograms()
      network.close()
    })

    const configFor = (name: string, tracker: TestHost) =>
      ground.config(name, {
        self: { service: name, host: "0.0.0.0", port: 7001 },
        tracker: { host: `http://${tracker.address}`, port: TRACKER_PORT },
      })

    it("is fetched by transmission from our seeder, and by us from it when ours is gone", async () => {
      const trackerHost = network.addHost()
      const tracker = ground.run(trackerHost.command(trackerCommand("0.0.0.0", String(TRACKER_PORT))))
      await tracker.line(/listens on/)
      const { seeder, tree, torrent, metainfo } = await seedWith(
        network.addHost().command(clientCommand(await configFor("a", trackerHost), "--plain")),
      )
      const host = network.addHost()
      const folder = ground.path("transmission", "files")
      const command = await transmissionCommand(ground.path("transmission", "config"), folder)
      const daemon = ground.run(host.command(command))
      await daemon.line(TRANSMISSION_READY)
      expect(await ground.run(host.command(transmissionAddCommand(metainfo, folder))).ended()).toBe(0)
      await daemon.line(TRANSMISSION_DONE)
      await expectSame(join(folder, "tree"), tree, false)
      seeder.kill("SIGTERM")
      expect(await seeder.ended()).toBe(0)
      const config = await configFor("b", trackerHost)
      const leecher = ground.run(network.addHost().command(clientCommand(config, "download", torrent, "copy")))
      await leecher.line(DOWNLOADED)
      expect(await leecher.ended()).toBe(0)
      await expectSame(ground.path("b", "copy"), tree)
      expect(await isExecutable(ground.path("b", "copy/bin/run"))).toBe(true)
    })
  },
)
