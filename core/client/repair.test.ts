import { randomBytes } from "node:crypto"
import { copyFile, mkdir, open, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { Client } from "../api/client-api.js"
import { ClientRig, SAMPLE_PART_BYTES } from "../testing/client-rig.js"

let rig: ClientRig
beforeEach(async () => {
  rig = await ClientRig.create()
})
afterEach(() => rig.close())

/** Other bytes in one part of a file. */
async function damage(part: number, ...names: readonly string[]): Promise<void> {
  const handle = await open(rig.path(...names), "r+")
  await handle.write(randomBytes(100), 0, 100, part * SAMPLE_PART_BYTES + 50)
  await handle.close()
}

const only = (client: Client) => client.snapshot().documents[0]

async function namesIn(...names: readonly string[]): Promise<string[]> {
  return (await readdir(rig.path(...names))).filter((name) => !name.startsWith(".p2p-tui")).sort()
}

describe("a download to a file that is nearly right", () => {
  it("fetches what is damaged, and keeps the rest [U11]", async () => {
    const { content, torrentPath } = await rig.seeder("a", 6)
    const leecher = await rig.open("b")
    await copyFile(rig.path("a", "disc.iso"), rig.path("b", "copy.iso"))
    await damage(4, "b", "copy.iso")
    const request = { torrent: torrentPath, file: "copy.iso" }
    await expect(leecher.download(request)).rejects.toMatchObject({ code: "target_exists" })
    expect(leecher.snapshot().documents).toEqual([])
    const { found, durable } = await leecher.download({ ...request, repair: true })
    expect(found).toEqual({ reusedParts: 5, partCount: 6, sizeBytes: expect.any(Number) })
    expect(await durable).toMatchObject({ fetchedBytes: SAMPLE_PART_BYTES })
    expect((await readFile(rig.path("b", "copy.iso"))).equals(content)).toBe(true)
    expect(await namesIn("b")).toEqual(["copy.iso"])
  })

  it("goes on after a restart, and the old file stays until the end [U11]", async () => {
    const { client: seeder, content, torrentPath } = await rig.seeder("a", 6)
    await seeder.close()
    const leecher = await rig.open("b")
    const damaged = Buffer.concat([content.subarray(0, 3 * SAMPLE_PART_BYTES), randomBytes(10)])
    await writeFile(rig.path("b", "copy.iso"), damaged)
    const begun = await leecher.download({ torrent: torrentPath, file: "copy.iso", repair: true })
    begun.done.catch(() => undefined)
    begun.durable.catch(() => undefined)
    expect(begun.found).toEqual({ reusedParts: 3, partCount: 6, sizeBytes: expect.any(Number) })
    await leecher.close()
    expect((await readFile(rig.path("b", "copy.iso"))).equals(damaged)).toBe(true)
    await rig.open("a")
    const again = await rig.open("b")
    await rig.until(again, () => only(again)?.state === "seeding")
    await rig.event("download_synced")
    expect(only(again)?.downloadedBytes).toBe(3 * SAMPLE_PART_BYTES)
    expect((await readFile(rig.path("b", "copy.iso"))).equals(content)).toBe(true)
  })

  it("is refused where another document of this client is served from the target [U11]", async () => {
    const { content, torrentPath } = await rig.seeder("a", 6)
    const other = await rig.open("b")
    const earlier = Buffer.concat([content.subarray(0, 5 * SAMPLE_PART_BYTES), randomBytes(SAMPLE_PART_BYTES)])
    await writeFile(rig.path("b", "earlier.iso"), earlier)
    const { id } = await other.upload({ file: "earlier.iso", torrent: "earlier.json" })
    const download = other.download({ torrent: torrentPath, file: "earlier.iso", repair: true })
    await expect(download).rejects.toMatchObject({ code: "in_use", message: expect.stringContaining("earlier.iso") })
    expect(other.snapshot().documents).toMatchObject([{ id, state: "seeding" }])
    expect((await readFile(rig.path("b", "earlier.iso"))).equals(earlier)).toBe(true)
    expect(await namesIn("b")).toEqual(["earlier.iso", "earlier.json"])
  })

  it("is done by a link too [U11]", async () => {
    const { content, link } = await rig.seeder("a", 4)
    const leecher = await rig.open("b")
    await writeFile(rig.path("b", "copy.iso"), content.subarray(0, 3 * SAMPLE_PART_BYTES))
    const { durable } = await leecher.download({ torrent: link, file: "copy.iso", repair: true })
    expect(await durable).toMatchObject({ fetchedBytes: SAMPLE_PART_BYTES })
    expect((await readFile(rig.path("b", "copy.iso"))).equals(content)).toBe(true)
  })

  it("is done by a link that was refused without the user's consent before [U11]", async () => {
    const { content, link } = await rig.seeder("a", 4)
    const leecher = await rig.open("b")
    await writeFile(rig.path("b", "copy.iso"), content.subarray(0, 3 * SAMPLE_PART_BYTES))
    const refused = await leecher.download({ torrent: link, file: "copy.iso" })
    await expect(refused.done).rejects.toMatchObject({ code: "target_exists" })
    const { durable } = await leecher.download({ torrent: link, file: "copy.iso", repair: true })
    expect(await durable).toMatchObject({ fetchedBytes: SAMPLE_PART_BYTES })
    expect((await readFile(rig.path("b", "copy.iso"))).equals(content)).toBe(true)
  })
})

describe("a damaged file that is served", () => {
  /** "a" and "b" have the document; the file of "a", who shared it, is damaged and was checked. */
  async function damagedSeed() {
    const { client, content, torrentPath, id } = await rig.seeder("a", 6)
    const other = await rig.open("b")
    await (await other.download({ torrent: torrentPath, file: "copy.iso" })).durable
    await damage(2, "a", "disc.iso")
    await expect(client.recheck(id)).rejects.toMatchObject({
      code: "file_changed",
      message: expect.stringContaining("1 of 6 parts is damaged (2)"),
    })
    return { client, content, id }
  }

  it("is shown with the share that is good, and repaired from others when the user agrees [U11]", async () => {
    const { client, content, id } = await damagedSeed()
    expect(only(client)).toMatchObject({ state: "failed", haveCount: 5, partCount: 6 })
    await expect(client.repair(id)).rejects.toMatchObject({ code: "own_file" })
    expect(only(client)).toMatchObject({ state: "failed" })
    const { found, durable } = await client.repair(id, { replaceOwn: true })
    expect(found).toEqual({ reusedParts: 5, partCount: 6, sizeBytes: expect.any(Number) })
    expect(await durable).toMatchObject({ fetchedBytes: SAMPLE_PART_BYTES })
    expect((await readFile(rig.path("a", "disc.iso"))).equals(content)).toBe(true)
    expect(only(client)).toMatchObject({ state: "seeding", haveCount: 6 })
    await expect(client.repair(id)).rejects.toMatchObject({ code: "own_file" })
  })

  it("comes back as it was when nothing of it is of the document [U11]", async () => {
    const { client, id } = await rig.seeder("a", 3)
    const other = randomBytes(3 * SAMPLE_PART_BYTES)
    await writeFile(rig.path("a", "disc.iso"), other)
    await expect(client.recheck(id)).rejects.toMatchObject({ code: "file_replaced" })
    await expect(client.repair(id, { replaceOwn: true })).rejects.toMatchObject({ code: "target_exists" })
    expect(only(client)).toMatchObject({ id, state: "failed", haveCount: 0 })
    expect((await readFile(rig.path("a", "disc.iso"))).equals(other)).toBe(true)
    expect(await namesIn("a")).toEqual(["disc.iso", "disc.json"])
  })

  it("is repaired once where two commands ask for it at the same time [U11]", async () => {
    const { client, content, id } = await damagedSeed()
    const both = await Promise.allSettled([
      client.repair(id, { replaceOwn: true }),
      client.repair(id, { replaceOwn: true }),
    ])
    const begun = both.filter((one) => one.status === "fulfilled")
    expect(begun.length).toBeGreaterThan(0)
    await begun[0]?.value.durable
    expect((await readFile(rig.path("a", "disc.iso"))).equals(content)).toBe(true)
  })

  it("may be a folder of which a file is damaged, beside files of the user [U11]", async () => {
    await mkdir(rig.path("a", "tree"), { recursive: true })
    for (const name of ["one", "two", "three"])
      await writeFile(rig.path("a", "tree", name), randomBytes(SAMPLE_PART_BYTES))
    const seeder = await rig.open("a")
    const { torrentPath, id } = await seeder.upload({ file: "tree", torrent: "tree.json" })
    const other = await rig.open("b")
    await (await other.download({ torrent: torrentPath, file: "copy" })).durable
    await damage(0, "a", "tree", "two")
    await writeFile(rig.path("a", "tree", "mine"), "mine")
    await seeder.recheck(id)
    expect(only(seeder)).toMatchObject({ state: "seeding", haveCount: 2, partCount: 3 })
    const { durable } = await seeder.repair(id, { replaceOwn: true })
    await durable
    expect(await rig.digest("a/tree/two")).toBe(await rig.digest("b/copy/two"))
    expect(await namesIn("a", "tree")).toEqual(["mine", "one", "three", "two"])
    expect(only(seeder)).toMatchObject({ state: "seeding", haveCount: 3 })
  })
})

describe("a document that has failed", () => {
  it("shows that nothing of it is there when its file was deleted while it was served [U11]", async () => {
    const { client, id } = await rig.seeder("a", 3)
    await rm(rig.path("a", "disc.iso"))
    await client.recheck(id).catch(() => undefined)
    expect(only(client)).toMatchObject({ state: "failed", haveCount: 0 })
  })
})
