import { randomBytes } from "node:crypto"
import { readdir, readFile, writeFile } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { endInOrder } from "../testing/end-in-order.js"
import { PtyScreen } from "../testing/pty-screen.js"
import { digestOf, Playground } from "./playground.js"

const MIB = 1024 * 1024

let ground: Playground
const screens: PtyScreen[] = []
beforeEach(async () => {
  ground = await Playground.create()
})
afterEach(async () => {
  for (const screen of screens.splice(0)) await screen.close()
  await ground.close()
})

/** A program in a terminal of its own. */
function open(script: string, args: readonly string[], wrapper: readonly string[] = []): PtyScreen {
  const env = { XDG_DATA_HOME: ground.path("data-home") }
  const screen = new PtyScreen(script, args, { columns: 200, rows: 50, env, wrapper })
  screens.push(screen)
  return screen
}

/** Descriptor 3 keeps the terminal open, because nohup takes the streams off it and a terminal without a user hangs up. */
const underNohup = (output: string) => ["sh", "-c", `exec nohup "$@" 3<&0 >"${output}" 2>&1`, "sh"]

/** How a program ends whose terminal keeps what was written last from being read. */
const unread = (screen: PtyScreen) => ({
  pid: screen.pid,
  kill: (signal: "SIGTERM") => screen.kill(signal),
  ended: async () => {
    await screen.vanished()
    screen.goOnReading()
    return screen.exited
  },
})

/** A seeder of a private document; the torrent file is at `a/t.json`. */
async function seed(sizeBytes: number, upload: string): Promise<void> {
  await ground.tracker()
  await writeFile(ground.path("sample"), randomBytes(sizeBytes))
  const config = await ground.config("a", { limits: { upload } })
  await ground.client(config, "--seed", "upload", ground.path("sample"), "t.json").line(/^SUCCESSFUL UPLOAD$/)
}

/** Announces a document as its only peer; resolves with the status of the answer. */
async function announce(hash: string): Promise<number> {
  const { status } = await fetch(`${ground.trackerUrl}/peers`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ hash, listening_host: "127.0.0.1", listening_port: 9 }),
  })
  return status
}

async function expectWholeCopy(): Promise<void> {
  expect(await digestOf(ground.path("b", "copy"))).toBe(await digestOf(ground.path("sample")))
}

async function locksLeft(name: string): Promise<readonly string[]> {
  const names = [...(await readdir(ground.path(name))), ...(await readdir(ground.path(name, ".p2p-tui")))]
  return names.filter((each) => each.includes("lock"))
}

describe("a terminal that never reads", () => {
  it.each([
    ["the screen", []],
    ["line mode", ["--plain", "--seed"]],
  ])("holds up no transfer, and %s ends on one SIGTERM [U2]", async (_, options) => {
    await seed(8 * MIB, "2MiB/s")
    const screen = open("bin/p2p-tui.js", [await ground.config("b"), ...options])
    await screen.until((text) => text.includes("q quit") || text.includes("listening on"))
    // First: in line mode a command waits for a while until what the one before it said was taken.
    screen.type(`${options.length === 0 ? ":" : ""}download ${ground.path("a", "t.json")} copy\r`)
    await expect.poll(() => readdir(ground.path("b"))).toContain("copy.part")
    screen.stopReading()
    for (let count = 0; count < 200; count++) screen.type(options.length === 0 ? "\f" : "help\r")
    await expect.poll(() => readdir(ground.path("b"))).toContain("copy")
    expect([0, 143]).toContain(await endInOrder(unread(screen)))
    expect(await locksLeft("b")).toEqual([])
    await expectWholeCopy()
  })

  it("holds up no tracker, which ends in order [S5]", async () => {
    const args = ["127.0.0.1", String(ground.trackerPort), "--log-requests", "1"]
    const screen = open("bin/p2p-tracker.js", args)
    await screen.until((text) => text.includes("listens on"))
    screen.stopReading()
    // About 150 bytes a line: more than any terminal keeps for a reader.
    for (let round = 0; round < 30; round++)
      await Promise.all(Array.from({ length: 50 }, () => fetch(`${ground.trackerUrl}/health`)))
    expect((await fetch(`${ground.trackerUrl}/health`)).status).toBe(200)
    expect(await endInOrder(unread(screen))).toBe(0)
  })
})

