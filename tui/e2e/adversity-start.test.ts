import { randomBytes } from "node:crypto"
import { existsSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { endInOrder } from "../testing/end-in-order.js"
import { PtyScreen } from "../testing/pty-screen.js"
import { digestOf, Playground } from "./playground.js"
import { trackerCommand } from "./program.js"

const MIB = 1024 * 1024

/** How long a program may take to come to what is waited for; it is looked at often, for the moments are short. */
const OFTEN = { interval: 1 }

let ground: Playground
let screen: PtyScreen | undefined
beforeEach(async () => {
  ground = await Playground.create()
})
afterEach(async () => {
  await screen?.close()
  screen = undefined
  await ground.close()
})

describe("SIGTERM while a program starts", () => {
  it.each([
    ["in one process", []],
    ["with workers", ["--workers", "2"]],
  ])("ends a tracker before it listens, and the next one starts: %s [S5]", async (_, options) => {
    const command = trackerCommand("127.0.0.1", String(ground.trackerPort), ...options)
    const folder = ground.path("data-home", "p2p-tracker")
    const first = ground.run(command)
    // It has its folder, and is about to open or check its store.
    await expect.poll(() => existsSync(folder), OFTEN).toBe(true)
    expect([0, "SIGTERM"]).toContain(await endInOrder(first))
    expect(first.errors).toBe("")
    const second = await ground.tracker(...options)
    await ground.newDocument()
    expect(await endInOrder(second)).toBe(0)
  })

  it.each([
    ["it is being loaded", undefined],
    ["it has its folder", "lock"],
  ])("ends a client in order before its first frame: %s [W7]", async (_, file) => {
    await ground.tracker()
    await writeFile(ground.path("sample"), randomBytes(8 * MIB))
    const seeder = await ground.config("a", { limits: { upload: "1MiB/s" } })
    await ground.client(seeder, "--seed", "upload", ground.path("sample"), "t.json").line(/^SUCCESSFUL UPLOAD$/)
    const config = await ground.config("b")
    const download = ["download", ground.path("a", "t.json"), "copy"]
    const interrupted = ground.client(config, ...download)
    await interrupted.line(/ [2-9]\d\.\d %/)
    expect(await endInOrder(interrupted)).toBe(143)

    const options = { columns: 100, rows: 30, env: { XDG_DATA_HOME: ground.path("data-home") } }
    const started = new PtyScreen("bin/p2p-tui.js", [config], options)
    screen = started
    const lock = ground.path("b", ".p2p-tui", "lock")
    if (file !== undefined) await expect.poll(() => existsSync(lock), OFTEN).toBe(true)
    const endable = { pid: started.pid, kill: () => started.kill("SIGTERM"), ended: () => started.exited }
    expect([0, 143]).toContain(await endInOrder(endable))
    expect(started.raw).not.toMatch(/unexpected|\[\?1049h/)
    expect(existsSync(lock)).toBe(false)

    await ground.command("a", "limit", "up", "none")
    const again = ground.client(config, ...download)
    const [, found] = /(\d+) of \d+ parts verified/.exec(await again.line(/parts verified/)) ?? []
    expect(Number(found)).toBeGreaterThan(0)
    expect(await again.ended()).toBe(0)
    expect(await digestOf(ground.path("b", "copy"))).toBe(await digestOf(ground.path("sample")))
  })
})
