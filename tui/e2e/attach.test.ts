import { randomBytes } from "node:crypto"
import { writeFile } from "node:fs/promises"
import { describe, expect, it } from "vitest"
import { onClientScreens } from "./client-screens.js"
import { digestOf, type Playground } from "./playground.js"
import type { Program } from "./program.js"

let ground: Playground

const openScreen = onClientScreens((itsGround) => {
  ground = itsGround
})

/** A screen of the client `name`, attached if it runs. */
const open = (name: string, size = { columns: 100, rows: 30 }) => openScreen(ground.path(`${name}.json`), size)

/** An unfinished download of client b, slow until the limit is taken away. */
async function slowDownload(): Promise<{ readonly seeder: Program; readonly torrent: string }> {
  const seeder = await ground.serving("a", { limits: { upload: "500KB/s" } })
  await writeFile(ground.path("sample"), randomBytes(8_000_000))
  seeder.type(`upload ${ground.path("sample")} ${ground.path("t.json")}`)
  await seeder.line(/^SUCCESSFUL UPLOAD$/)
  return { seeder, torrent: ground.path("t.json") }
}

describe("a screen that is attached to a client without a terminal", () => {
  it("works as its own does, several at once in several sizes, and leaves it running", async () => {
    const client = await ground.serving("a")
    const [large, small] = [await open("a", { columns: 120, rows: 40 }), await open("a", { columns: 62, rows: 16 })]
    await writeFile(ground.path("a", "sample.bin"), Buffer.alloc(3_000_000, "sample"))
    large.type(":upload sample.bin sample.json --open\r")
    await large.until((text) => text.includes("SUCCESSFUL UPLOAD") && / S {2}sample\.bin/.test(text))
    await small.until((text) => / S {2}sample\.bin/.test(text))
    small.type("p")
    await Promise.all([large, small].map((screen) => screen.until((text) => / P {2}sample\.bin/.test(text))))
    large.type("2")
    await large.until((text) => text.includes("12 of 12 parts"))
    large.type("4")
    await large.until((text) => text.includes("upload_completed") || text.includes("is shared; its torrent file is"))
    large.type(":pause nothing\r")
    await large.until((text) => text.includes('no document is called "nothing"'))
    large.type("\u001b")
    await large.until((text) => text.includes("q detach"))
    for (const screen of [large, small]) {
      screen.type("1q")
      expect(await screen.exited).toBe(0)
      expect(screen.buffer).toBe("normal")
      expect(screen.text()).toContain(`the client (process ${client.pid}) continues`)
    }
    expect((await ground.command("a", "list")).lines[0]).toMatch(/^sample\.bin: paused/)
  })

  it("whose window is closed loses nothing", async () => {
    const { seeder, torrent } = await slowDownload()
    const client = await ground.serving("b")
    const screen = await open("b")
    screen.type(`:download ${torrent} copy\r`)
    await screen.until((text) => /D◘.* [1-9]\d?\.\d %/.test(text))
    screen.hangUp()
    await screen.exited
    seeder.type("limit up none")
    const again = await ground.command("b", "download", torrent, "copy")
    expect(again).toMatchObject({ code: 0 })
    expect(await digestOf(ground.path("b", "copy"))).toBe(await digestOf(ground.path("sample")))
    expect(client.isRunning).toBe(true)
  })

  it("asks before quit stops the client, for every screen of it", async () => {
    const client = await ground.serving("a")
    const [first, second] = [await open("a"), await open("a")]
    first.type(":quit\r")
    await first.until((text) => text.includes("Stop the client? (y/n)"))
    first.type("n")
    await first.until((text) => !text.includes("Stop the client?"))
    first.type(":quit\r")
    await first.until((text) => text.includes("Stop the client? (y/n)"))
    first.type("y")
    expect(await client.ended()).toBe(0)
    expect(await first.exited).toBe(0)
    expect(await second.exited).toBe(9)
    for (const screen of [first, second])
      expect(screen.text()).toContain(`the client (process ${client.pid}) has ended`)
  })

  it("says so and leaves when the client dies", async () => {
    const client = await ground.serving("a")
    const screen = await open("a")
    client.kill("SIGKILL")
    expect(await screen.exited).toBe(9)
    expect(screen.buffer).toBe("normal")
    expect(screen.text()).toContain(`the client (process ${client.pid}) ended without a word`)
  })

  it("that is stopped holds up neither the client nor other screens, and is up to date when it goes on", async () => {
    const { seeder, torrent } = await slowDownload()
    await ground.serving("b")
    const [stopped, other] = [await open("b"), await open("b")]
    process.kill(stopped.pid, "SIGSTOP")
    const waiting = ground.client(ground.path("b.json"), "download", torrent, "copy")
    await waiting.line(/downloading/)
    await other.until((text) => /D◘ sample/.test(text))
    seeder.type("limit up none")
    expect(await waiting.ended()).toBe(0)
    await other.until((text) => /S◘ sample/.test(text))
    process.kill(stopped.pid, "SIGCONT")
    await stopped.until((text) => /S◘ sample/.test(text))
  })
})

describe("a client with its screen on", () => {
  it("takes commands, and another screen that outlives neither", async () => {
    await ground.config("a")
    const owner = await open("a")
    const attached = await open("a", { columns: 80, rows: 24 })
    expect(owner.text()).toContain("q quit")
    expect(attached.text()).toContain("q detach")
    await writeFile(ground.path("a", "sample"), "sample")
    expect(await ground.command("a", "upload", "sample", "t.json")).toMatchObject({ code: 0 })
    for (const screen of [owner, attached]) await screen.until((text) => /S◘ sample/.test(text))
    expect(await ground.command("a", "quit")).toMatchObject({ code: 0 })
    expect(await owner.exited).toBe(0)
    expect(await attached.exited).toBe(9)
  })
})
