import { randomBytes } from "node:crypto"
import { chmod, mkdir, readdir, rm, stat, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { foreignClient, type RunningForeign } from "./foreign-defaults.js"
import { hasLibtorrent, LIBTORRENT_DONE, libtorrentCommand } from "./foreign-libtorrent.js"
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
const LINK = /^magnet:/

const hasAria2 = areInstalled("aria2c", "transmission-create")
const canNetwork = canMakeNetworks()

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
  readonly link: string
}

/** A folder of ours that a client of ours serves, and its standard metainfo file and link. `command`: of a client whose service folder is "a". */
async function seedWith(command: readonly string[], leftOut: readonly string[] = []): Promise<Seed> {
  const tree = ground.path("a", "tree")
  await makeTree(tree)
  for (const path of leftOut) await rm(join(tree, path))
  const torrent = ground.path("a", "tree.torrent.json")
  const metainfo = ground.path("tree.torrent")
  const seeder = ground.run(command)
  seeder.type(`upload ${tree} ${torrent} --open`)
  await seeder.line(UPLOADED)
  const link = await seeder.line(LINK)
  seeder.type(`export ${torrent} ${metainfo}`)
  await seeder.line(/^written to /)
  return { seeder, tree, torrent, metainfo, link }
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

interface Fetch extends Seed {
  readonly host: TestHost
  /** The tree of the seed grows in it. */
  readonly folder: string
}

interface Other {
  readonly isInstalled: boolean
  readonly makesEmptyFiles: boolean
  readonly setsExecutable: boolean
  /** Files of the tree that it can't have. */
  readonly leftOut?: readonly string[]
  /** Starts it; resolves when its copy is whole. It serves the copy until its test ends. */
  fetch(from: Fetch): Promise<void>
}

/** Ends rtorrent, which runs on a terminal of its own. */
let rtorrent: RunningForeign | undefined

const OTHERS: Readonly<Record<string, Other>> = {
  "transmission, by our .torrent": {
    isInstalled: areInstalled("transmission-daemon", "transmission-remote"),
    ...{ makesEmptyFiles: false, setsExecutable: false },
    async fetch({ host, folder, metainfo }) {
      const daemon = ground.run(host.command(await transmissionCommand(ground.path("transmission"), folder)))
      await daemon.line(TRANSMISSION_READY)
      expect(await ground.run(host.command(transmissionAddCommand(metainfo, folder))).ended()).toBe(0)
      await daemon.line(TRANSMISSION_DONE)
    },
  },
  "libtorrent, by our magnet link": {
    isInstalled: hasLibtorrent(),
    ...{ makesEmptyFiles: true, setsExecutable: true },
    async fetch({ host, folder, link }) {
      await ground.run(host.command(libtorrentCommand(link, folder))).line(LIBTORRENT_DONE)
    },
  },
  "rtorrent, by our .torrent": {
    isInstalled: foreignClient("rtorrent").isInstalled,
    ...{ makesEmptyFiles: true, setsExecutable: false },
    // Version 0.9.8 takes two runs of padding of one length for one file that is there twice, and refuses the torrent.
    leftOut: ["3 small.txt"],
    async fetch({ host, folder, metainfo, tree }) {
      rtorrent = await foreignClient("rtorrent").start({
        ...{ host, folder, metainfo, seeds: false },
        run: (command) => ground.run(command),
        path: (...names) => ground.path(...names),
      })
      const whole = await filesIn(tree, true)
      // It says nothing that a program could read.
      await expect
        .poll(() => filesIn(join(folder, "tree"), true), { timeout: TIMEOUT_MS, interval: 200 })
        .toEqual(whole)
    },
  },
}

describe.skipIf(!canNetwork)(
  "a folder in one swarm with another client (iproute2, root)",
  { timeout: TIMEOUT_MS },
  () => {
    let network: TestNetwork

    beforeEach(() => {
      network = new TestNetwork("folders")
    })

    // Its hosts can only go when no program runs on them any more.
    afterEach(async () => {
      await rtorrent?.kill()
      rtorrent = undefined
      await ground.endPrograms()
      network.close()
    })

    const configFor = (name: string, tracker: TestHost) =>
      ground.config(name, {
        self: { service: name, host: "0.0.0.0", port: 7001 },
        tracker: { host: `http://${tracker.address}`, port: TRACKER_PORT },
      })

    for (const [name, other] of Object.entries(OTHERS)) {
      it.skipIf(!other.isInstalled)(`${name}, and by us from it when ours is gone`, async () => {
        const trackerHost = network.addHost()
        const tracker = ground.run(trackerHost.command(trackerCommand("0.0.0.0", String(TRACKER_PORT))))
        await tracker.line(/listens on/)
        const command = network.addHost().command(clientCommand(await configFor("a", trackerHost), "--plain"))
        const seed = await seedWith(command, other.leftOut)
        const { seeder, tree, torrent } = seed
        const folder = ground.path("foreign")
        await mkdir(folder)
        await other.fetch({ ...seed, host: network.addHost(), folder })
        await expectSame(join(folder, "tree"), tree, other.makesEmptyFiles)
        expect(await isExecutable(join(folder, "tree/bin/run"))).toBe(other.setsExecutable)
        seeder.kill("SIGTERM")
        expect(await seeder.ended()).toBe(0)
        const config = await configFor("b", trackerHost)
        const leecher = ground.run(network.addHost().command(clientCommand(config, "download", torrent, "copy")))
        await leecher.line(DOWNLOADED)
        expect(await leecher.ended()).toBe(0)
        await expectSame(ground.path("b", "copy"), tree)
        expect(await isExecutable(ground.path("b", "copy/bin/run"))).toBe(true)
      })
    }
  },
)
