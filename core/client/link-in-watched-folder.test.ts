import { writeFile } from "node:fs/promises"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import type { Client } from "../api/client-api.js"
import { ClientRig, sha1Hex } from "../testing/client-rig.js"
import { untilSo } from "../testing/until-so.js"

let written: Promise<void> = Promise.resolve()

// As on a slow disk: the torrent file has its name, and its folder is still being synced.
vi.mock("./write-described.js", async (original) => {
  const { writeDescribed } = await original<typeof import("./write-described.js")>()
  return {
    writeDescribed: async (...given: Parameters<typeof writeDescribed>) => {
      const place = await writeDescribed(...given)
      await written
      return place
    },
  }
})

let rig: ClientRig

beforeEach(async () => {
  rig = await ClientRig.create()
  written = Promise.resolve()
})

afterEach(() => rig.close())

const names = (client: Client) => client.snapshot().documents.map(({ filePath }) => filePath)
const isWritten = () => rig.exists("b", "disc.iso.torrent.json")

/** Resolves when torrent files that were there before have been looked at. */
async function looked(client: Client): Promise<void> {
  for (const name of ["one", "two"]) {
    await writeFile(rig.path("b", name), name)
    const FileInfo = {
      Size: 3,
      PartSize: 3,
      Parts: [sha1Hex(Buffer.from(name))],
      Hash: crypto.randomUUID(),
      Name: name,
    }
    await writeFile(rig.path("b", `${name}.json`), JSON.stringify({ FileInfo }))
    await untilSo(() => names(client).includes(rig.path("b", name)))
  }
}

it("the torrent file of a link is not taken up while it is written, and the document has the place that was asked for", async () => {
  const { link, content } = await rig.seeder("a", 2)
  const watching = await rig.open("b", { watch: true })
  let go = () => {}
  written = new Promise((resolve) => (go = resolve))
  const { done } = await watching.download({ torrent: link, file: "copy.iso" })
  await untilSo(isWritten)
  await looked(watching)
  go()
  await done
  expect(names(watching)).toContain(rig.path("b", "copy.iso"))
  expect(await rig.digest("b", "copy.iso")).toBe(sha1Hex(content))
  expect(await rig.exists("b", "disc.iso")).toBe(false)
})

it("the torrent file of a link whose target was refused is not fetched to another place", async () => {
  const { link } = await rig.seeder("a", 2)
  const watching = await rig.open("b", { watch: true })
  await writeFile(rig.path("b", "copy.iso"), "mine")
  const { done } = await watching.download({ torrent: link, file: "copy.iso" })
  await expect(done).rejects.toMatchObject({ code: "target_exists" })
  expect(await isWritten()).toBe(true)
  await looked(watching)
  expect(await rig.exists("b", "disc.iso")).toBe(false)
  expect(watching.snapshot().documents).toHaveLength(3)
  expect(rig.events.filter(({ name }) => name === "torrent_taken_up")).toHaveLength(2)
})