describe("a terminal that is closed", () => {
  it("ends line mode in order, with what is there on record [S5]", async () => {
    await seed(24 * MIB, "4MiB/s")
    const download = [await ground.config("b"), "download", ground.path("a", "t.json"), "copy"]
    const screen = open("bin/p2p-tui.js", download)
    await screen.until((text) => / [2-9]\d\.\d %/.test(text))
    screen.hangUp()
    expect(await screen.exited).toBe(129)
    expect(await locksLeft("b")).toEqual([])
    await ground.command("a", "limit", "up", "none")
    const again = ground.client(ground.path("b.json"), "--json", "download", ground.path("a", "t.json"), "copy")
    expect((await again.event("download_started"))["reused_parts"]).toBeGreaterThan(0)
    expect(await again.ended()).toBe(0)
    await expectWholeCopy()
  })

  it.each([
    ["in one process", []],
    ["with workers", ["--workers", "2"]],
  ])("ends a tracker in order, %s [W8]", async (_, options) => {
    const args = ["127.0.0.1", String(ground.trackerPort), ...options]
    // Its log outlives the terminal, which stdin and stderr still are.
    const logged = ["sh", "-c", `exec "$@" >"${ground.path("log")}"`, "sh"]
    const screen = open("bin/p2p-tracker.js", args, logged)
    await expect.poll(() => readFile(ground.path("log"), "utf8").catch(() => "")).toMatch(/listens on/)
    const hash = await ground.newDocument()
    screen.hangUp()
    expect(await screen.exited).toBe(129)
    expect(await readFile(ground.path("log"), "utf8")).toMatch(/"SIGHUP".*\n.*"stopped"/)
    await ground.tracker()
    expect(await announce(hash)).toBe(200)
  })

  it("does not end a tracker under nohup, which ends on one SIGTERM [P3]", async () => {
    const args = ["127.0.0.1", String(ground.trackerPort)]
    const screen = open("bin/p2p-tracker.js", args, underNohup(ground.path("log")))
    await expect.poll(() => readFile(ground.path("log"), "utf8").catch(() => "")).toMatch(/listens on/)
    const { pid } = screen
    screen.hangUp()
    expect(await announce(await ground.newDocument())).toBe(200)
    const ended = { pid, kill: (signal: "SIGTERM") => void process.kill(pid, signal), ended: () => screen.exited }
    expect(await endInOrder(ended)).toBe(0)
  })

  it("does not end a client under nohup, which continues its download [P3]", async () => {
    await seed(8 * MIB, "2MiB/s")
    const download = [await ground.config("b"), "--seed", "download", ground.path("a", "t.json"), "copy"]
    const screen = open("bin/p2p-tui.js", download, underNohup(ground.path("out")))
    await expect.poll(() => readdir(ground.path("b"))).toContain("copy.part")
    const { pid } = screen
    screen.hangUp()
    await expect.poll(() => readFile(ground.path("out"), "utf8")).toMatch(/^SUCCESSFUL DOWNLOAD$/m)
    // The old name stays until the file is synced, and a signal before that interrupts the download.
    await expect.poll(() => readdir(ground.path("b"))).not.toContain("copy.part")
    await expectWholeCopy()
    const ended = { pid, kill: (signal: "SIGTERM") => void process.kill(pid, signal), ended: () => screen.exited }
    expect(await endInOrder(ended)).toBe(0)
    expect(await locksLeft("b")).toEqual([])
  })
})
