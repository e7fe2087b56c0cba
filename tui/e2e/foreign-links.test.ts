import { randomBytes } from "node:crypto"
import { existsSync } from "node:fs"
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { untilSo } from "../../core/testing/until-so.js"
import { foreignClient } from "./foreign-defaults.js"
import {
  hasLibtorrent,
  LIBTORRENT_DONE,
  LIBTORRENT_PORT,
  LIBTORRENT_SEEDS,
  libtorrentCommand,
} from "./foreign-libtorrent.js"
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
/** Foreign programs are slow: Transmission decides only every 10 s in which peers it is interested. */
const TIMEOUT_MS = 180_000
const LINK = /^magnet:/
/** Where Transmission listens for peers. */
const TRANSMISSION_PORT = 51413
/** The listening port that aria2 is given. */
const ARIA2_PORT = 6881

let network: TestNetwork
let ground: Playground

const canNetwork = inNetworkOfThree("magnet", (made) => {
  network = made
})

beforeEach(async () => {
  ground = await Playground.create()
})

afterEach(() => ground.close())

/** Our client on the first host, without a config. */
async function ours(...args: readonly string[]): Promise<Program> {
  const home = ground.path("home")
  await mkdir(home, { recursive: true })
  return ground.run(network.host(0).command(clientCommand(...args)), { HOME: home, XDG_CONFIG_HOME: undefined })
}

async function sample(): Promise<{ readonly file: string; readonly digest: string }> {
  const file = ground.path("sample.bin")
  await writeFile(file, randomBytes(3 * MIB + 12_345))
  return { file, digest: await digestOf(file) }
}

/** Only its tracker, or only its peer, is left in the link. */
const withoutPeer = (link: string) => link.replace(/&x\.pe=[^&]*/g, "")
const withoutTracker = (link: string) => link.replace(/&tr=[^&]*/g, "")

/** Foreign clients on the second host: each downloads by a link, and resolves when the copy is whole. */
const DOWNLOADS: Readonly<Record<string, (link: string, folder: string) => Promise<void>>> = {
  aria2: async (link, folder) => {
    await ground.run(network.host(1).command(aria2Command(link, folder))).line(ARIA2_DONE)
  },
  libtorrent: async (link, folder) => {
    await ground.run(network.host(1).command(libtorrentCommand(link, folder))).line(LIBTORRENT_DONE)
  },
  transmission: async (link, folder) => {
    const daemon = await transmission(folder)
    expect(await ground.run(network.host(1).command(transmissionAddCommand(link, folder))).ended()).toBe(0)
    await daemon.line(TRANSMISSION_DONE)
  },
  rtorrent: async (link, folder) => {
    const { kill } = await foreignClient("rtorrent").start({
      ...{ host: network.host(1), folder, metainfo: link, seeds: false },
      run: (command) => ground.run(command),
      path: (...names) => ground.path(...names),
    })
    const [copy, file] = [`${folder}/sample.bin`, ground.path("sample.bin")]
    await untilSo(async () => existsSync(copy) && (await digestOf(copy)) === (await digestOf(file)))
    await kill()
  },
}

async function transmission(folder: string): Promise<Program> {
  const daemon = ground.run(network.host(1).command(await transmissionCommand(ground.path("config"), folder)))
  await daemon.line(TRANSMISSION_READY)
  return daemon
}

const INSTALLED: Readonly<Record<string, boolean>> = {
  aria2: areInstalled("aria2c"),
  libtorrent: hasLibtorrent(),
  transmission: areInstalled("transmission-daemon", "transmission-remote"),
  rtorrent: areInstalled("rtorrent"),
}

