import { writeFile } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import type { Client } from "../api/client-api.js"
import { ClientRig, codeOf, SAMPLE_PART_BYTES, sha1Hex } from "../testing/client-rig.js"
import { createFailingDisk, disk } from "../testing/failing-disk.js"

const PARTS = 12
let rig: ClientRig

beforeEach(async () => {
  disk.repair()
  rig = await ClientRig.create({ createDisk: createFailingDisk })
})

afterEach(async () => {
  vi.useRealTimers()
  disk.repair()
  await rig.close()
})

const first = (client: Client) => client.snapshot().documents[0]
/** A client "a" that was closed, with a file whose parts have to be hashed at the next start. */
async function withUnverifiedFile(): Promise<string> {
  const { client, content, id } = await rig.seeder("a", PARTS)
  await client.close()
  await writeFile(rig.path("a", "disc.iso"), content)
  return id
}

describe("a download that is refused", () => {
  it("leaves nothing behind that starts when there is room [B1]", async () => {
    const { torrentPath, content } = await rig.seeder("a", PARTS)
    const leecher = await rig.open("b")
    disk.roomForParts = 0
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    expect(await codeOf(leecher.download({ torrent: torrentPath, file: "copy.iso" }))).toBe("disk_full")
    disk.roomForParts = Number.POSITIVE_INFINITY
    expect(leecher.snapshot().documents).toEqual([])
    // A retry that is still armed would start now, and lock the target.
    vi.advanceTimersByTime(10_000)
    vi.useRealTimers()
    await (await leecher.download({ torrent: torrentPath, file: "copy.iso" })).done
    expect(await rig.digest("b", "copy.iso")).toBe(sha1Hex(content))
  })

  it("is not in the list at the next start, and has no file on disk [A8]", async () => {
    const { torrentPath } = await rig.seeder("a", PARTS)
    const leecher = await rig.open("b")
    disk.roomForParts = 0
    expect(await codeOf(leecher.download({ torrent: torrentPath, file: "copy.iso" }))).toBe("disk_full")
    for (const name of ["copy.iso.part", "copy.iso.part.resume", "copy.iso.part.lock"])
      expect(await rig.exists("b", name)).toBe(false)
    await leecher.close()
    expect((await rig.open("b")).snapshot().documents).toEqual([])
  })

  it("gives back its place in the list to the broken one that it was to replace [B1]", async () => {
    const id = await withUnverifiedFile()
    await writeFile(rig.path("a", "disc.iso"), "something else")
    await writeFile(rig.path("a", "taken"), "mine")
    const client = await rig.open("a")
    await rig.until(client, () => first(client)?.state === "failed")
    expect(await codeOf(client.download({ torrent: "disc.json", file: "taken" }))).toBe("target_exists")
    expect(client.snapshot().documents).toMatchObject([{ id, state: "failed", filePath: rig.path("a", "disc.iso") }])
  })

  it("does not bring a removed document back at the next start [B16]", async () => {
    const { client, id } = await rig.seeder("a", PARTS)
    await client.remove(id)
    await writeFile(rig.path("a", "taken"), "mine")
    expect(await codeOf(client.download({ torrent: "disc.json", file: "taken" }))).toBe("target_exists")
    await client.close()
    expect((await rig.open("a")).snapshot().documents).toEqual([])
  })
})

describe("a last checkpoint that fails", () => {
  it("leaves a paused document paused, and the download continues later [B4]", async () => {
    const { seeder, leecher, id, content, handle } = await rig.halfDone(PARTS)
    disk.syncs = false
    await leecher.pause(id)
    expect(first(leecher)?.state).toBe("paused")
    const { downloadedBytes } = first(leecher) ?? {}
    expect(rig.events).toContainEqual(expect.objectContaining({ level: "warn", name: "disk_failed" }))
    disk.syncs = true
    seeder.setLimits({ upBytesPerSecond: null })
    await leecher.resume(id)
    await handle.done
    expect(await rig.digest("b", "copy.iso")).toBe(sha1Hex(content))
    expect(first(leecher)?.downloadedBytes).toBeGreaterThanOrEqual(downloadedBytes ?? 0)
    expect(first(leecher)?.downloadedBytes).toBeLessThan(2 * content.length)
  })

  it("keeps no client from closing, and rejects the callers that wait for the download [B4]", async () => {
    const { leecher, handle, id } = await rig.halfDone(PARTS)
    disk.syncs = false
    await leecher.close()
    expect(await codeOf(handle.done)).toBe("interrupted")
    disk.syncs = true
    // The folder's lock and the list of documents are in order.
    const again = await rig.open("b")
    expect(again.snapshot().documents).toMatchObject([{ id }])
  })

  it("keeps no document from being checked [B4]", async () => {
    const { leecher, id } = await rig.halfDone(PARTS)
    disk.syncs = false
    const checked = leecher.recheck(id)
    await rig.until(leecher, () => first(leecher)?.state === "checking")
    disk.syncs = true
    await checked
    expect(first(leecher)?.state).toBe("downloading")
  })
})

