import { randomBytes } from "node:crypto"
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { untilSo } from "../../core/testing/until-so.js"
import { parseListeningPorts } from "../testing/listening-ports.js"
import { PtyScreen } from "../testing/pty-screen.js"
import { digestOf, Playground } from "./playground.js"
import { clientCommand, type Program } from "./program.js"
import { inNetworkOfThree, type TestNetwork } from "./test-network.js"

const TIMEOUT_MS = 240_000
const LINK = /^(?:p2p-tui|magnet):/
const DOWNLOADED = /^SUCCESSFUL DOWNLOAD$/

let network: TestNetwork
let ground: Playground

const canNetwork = inNetworkOfThree("bare", (made) => {
  network = made
})

beforeEach(async () => {
  ground = await Playground.create()
})

afterEach(() => ground.close())

/** The program on a host of its own, by a user of whom nothing is known: an empty home, and no config. */
async function program(number: number, ...args: readonly string[]): Promise<Program> {
  const home = ground.path(`home${number}`)
  await mkdir(home, { recursive: true })
  return ground.run(network.host(number).command(clientCommand(...args)), { HOME: home, XDG_CONFIG_HOME: undefined })
}

const TRACKER_STARTED = /^no tracker ran on \[::\]:7101: started one inside this client; other machines reach it/

/** On the machine of that program. */
async function trackerRuns({ pid }: Program): Promise<boolean> {
  const tables = await Promise.all(["tcp", "tcp6"].map((name) => readFile(`/proc/${pid}/net/${name}`, "utf8")))
  return tables.flatMap(parseListeningPorts).includes(7101)
}

const received = (number: number, ...names: readonly string[]) => ground.path(`home${number}`, "p2p-tui", ...names)