describe.skipIf(!canNetwork)("our magnet link, with our client as the only peer", { timeout: TIMEOUT_MS }, () => {
  async function downloadsBy(name: string, what: (link: string) => string): Promise<void> {
    const { file, digest } = await sample()
    const link = await (await ours("upload", "--open", file)).line(LINK)
    expect(link).toContain("&tr=http%3A%2F%2F10.77.0.1%3A7101%2Fannounce")
    expect(link).toContain("&x.pe=10.77.0.1:7001")
    const folder = ground.path("foreign")
    await mkdir(folder)
    await DOWNLOADS[name]?.(what(link), folder)
    expect(await digestOf(ground.path("foreign", "sample.bin"))).toBe(digest)
  }

  for (const name of Object.keys(DOWNLOADS)) {
    it.skipIf(INSTALLED[name] !== true)(`${name} downloads by it, found at our tracker`, () =>
      downloadsBy(name, withoutPeer),
    )
  }

  it.skipIf(INSTALLED["aria2"] !== true)(
    "aria2 that demands encryption is turned away, and the log says why",
    async () => {
      const { file } = await sample()
      const link = await (await ours("--log-level", "debug", "upload", "--open", file)).line(LINK)
      const folder = ground.path("foreign")
      await mkdir(folder)
      ground.run(network.host(1).command(aria2Command(link, folder, { extra: ["--bt-require-crypto=true"] })))
      const log = ground.path("home", "p2p-tui", ".p2p-tui", "log", "p2p-tui.log")
      await untilSo(async () => (await readFile(log, "utf8")).includes("probably wants an encrypted connection (MSE)"))
    },
  )

  // aria2 did not finish by x.pe alone within 180 s; Transmission and rtorrent were not tried.
  it.skipIf(INSTALLED["libtorrent"] !== true)("libtorrent downloads by it, where x.pe alone names our client", () =>
    downloadsBy("libtorrent", withoutTracker),
  )
})

describe.skipIf(!canNetwork || !areInstalled("transmission-create", "transmission-show"))(
  "the magnet link of another program's torrent, which is the only seed",
  { timeout: TIMEOUT_MS },
  () => {
    async function foreignSeed() {
      const folder = ground.path("foreign")
      await mkdir(folder)
      const { file, digest } = await sample()
      await copyFile(file, ground.path("foreign", "sample.bin"))
      const metainfo = ground.path("sample.torrent")
      expect(await ground.run(["transmission-create", "--outfile", metainfo, file]).ended()).toBe(0)
      const magnet = await ground.run(["transmission-show", "--magnet", metainfo]).line(LINK)
      return { folder, metainfo, magnet, digest }
    }

    async function download(link: string, digest: string): Promise<void> {
      await (await ours("download", link)).line(/^SUCCESSFUL DOWNLOAD$/)
      expect(await digestOf(ground.path("home", "p2p-tui", "sample.bin"))).toBe(digest)
    }

    it.skipIf(INSTALLED["libtorrent"] !== true)(
      "libtorrent: the description comes from it, and the parts",
      async () => {
        const { folder, metainfo, magnet, digest } = await foreignSeed()
        await ground.run(network.host(1).command(libtorrentCommand(metainfo, folder))).line(LIBTORRENT_SEEDS)
        await download(`${magnet}&x.pe=${network.host(1).address}:${LIBTORRENT_PORT}`, digest)
      },
    )

    it.skipIf(INSTALLED["transmission"] !== true)(
      "Transmission: the description comes from it, and the parts",
      async () => {
        const { folder, metainfo, magnet, digest } = await foreignSeed()
        await transmission(folder)
        expect(await ground.run(network.host(1).command(transmissionAddCommand(metainfo, folder))).ended()).toBe(0)
        await download(`${magnet}&x.pe=${network.host(1).address}:${TRANSMISSION_PORT}`, digest)
      },
    )

    it.skipIf(INSTALLED["aria2"] !== true)(
      "aria2 that demands encryption: the reason of the download says so",
      async () => {
        const { folder, metainfo, magnet } = await foreignSeed()
        const extra = ["--bt-require-crypto=true", `--listen-port=${ARIA2_PORT}`]
        await ground
          .run(network.host(1).command(aria2Command(metainfo, folder, { seed: true, extra })))
          .line(ARIA2_SEEDS)
        const leecher = await ours("download", `${magnet}&x.pe=${network.host(1).address}:${ARIA2_PORT}`)
        await leecher.line(/10\.77\.0\.2:6881: closed the connection in the handshake: .*demands encryption \(MSE\)/)
      },
    )
  },
)