describe("a document that is being removed", () => {
  it("is started again by nothing [B5]", async () => {
    const { client, id } = await rig.seeder("a", PARTS)
    const removed = client.remove(id)
    const late = [client.resume(id), client.pause(id), client.recheck(id)].map(codeOf)
    await removed
    expect(await Promise.all(late)).toEqual(["closed", "closed", "closed"])
    expect(client.snapshot().documents).toEqual([])
  })

  it("is fetched anew by a download that is asked for meanwhile [B5]", async () => {
    const { seeder, leecher, id, torrentPath, content } = await rig.halfDone(PARTS)
    const removed = leecher.remove(id, { discardUnfinished: true })
    const again = leecher.download({ torrent: torrentPath, file: "copy.iso" })
    await removed
    seeder.setLimits({ upBytesPerSecond: null })
    await (await again).done
    expect(await rig.digest("b", "copy.iso")).toBe(sha1Hex(content))
    expect(leecher.snapshot().documents).toMatchObject([{ id, state: "seeding" }])
  })

  it("is fetched anew once by downloads that are asked for meanwhile [B5]", async () => {
    const { leecher, id, torrentPath } = await rig.halfDone(PARTS)
    const removed = leecher.remove(id, { discardUnfinished: true })
    const again = [1, 2, 3].map(() => leecher.download({ torrent: torrentPath, file: "copy.iso" }))
    await removed
    const handles = await Promise.all(again)
    expect(leecher.snapshot().documents).toMatchObject([{ id }])
    await leecher.close()
    expect(await Promise.all(handles.map(({ done }) => codeOf(done)))).toEqual(Array(3).fill("interrupted"))
  })

  it("keeps no client from closing when its bytes can't be deleted [B2]", async () => {
    const { leecher, id } = await rig.halfDone(PARTS)
    disk.syncs = false
    disk.undeletable = ".part"
    const removed = codeOf(leecher.remove(id, { discardUnfinished: true }))
    await leecher.close()
    expect(await removed).toBe("disk_failed")
  })
})

describe("a paused document", () => {
  it("shows after a restart what it has [B6, A6]", async () => {
    const { seeder, leecher, id } = await rig.halfDone(PARTS)
    await leecher.pause(id)
    const had = first(leecher)?.haveCount ?? 0
    await leecher.close()
    const { id: complete } = await seeder.upload({ file: "disc.iso", torrent: "second.json" })
    await seeder.pause(complete)
    await seeder.close()
    const again = await rig.open("b")
    expect(had).toBeGreaterThan(0)
    expect(first(again)).toMatchObject({ state: "paused", haveCount: had })
    expect(first(again)?.why).toEqual({ code: "paused", missingParts: PARTS - had, partCount: PARTS })
    const whole = (await rig.open("a")).find(complete)
    expect(whole).toMatchObject({ state: "paused", haveCount: PARTS, haveBytes: PARTS * SAMPLE_PART_BYTES })
    expect(whole.why).toMatchObject({ code: "paused", missingParts: 0 })
  })

  it("stays paused when it is checked, also after a restart [B6]", async () => {
    const { leecher, id } = await rig.halfDone(PARTS)
    await leecher.pause(id)
    const had = first(leecher)?.haveCount
    await leecher.recheck(id)
    expect(first(leecher)).toMatchObject({ state: "paused", haveCount: had })
    await leecher.close()
    const again = await rig.open("b")
    expect(first(again)).toMatchObject({ state: "paused" })
  })

  it("is paused at once while it is being checked [B6]", async () => {
    const id = await withUnverifiedFile()
    const release = disk.holdHashing()
    const client = await rig.open("a")
    await rig.until(client, () => disk.hashedSlices > 0)
    const paused = client.pause(id)
    release()
    await paused
    expect(first(client)).toMatchObject({ state: "paused" })
    expect(first(client)?.why).toMatchObject({ code: "paused", missingParts: undefined })
    await client.resume(id)
    expect(first(client)?.state).toBe("seeding")
  })
})

describe("leaving while documents are checked", () => {
  it("is no fault of theirs, and the next start resumes them [B7]", async () => {
    const { seeder, leecher, torrentPath, content, id } = await rig.halfDone(PARTS)
    await leecher.remove(id)
    await writeFile(rig.path("b", "copy.iso.part.resume"), Buffer.alloc(0))
    rig.events.length = 0
    const release = disk.holdHashing()
    const begun = codeOf(leecher.download({ torrent: torrentPath, file: "copy.iso" }))
    await rig.until(leecher, () => first(leecher)?.state === "checking" && disk.hashedSlices > 0)
    const closed = leecher.close()
    release()
    await closed
    expect(await begun).toBe("interrupted")
    expect(rig.events.filter(({ level }) => level === "error")).toEqual([])
    seeder.setLimits({ upBytesPerSecond: null })
    const again = await rig.open("b")
    await rig.until(again, () => first(again)?.state === "seeding")
    expect(await rig.digest("b", "copy.iso")).toBe(sha1Hex(content))
  })
})
