import { randomBytes } from "node:crypto"
import { readdir, readFile, writeFile } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { PtyScreen } from "../testing/pty-screen.js"
import { digestOf, Playground } from "./playground.js"

let playground: Playground
const screens: PtyScreen[] = []

beforeEach(async () => {
  playground = await Playground.create()
  await playground.tracker()
})
afterEach(async () => {
  for (const screen of screens.splice(0)) await screen.close()
  await playground.close()
})

/** A real client with its screen drawn, in a terminal of its own. */
async function open(name: string, size = { columns: 100, rows: 30 }): Promise<PtyScreen> {
  const screen = new PtyScreen("bin/p2p-tui.js", [await playground.config(name)], size)
  screens.push(screen)
  await screen.until((text) => text.includes("q quit"))
  return screen
}

/** An open document's row: a private one has its lock where the second space is, one that ended unseen "!" before its letter. */
const row = (letter: string, name: string) => (text: string) =>
  [" ", "!"].some((mark) => text.includes(`${mark}${letter}  ${name}`))

describe("two clients with their screens on", () => {
  it("move a file, and then write nothing", async () => {
    const seeder = await open("a")
    await writeFile(playground.path("a", "sample.bin"), Buffer.alloc(3_000_000, "sample"))
    seeder.type(":upload sample.bin sample.json --open\r")
    await seeder.until((text) => text.includes("SUCCESSFUL UPLOAD") && row("S", "sample.bin")(text))
    const leecher = await open("b")
    leecher.type(`:download ${playground.path("a", "sample.json")} copy.bin\r`)
    await leecher.until((text) => text.includes("SUCCESSFUL DOWNLOAD") && row("S", "sample.bin")(text))
    expect(await digestOf(playground.path("b", "copy.bin"))).toBe(await digestOf(playground.path("a", "sample.bin")))
    await leecher.until((text) => text.includes("↓ 0 B/s ↑ 0 B/s"))
    await seeder.until((text) => text.includes("↓ 0 B/s ↑ 0 B/s"))
    await Promise.all([leecher, seeder].map(still))
  })

  it("show wide names as they are, and select what was shared last", async () => {
    const screen = await open("a", { columns: 80, rows: 24 })
    for (const name of ["plain.txt", "日本語の書類.pdf", "e\u0301.txt"]) {
      await writeFile(playground.path("a", name), name)
      screen.type(`:upload ${name} ${name}.json --open\r`)
      await screen.until((text) => row("S", name)(text) && text.includes(`── ${name} ──`))
    }
  })

  it("show a hostile name harmlessly [hostile 9]", async () => {
    const seeder = await open("a")
    await writeFile(playground.path("a", "plain.txt"), "plain")
    seeder.type(":upload plain.txt plain.json --open\r")
    await seeder.until((text) => text.includes("SUCCESSFUL UPLOAD"))
    const torrent = JSON.parse(await readFile(playground.path("a", "plain.json"), "utf8"))
    torrent.FileInfo.Name = "\u001b[2J\u001b]0;owned\u0007\u202egpj.exe"
    await writeFile(playground.path("hostile.json"), JSON.stringify(torrent))
    const leecher = await open("b")
    leecher.type(`:download ${playground.path("hostile.json")} here\r`)
    await leecher.until((text) => / [DwS] .*\[2J.*owned/.test(text) && /──.*\[2J.*owned.*gpj\.exe ──/.test(text))
    expect(leecher.raw).not.toContain("owned\u0007")
    expect(leecher.raw).not.toContain("\u202e")
    expect(leecher.lines()[0]).toMatch(/^p2p-tui/)
  })
})

describe("a client whose window is closed", () => {
  it("leaves in order at once, with every part that was there on record", async () => {
    await writeFile(playground.path("sample"), randomBytes(12_000_000))
    const torrent = playground.path("sample.json")
    const seeder = await playground.config("a", { limits: { upload: "2MB/s" } })
    await playground.client(seeder, "--seed", "upload", playground.path("sample"), torrent).line(/SUCCESSFUL UPLOAD/)
    const leecher = await open("b")
    leecher.type(`:download ${torrent} copy\r`)
    await leecher.until((text) => / D.* [2-9]\d\.\d %/.test(text))
    leecher.hangUp()
    expect(await leecher.exited).toBe(129)
    // Both go with an orderly end only.
    const left = [...(await readdir(playground.path("b"))), ...(await readdir(playground.path("b", ".p2p-tui")))]
    expect(left.filter((name) => name.includes("lock"))).toEqual([])
    await playground.command("a", "limit", "up", "none")
    const again = playground.client(playground.path("b.json"), "--json", "download", torrent, "copy")
    const { reused_parts: reused, parts } = await again.event("download_started")
    expect(reused).toBeGreaterThanOrEqual(Number(parts) / 5)
    await again.event("download_completed")
    expect(await digestOf(playground.path("b", "copy"))).toBe(await digestOf(playground.path("sample")))
  })
})

/** Lets time pass: that nothing is written can't be seen in another way. A last frame may be late, a screen that draws time and again never ends. */
async function still(screen: PtyScreen): Promise<void> {
  let before = -1
  while (before !== screen.raw.length) {
    before = screen.raw.length
    await new Promise((resolve) => setTimeout(resolve, 3_500))
  }
}
