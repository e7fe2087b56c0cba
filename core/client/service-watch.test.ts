import { copyFile, readFile, rename, rm, writeFile } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { Client } from "../api/client-api.js"
import { ClientRig, SAMPLE_PART_BYTES, sha1Hex } from "../testing/client-rig.js"
import { untilSo } from "../testing/until-so.js"

let rig: ClientRig

beforeEach(async () => {
  rig = await ClientRig.create()
})

afterEach(() => rig.close())

const ONE_BYTE = Buffer.from([7])

/** A torrent file of a file of one byte. */
function torrentText(number: number): string {
  const hash = `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`
  const FileInfo = { Size: 1, PartSize: 1, Parts: [sha1Hex(ONE_BYTE)], Hash: hash, Name: `file-${number}` }
  return JSON.stringify({ FileInfo })
}

const states = (client: Client) => client.snapshot().documents.map(({ name, state }) => `${name} ${state}`)
const events = (name: string) => rig.events.filter((event) => event.name === name)

describe("a torrent file that comes while the client runs", () => {
  it("is taken up with its file, and fetched without", async () => {
    const { torrentPath, content } = await rig.seeder("a", 2)
    const watching = await rig.open("b", { watch: true })
    await writeFile(rig.path("b", "file-1"), ONE_BYTE)
    await writeFile(rig.path("b", "here.json"), torrentText(1))
    await copyFile(torrentPath, rig.path("b", "disc.json"))
    await untilSo(() => states(watching).length === 2 && states(watching).every((state) => state.endsWith(" seeding")))
    expect(states(watching).sort()).toEqual(["disc.iso seeding", "file-1 seeding"])
    expect(await rig.digest("b", "disc.iso")).toBe(sha1Hex(content))
    expect(events("torrent_taken_up")).toHaveLength(2)
  })

  it("is left alone where nothing is watched, and where it was at the start", async () => {
    await rig.sample("b", "other", 2)
    await writeFile(rig.path("b", "early.json"), torrentText(1))
    const watching = await rig.open("b", { watch: true })
    const other = await rig.open("c")
    await writeFile(rig.path("c", "late.json"), torrentText(2))
    await writeFile(rig.path("b", "late.json"), torrentText(3))
    await untilSo(() => states(watching).includes("file-3 downloading"))
    expect(states(watching)).toEqual(["file-3 downloading"])
    expect(states(other)).toEqual([])
  })

  it("is named once when it is damaged, and taken up when it has come right", async () => {
    const watching = await rig.open("b", { watch: true })
    await writeFile(rig.path("b", "file-1"), ONE_BYTE)
    await writeFile(rig.path("b", "half.json"), torrentText(1).slice(0, 60))
    await untilSo(() => events("torrent_skipped").length > 0)
    await writeFile(rig.path("b", "other.json"), '{"not": "a torrent file"}')
    await writeFile(rig.path("b", "second.json"), torrentText(2))
    await untilSo(() => states(watching).length === 1)
    expect(events("torrent_skipped").map(({ message }) => message)).toEqual([
      expect.stringContaining(rig.path("b", "half.json")),
    ])
    await writeFile(rig.path("b", "half.json"), torrentText(1))
    await untilSo(() => states(watching).includes("file-1 seeding"))
  })

  it("waits while another file has its document's name, which may be on its way", async () => {
    const watching = await rig.open("b", { watch: true })
    await writeFile(rig.path("b", "file-1"), "")
    await writeFile(rig.path("b", "a.json"), torrentText(1))
    await untilSo(() => events("torrent_held").length > 0)
    expect(states(watching)).toEqual([])
    await writeFile(rig.path("b", "file-1"), ONE_BYTE)
    await untilSo(() => states(watching).includes("file-1 seeding"))
    expect(events("torrent_held")).toHaveLength(1)
  })

  it("is one of hundreds, all of which are taken up", async () => {
    const watching = await rig.open("b", { watch: true })
    for (let number = 0; number < 250; number++) {
      await writeFile(rig.path("b", `file-${number}`), ONE_BYTE)
      await writeFile(rig.path("b", `${number}.json`), torrentText(number))
    }
    await untilSo(() => states(watching).filter((state) => state.endsWith(" seeding")).length === 250)
  })

  it("is nobody's, when this client wrote it for an upload", async () => {
    const watching = await rig.open("b", { watch: true })
    await rig.sample("b", "disc.iso", SAMPLE_PART_BYTES)
    await watching.upload({ file: "disc.iso", torrent: "disc.json" })
    await writeFile(rig.path("b", "late.json"), torrentText(3))
    await untilSo(() => events("torrent_taken_up").length > 0)
    expect(states(watching)).toHaveLength(2)
    expect(events("torrent_taken_up").map(({ message }) => message)).toEqual([expect.stringContaining("late.json")])
  })
})

describe("a torrent file that goes while the client runs", () => {
  async function shared() {
    const watching = await rig.open("b", { watch: true })
    for (const number of [1, 2]) {
      await writeFile(rig.path("b", `file-${number}`), ONE_BYTE)
      await writeFile(rig.path("b", `${number}.json`), torrentText(number))
    }
    await untilSo(() => states(watching).filter((state) => state.endsWith(" seeding")).length === 2)
    return watching
  }

  it("takes its document out of the list; the data stays, and put back it is taken up again", async () => {
    const watching = await shared()
    await rm(rig.path("b", "1.json"))
    await untilSo(() => states(watching).length === 1)
    expect(states(watching)).toEqual(["file-2 seeding"])
    expect(await readFile(rig.path("b", "file-1"))).toEqual(ONE_BYTE)
    await writeFile(rig.path("b", "1.json"), torrentText(1))
    await untilSo(() => states(watching).includes("file-1 seeding"))
  })

  it("has its document under its new name, when it was renamed", async () => {
    const watching = await shared()
    await rename(rig.path("b", "1.json"), rig.path("b", "new.json"))
    const paths = () => watching.snapshot().documents.map(({ torrentPath }) => torrentPath)
    await untilSo(() => paths().includes(rig.path("b", "new.json")))
    // It is opened anew under its new name.
    await expect.poll(() => states(watching).sort()).toEqual(["file-1 seeding", "file-2 seeding"])
  })

  it("takes nothing out of the list when the folder is another one: its disk is gone", async () => {
    const watching = await shared()
    await rename(rig.path("b"), rig.path("mounted"))
    await rig.sample("b", "other", 1)
    await writeFile(rig.path("b", "other.json"), torrentText(9))
    await untilSo(() => states(watching).some((state) => state.startsWith("file-9")))
    expect(states(watching)).toHaveLength(3)
  })
})
