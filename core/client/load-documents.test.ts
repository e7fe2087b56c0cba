import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { ClientRig, codeOf, SAMPLE_PART_BYTES, sha1Hex } from "../testing/client-rig.js"
import { createFailingDisk, disk } from "../testing/failing-disk.js"

const PARTS = 6

let rig: ClientRig

beforeEach(async () => {
  disk.repair()
  rig = await ClientRig.create({ createDisk: createFailingDisk })
})

afterEach(async () => {
  disk.repair()
  await rig.close()
})

describe("a document whose torrent file is gone", () => {
  it("is restored from this client's own copy, and its download continues [A7]", async () => {
    const { seeder, leecher, torrentPath, content, id } = await rig.halfDone(PARTS)
    await leecher.close()
    await rm(torrentPath)
    seeder.setLimits({ upBytesPerSecond: null })
    const again = await rig.open("b")
    await rig.until(again, () => again.snapshot().documents[0]?.state === "seeding")
    expect(again.snapshot().documents).toMatchObject([{ id, torrentPath }])
    expect(await rig.digest("b", "copy.iso")).toBe(sha1Hex(content))
  })

  it("is taken up although another document's has taken its place, which is found too [A7]", async () => {
    const { client, id, torrentPath } = await rig.seeder("a", PARTS)
    await rig.sample("a", "other", SAMPLE_PART_BYTES)
    const other = await client.upload({ file: "other", torrent: "other.json" })
    await client.close()
    await rm(rig.path("a", ".p2p-tui", "torrents", other.id))
    await rename(other.torrentPath, torrentPath)
    const again = await rig.open("a")
    expect(
      again
        .snapshot()
        .documents.map((document) => document.id)
        .toSorted(),
    ).toEqual([id, other.id].toSorted())
    await rig.until(again, () => again.snapshot().documents.every(({ state }) => state === "seeding"))
  })

  it("is found again where it was moved to in the service folder, with its file [A7]", async () => {
    const { client, id } = await rig.seeder("a", PARTS)
    await client.close()
    await mkdir(rig.path("a", "below"))
    for (const name of ["disc.iso", "disc.json"]) await rename(rig.path("a", name), rig.path("a", "below", name))
    const again = await rig.open("a")
    const moved = { torrentPath: rig.path("a", "below", "disc.json"), filePath: rig.path("a", "below", "disc.iso") }
    expect(again.snapshot().documents).toMatchObject([{ id, ...moved }])
    await rig.until(again, () => again.snapshot().documents[0]?.state === "seeding")
  })

  it("is in the list as failed, with the reason, when there is no copy either [A7]", async () => {
    const { client, id, torrentPath } = await rig.seeder("a", PARTS)
    await client.close()
    await rm(torrentPath)
    await rm(rig.path("a", ".p2p-tui", "torrents"), { recursive: true })
    const again = await rig.open("a")
    expect(again.snapshot().documents).toMatchObject([{ id, name: "disc.iso", state: "failed" }])
    const message = expect.stringContaining(`${torrentPath}: no such file`)
    expect(again.snapshot().documents[0]?.why).toEqual({
      ...{ code: "torrent_gone", error: { code: "no_such_file", message } },
    })
    expect(await codeOf(again.resume(id))).toBe("no_such_file")
    await again.remove(id)
    expect(again.snapshot().documents).toEqual([])
    await again.close()
    expect((await rig.open("a")).snapshot().documents).toEqual([])
  })

  it("has a copy that only its owner can read, until it is removed [A7]", async () => {
    const { client, id } = await rig.seeder("a", PARTS)
    const copies = rig.path("a", ".p2p-tui", "torrents")
    expect((await stat(rig.path("a", ".p2p-tui", "torrents", id))).mode & 0o777).toBe(0o600)
    await client.remove(id)
    expect(await readdir(copies)).toEqual([])
  })
})

it("a service folder that was moved as a whole has all its documents [A7]", async () => {
  const { leecher, seeder, id } = await rig.halfDone(PARTS)
  const had = leecher.snapshot().documents[0]?.haveCount ?? 0
  await leecher.close()
  await seeder.close()
  await rename(rig.path("b"), rig.path("moved"))
  const again = await rig.open("moved")
  await rig.until(again, () => again.snapshot().documents[0]?.state === "downloading")
  expect(again.snapshot().documents).toMatchObject([{ id, filePath: rig.path("moved", "copy.iso") }])
  expect(again.snapshot().documents[0]?.haveCount).toBeGreaterThanOrEqual(had)
})

it("a check that was interrupted by closing continues at the next start [A11]", async () => {
  const { client, id, content } = await rig.seeder("a", PARTS)
  const release = disk.holdHashing()
  const checked = codeOf(client.recheck(id))
  await rig.until(client, () => disk.hashedSlices > 0)
  const closed = client.close()
  release()
  await closed
  expect(await checked).toBe("interrupted")
  disk.hashedSlices = 0
  const again = await rig.open("a")
  await rig.until(again, () => again.snapshot().documents[0]?.state === "seeding")
  expect(disk.hashedSlices).toBeGreaterThan(0)
  expect(await rig.digest("a", "disc.iso")).toBe(sha1Hex(content))
})

it("what was removed is remembered only while its torrent file is there [B16]", async () => {
  const { client, id, torrentPath } = await rig.seeder("a", PARTS)
  await client.remove(id)
  await client.close()
  const listed = async () => (await rig.text("a", ".p2p-tui", "documents.json")).includes(id)
  const second = await rig.open("a")
  await second.close()
  expect(await listed()).toBe(true)
  await rm(torrentPath)
  await (await rig.open("a")).close()
  expect(await listed()).toBe(false)
})

it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])(
  "a limit of %d bytes a second is refused [B16]",
  async (rate) => {
    const client = await rig.open("a")
    expect(() => client.setLimits({ downBytesPerSecond: rate })).toThrow(expect.objectContaining({ code: "bad_limit" }))
    expect(() => client.setLimits({ upBytesPerSecond: rate })).toThrow(expect.objectContaining({ code: "bad_limit" }))
    expect(client.snapshot().limits).toEqual({ downBytesPerSecond: undefined, upBytesPerSecond: undefined })
  },
)

it("a list of documents that is a folder is set aside [B11]", async () => {
  const { client, id } = await rig.seeder("a", PARTS)
  await client.close()
  await rm(rig.path("a", ".p2p-tui", "documents.json"))
  await mkdir(rig.path("a", ".p2p-tui", "documents.json"))
  await writeFile(rig.path("a", ".p2p-tui", "documents.json", "x"), "")
  const again = await rig.open("a")
  expect(again.snapshot().documents).toMatchObject([{ id }])
  expect((await rig.event("library_damaged")).level).toBe("warn")
})

it("a document whose disk comes back is shared again without being asked, and without being hashed [A9]", async () => {
  await rig.sample("a/disk", "disc.iso", PARTS * SAMPLE_PART_BYTES)
  const first = await rig.open("a")
  const { id } = await first.upload({ file: "disk/disc.iso", torrent: "disc.json" })
  await first.close()
  await rename(rig.path("a", "disk"), rig.path("gone"))
  const client = await rig.open("a")
  await rig.until(client, () => client.snapshot().documents[0]?.state === "failed")
  disk.hashedSlices = 0
  await rename(rig.path("gone"), rig.path("a", "disk"))
  await rig.until(client, () => client.snapshot().documents[0]?.state === "seeding")
  expect(client.snapshot().documents).toMatchObject([{ id }])
  expect(disk.hashedSlices).toBe(0)
})