describe.skipIf(!canNetwork)("without a config (needs network namespaces)", { timeout: TIMEOUT_MS }, () => {
  it("a private file goes from one machine to another by its link, and on to a third when the first has gone", async () => {
    const file = ground.path("sample.bin")
    await writeFile(file, randomBytes(3_000_000))
    const uploader = await program(0, "upload", file)
    await uploader.line(/^first start without a config: .*p2p-tui is made$/)
    await uploader.line(/^others reach this client at port 7001 of 10\.77\.0\.1 \(eth0[^)]*\)$/)
    await uploader.line(
      /^no tracker ran on \[::\]:7101: started one inside this client; other machines reach it at port 7101 of 10\.77\.0\.1/,
    )
    const link = await uploader.line(LINK)
    expect(link).toMatch(/&tr=http%3A%2F%2F10\.77\.0\.1%3A7101&x\.pe=10\.77\.0\.1:7001/)
    const second = await program(1, "download", link, "--seed")
    await second.line(DOWNLOADED)
    uploader.kill("SIGKILL")
    await uploader.ended()
    const third = await program(2, "download", link)
    await third.line(DOWNLOADED)
    expect(await third.ended()).toBe(0)
    expect(await digestOf(received(2, "sample.bin"))).toBe(await digestOf(file))
  })

  it("a private folder too, and the uploader serves until it is ended", async () => {
    await mkdir(ground.path("folder", "sub"), { recursive: true })
    await writeFile(ground.path("folder", "a.bin"), randomBytes(400_000))
    await writeFile(ground.path("folder", "sub", "b.bin"), randomBytes(100_000))
    const uploader = await program(0, "upload", ground.path("folder"))
    const download = await program(1, "download", await uploader.line(LINK))
    await download.line(DOWNLOADED)
    expect((await readdir(received(1, "folder"), { recursive: true })).toSorted()).toEqual([
      "a.bin",
      "sub",
      "sub/b.bin",
    ])
    expect(uploader.isRunning).toBe(true)
    const quit = await program(0, "quit")
    expect([await quit.ended(), await uploader.ended()]).toEqual([0, 0])
  })

  it("the first start explains itself on the screen until a key is pressed, and the second has nothing to explain", async () => {
    const home = ground.path("home0")
    await mkdir(home)
    const open = () => {
      const wrapper = network.host(0).command([])
      return new PtyScreen("bin/p2p-tui.js", [], { columns: 100, rows: 30, env: { HOME: home }, wrapper })
    }
    const first = open()
    try {
      await first.until((text) => text.includes("any key closes this text"))
      expect(first.buffer).toBe("alternate")
      expect(first.text()).toMatch(/^first start without a config: .*p2p-tui is made$/m)
      expect(first.text().replaceAll(/\s+/g, " ")).toMatch(
        /the first upload starts a tracker inside this client.* others reach this client at port 7001 of 10\.77\.0\.1 \(eth0/,
      )
      first.type("x")
      await first.until((text) => text.includes("q quit") && !text.includes("first start"))
      first.type("q")
      expect(await first.exited).toBe(0)
    } finally {
      await first.close()
    }
    const second = open()
    try {
      await second.until((text) => text.includes("q quit"))
      expect(second.raw).not.toContain("first start")
    } finally {
      await second.close()
    }
  })

  it("another program at port 7001 is no obstacle", async () => {
    const first = await program(0, "--plain")
    await first.line(/^first start without a config: /)
    await first.line(/^ {2}others reach this client at port 7001 of 10\.77\.0\.1 \(eth0[^)]*\)$/)
    await first.line(/^listening on .*:7001, no tracker$/)
    const other = ground.path("other-home")
    await mkdir(other)
    const command = network.host(0).command(clientCommand("--plain"))
    const second = ground.run(command, { HOME: other, XDG_CONFIG_HOME: undefined })
    await second.line(/^listening on .*:(?!7001)\d+, no tracker$/)
  })

  it("a client has its tracker from the first upload of any command on, and again at its next starts [P12]", async () => {
    await writeFile(ground.path("one.bin"), randomBytes(300_000))
    await writeFile(ground.path("two.bin"), randomBytes(300_000))
    const client = await program(0, "--plain", "--seed")
    await client.line(/^listening on .*, no tracker$/)
    expect(await trackerRuns(client)).toBe(false)
    for (const name of ["one.bin", "two.bin"]) {
      const upload = await program(0, "upload", ground.path(name))
      if (name === "one.bin") await upload.line(TRACKER_STARTED)
      expect(await upload.line(LINK)).toContain("&tr=http%3A%2F%2F10.77.0.1%3A7101&")
      expect(await upload.ended()).toBe(0)
    }
    expect(client.lines.filter((line) => TRACKER_STARTED.test(line))).toHaveLength(1)
    expect(await trackerRuns(client)).toBe(true)
    client.kill("SIGTERM")
    expect(await client.ended()).toBe(0)
    const again = await program(0, "--plain", "--seed")
    await again.line(/^listening on .*, tracker http:\/\/\[::1\]:7101 \(started inside this client\)$/)
    const link = await program(0, "link", "two.bin")
    expect(await link.line(LINK)).toContain("&tr=http%3A%2F%2F10.77.0.1%3A7101&")
    expect(link.lines).toHaveLength(1)
    const download = await program(1, "download", await link.line(LINK), "--seed")
    await download.line(DOWNLOADED)
    expect(await trackerRuns(download)).toBe(false)
    download.kill("SIGKILL")
    await download.ended()
    const after = await program(1, "--plain", "--seed")
    await after.line(/^listening on .*, no tracker$/)
    expect(await trackerRuns(after)).toBe(false)
  })

  it("an upload of line mode starts the tracker at the next port where another program has the first [P12]", async () => {
    await writeFile(ground.path("one.bin"), randomBytes(300_000))
    const client = await program(0, "--plain")
    await client.line(/^listening on .*, no tracker$/)
    const listen =
      "require('net').createServer((socket) => socket.destroy()).listen(7101, () => console.log('listens'))"
    const other = ground.run(network.host(0).command([process.execPath, "-e", listen]))
    await other.line(/^listens$/)
    client.type(`upload ${ground.path("one.bin")}`)
    await client.line(/^no tracker ran on \[::\]:7102: started one inside this client/)
    const link = await client.line(LINK)
    expect(link).toContain("&tr=http%3A%2F%2F10.77.0.1%3A7102&")
    await (await program(1, "download", link)).line(DOWNLOADED)
  })

  it("an upload of the screen starts the tracker, and the log on the screen says so [P12]", async () => {
    await writeFile(ground.path("one.bin"), randomBytes(300_000))
    const home = ground.path("home0")
    await mkdir(home)
    const wrapper = network.host(0).command([])
    const screen = new PtyScreen("bin/p2p-tui.js", [], { columns: 110, rows: 30, env: { HOME: home }, wrapper })
    try {
      await screen.until((text) => text.includes("any key closes this text"))
      screen.type("x")
      await screen.until((text) => text.includes("q quit") && text.includes("no tracker"))
      screen.type(":")
      await screen.until((text) => text.includes("Enter"))
      screen.type(`upload ${ground.path("one.bin")}`)
      screen.type("\r")
      await screen.until((text) => text.includes("(inside this client) ok"))
      screen.type("4")
      await screen.until((text) => text.includes("no tracker ran on [::]:7101: started one inside this client"))
    } finally {
      await screen.close()
    }
  })

  it("when the client with the tracker ends, the client of another user of that machine takes its place [P12]", async () => {
    await writeFile(ground.path("one.bin"), randomBytes(300_000))
    const owner = await program(0, "upload", ground.path("one.bin"))
    await owner.line(TRACKER_STARTED)
    await owner.line(LINK)
    const home = ground.path("other-home")
    await mkdir(home)
    const other = ground.run(network.host(0).command(clientCommand("--plain")), {
      HOME: home,
      XDG_CONFIG_HOME: undefined,
    })
    await other.line(/^listening on .*, no tracker$/)
    await writeFile(ground.path("two.bin"), randomBytes(300_000))
    other.type(`upload ${ground.path("two.bin")}`)
    expect(await other.line(LINK)).toContain("&tr=http%3A%2F%2F10.77.0.1%3A7101&")
    owner.kill("SIGKILL")
    await owner.ended()
    await writeFile(ground.path("three.bin"), randomBytes(300_000))
    // The next announce finds the tracker gone.
    other.type(`upload ${ground.path("three.bin")}`)
    await other.line(TRACKER_STARTED)
    await untilSo(() => trackerRuns(other))
  })

  it("the config of init is the one that later starts find", async () => {
    const init = await program(1, "init")
    init.type(ground.path("shared"))
    init.type("7055")
    init.type("here")
    init.endInput()
    expect(await init.ended()).toBe(0)
    const client = await program(1, "--plain")
    await client.line(/^listening on .*:7055, tracker http:\/\/\S+:7101 \(started inside this client\)$/)
    expect(await readdir(ground.path("shared"))).toContain(".p2p-tui")
  })
})
