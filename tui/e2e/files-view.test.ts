import { randomBytes } from "node:crypto"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { filesBelow } from "../../core/testing/files-below.js"
import type { PtyScreen } from "../testing/pty-screen.js"
import { onClientScreens } from "./client-screens.js"
import type { Playground } from "./playground.js"

let ground: Playground

const openScreen = onClientScreens((itsGround) => {
  ground = itsGround
})

const MIB = 1024 ** 2

/** Files that share no part with one another but the small ones; names that are patterns, too. */
const FILES: Readonly<Record<string, number>> = {
  "docs/*.txt": 3_000,
  "docs/[1].txt": 2_000,
  "docs/1.txt": 1_000,
  "train/a.bin": 4 * MIB,
  "train/b.bin": 4 * MIB,
  "zoo.bin": 4 * MIB,
}

/** A seeder of a folder that sends no whole part until its limit is taken away: a file that is complete stays. */
async function slowSeeder() {
  for (const folder of ["docs", "train"]) mkdirSync(ground.path("tree", folder), { recursive: true })
  for (const [path, sizeBytes] of Object.entries(FILES))
    writeFileSync(ground.path("tree", path), randomBytes(sizeBytes))
  const seeder = await ground.serving("a", { limits: { upload: "1KB/s" } })
  seeder.type(`upload ${ground.path("tree")} ${ground.path("t.json")}`)
  await seeder.line(/^SUCCESSFUL UPLOAD$/)
  return seeder
}

const open = (name: string, size = { columns: 100, rows: 24 }) => openScreen(ground.path(`${name}.json`), size)

/** What is downloaded, each file with its right bytes. */
function downloaded(): string[] {
  const paths = filesBelow(ground.path("b", "copy")).sort()
  for (const path of paths)
    expect(readFileSync(ground.path("b", "copy", path)).equals(readFileSync(ground.path("tree", path))), path).toBe(
      true,
    )
  return paths
}

/** Opens all folders of the document, takes single files and a folder out during the download, and one of them in again. */
async function choose(screen: PtyScreen): Promise<void> {
  screen.type("5")
  await screen.until((text) => text.includes("6 files wanted") && text.includes("[x] ▸ train/"))
  screen.type("e")
  await screen.until((text) => text.includes("[x]     b.bin"))
  // "docs/", "*.txt", "1.txt", "[1].txt"
  screen.type("jjj ")
  await screen.until((text) => /> \[ ] {5}\[1]\.txt/.test(text) && text.includes("5 of 6 files wanted"))
  expect(screen.text()).toMatch(/ {2}\[-] ▾ docs\//)
  screen.type("kk ")
  await screen.until((text) => /> \[ ] {5}\*\.txt/.test(text) && text.includes("4 of 6 files wanted"))
  expect(screen.text()).toMatch(/ {2}\[x] {5}1\.txt/)
  screen.type("/train\r ")
  await screen.until((text) => /> \[ ] ▾ train\//.test(text) && text.includes("2 of 6 files wanted"))
  screen.type("j ")
  await screen.until((text) => /> \[x] {5}a\.bin/.test(text) && text.includes("3 of 6 files wanted"))
  screen.type("\u001b")
  await screen.until((text) => text.includes("zoo.bin") && /\[-] ▾ train\//.test(text))
}

const WANTED = ["docs/1.txt", "train/a.bin", "zoo.bin"]

describe("the files of a folder on the screen", () => {
  it("are chosen during the download and after it", async () => {
    const seeder = await slowSeeder()
    await ground.config("b")
    const screen = await open("b")
    screen.type(`:download ${ground.path("t.json")} copy\r`)
    await screen.until((text) => /D◘.*tree/.test(text))
    await choose(screen)
    seeder.type("limit up none")
    await screen.until((text) => /SUCCESSFUL DOWNLOAD|tree is complete/.test(text))
    expect(downloaded()).toEqual(WANTED)
    screen.type("ga")
    await screen.until((text) => text.includes("tree/  6 files wanted"))
    await expect.poll(() => downloaded().length, { timeout: 20_000 }).toBe(6)
  }, 60_000)

  it("are chosen on a screen of another process's client, and seen on all of its screens", async () => {
    const seeder = await slowSeeder()
    const client = await ground.serving("b")
    client.type(`download ${ground.path("t.json")} copy`)
    await client.line(/downloading/)
    const [screen, other] = [await open("b"), await open("b", { columns: 60, rows: 15 })]
    other.type("5")
    await other.until((text) => text.includes("6 files wanted"))
    await choose(screen)
    await other.until((text) => text.includes("3 of 6 files wanted") && text.includes("[-] ▸ train/"))
    seeder.type("limit up none")
    await client.line(/^SUCCESSFUL DOWNLOAD$/)
    expect(downloaded()).toEqual(WANTED)
  }, 60_000)

  it("of the user's own are not chosen from, and the screen says so", async () => {
    await slowSeeder()
    const screen = await open("a")
    screen.type("5")
    await screen.until((text) => text.includes("> [x] ▸ docs/"))
    screen.type(" ")
    await screen.until((text) => text.includes("not_downloaded") && text.includes("> [x] ▸ docs/"))
  }, 60_000)
})
