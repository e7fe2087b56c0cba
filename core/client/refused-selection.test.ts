import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { afterEach, beforeEach, expect, it } from "vitest"
import { ClientRig, codeOf, SAMPLE_PART_BYTES } from "../testing/client-rig.js"
import { createFailingDisk, disk } from "../testing/failing-disk.js"
import { filesBelow } from "../testing/files-below.js"

let rig: ClientRig

beforeEach(async () => {
  disk.repair()
  rig = await ClientRig.create({ createDisk: createFailingDisk })
  mkdirSync(rig.path("a", "tree"), { recursive: true })
  for (const name of ["1", "2", "3"]) writeFileSync(rig.path("a", "tree", name), Buffer.alloc(SAMPLE_PART_BYTES, name))
})

afterEach(() => rig.close())

it("a wider selection for which the disk has too little room is refused, and the download goes on as it was", async () => {
  const seeder = await rig.open("a")
  const { id, torrentPath } = await seeder.upload({ file: "tree", torrent: "tree.json" })
  await seeder.pause(id)
  const client = await rig.open("b")
  const shown = () => client.snapshot().documents[0]
  const { done } = await client.download({ torrent: torrentPath, only: ["1", "2"] })
  await rig.until(client, () => shown()?.state === "downloading")

  disk.freeBytes = 2 * SAMPLE_PART_BYTES
  expect(await codeOf(client.select(id, undefined))).toBe("disk_full")
  expect(shown()).toMatchObject({ state: "downloading", selection: { only: ["1", "2"], wantedFiles: 2 } })
  await client.select(id, { only: ["2"] })

  await seeder.resume(id)
  expect(await done).toMatchObject({ selected: { files: 1, ofFiles: 3 } })
  expect(filesBelow(rig.path("b", "tree"))).toEqual(["2"])
})

it("a refused selection is not tried again at the next start", async () => {
  const seeder = await rig.open("a")
  const { id, torrentPath } = await seeder.upload({ file: "tree", torrent: "tree.json" })
  await seeder.pause(id)
  const client = await rig.open("b")
  const { done } = await client.download({ torrent: torrentPath, only: ["1"] })
  done.catch(() => undefined)
  await rig.until(client, () => client.snapshot().documents[0]?.state === "downloading")
  disk.freeBytes = SAMPLE_PART_BYTES
  expect(await codeOf(client.select(id, undefined))).toBe("disk_full")
  await client.close()

  disk.repair()
  const next = await rig.open("b")
  await seeder.resume(id)
  await rig.until(next, () => next.snapshot().documents[0]?.state === "seeding")
  expect(filesBelow(rig.path("b", "tree"))).toEqual(["1"])
})

it("finished files are not left for a wider selection for which the disk has too little room", async () => {
  const seeder = await rig.open("a")
  const { id, torrentPath } = await seeder.upload({ file: "tree", torrent: "tree.json" })
  const client = await rig.open("b")
  const shown = () => client.snapshot().documents[0]
  await (await client.download({ torrent: torrentPath, only: ["1", "2"] })).durable
  await client.select(id, { only: ["1"] })

  disk.freeBytes = SAMPLE_PART_BYTES - 1
  expect(await codeOf(client.select(id, undefined))).toBe("disk_full")
  expect(shown()).toMatchObject({ state: "seeding", selection: { only: ["1"], wantedFiles: 1 } })
  expect(existsSync(rig.path("b", "tree.part"))).toBe(false)
  expect(filesBelow(rig.path("b", "tree"))).toEqual(["1", "2"])

  disk.freeBytes = SAMPLE_PART_BYTES
  await client.select(id, undefined)
  await rig.until(client, () => shown()?.state === "seeding")
  expect(filesBelow(rig.path("b", "tree"))).toEqual(["1", "2", "3"])
})

/** The client of folder b, which has downloaded the file "1" of the folder. */
async function withOneFile() {
  const seeder = await rig.open("a")
  const { id, torrentPath } = await seeder.upload({ file: "tree", torrent: "tree.json" })
  const client = await rig.open("b")
  await (await client.download({ torrent: torrentPath, only: ["1"] })).durable
  return { client, id }
}

it("a paused finished folder is not widened where the disk has too little room", async () => {
  const { client, id } = await withOneFile()
  const shown = () => client.snapshot().documents[0]
  await client.pause(id)
  disk.freeBytes = 2 * SAMPLE_PART_BYTES - 1
  expect(await codeOf(client.select(id, undefined))).toBe("disk_full")
  expect(shown()).toMatchObject({ state: "paused", selection: { only: ["1"], wantedFiles: 1 } })
  disk.freeBytes = 2 * SAMPLE_PART_BYTES
  await client.select(id, undefined)
  expect(shown()?.selection).toBeUndefined()
})

it.each(["seeding", "paused"])("a selection refused while the client closes is not remembered: %s", async (state) => {
  const { client, id } = await withOneFile()
  if (state === "paused") await client.pause(id)
  disk.freeBytes = SAMPLE_PART_BYTES
  const refused = codeOf(client.select(id, undefined))
  await client.close()
  await refused

  disk.repair()
  const next = await rig.open("b")
  await rig.until(next, () => next.snapshot().documents[0]?.state === state)
  expect(next.snapshot().documents[0]?.selection).toMatchObject({ only: ["1"], wantedFiles: 1 })
})

it("of two selections the later one is in force, also where the first waits for a look at the disk", async () => {
  const { client, id } = await withOneFile()
  await client.pause(id)
  await Promise.all([client.select(id, undefined), client.select(id, { drop: { names: ["3"] } })])
  expect(client.snapshot().documents[0]?.selection).toMatchObject({ wantedFiles: 2 })
})
