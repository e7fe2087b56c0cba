import { appendFile, readFile, rename, stat, symlink, writeFile } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { Client } from "../api/client-api.js"
import type { P2pError } from "../base/errors.js"
import { ClientRig, SAMPLE_PART_BYTES, sha1Hex } from "../testing/client-rig.js"
import { until } from "../testing/until.js"

let rig: ClientRig

beforeEach(async () => {
  rig = await ClientRig.create()
})

afterEach(() => rig.close())

describe("a client", () => {
  it("fetches what another one uploaded, byte for byte", async () => {
    const content = await rig.sample("a", "disc.iso", 5 * SAMPLE_PART_BYTES + 77)
    const seeder = await rig.open("a")
    const { torrentPath } = await seeder.upload({ file: "disc.iso", torrent: "disc.json" })
    const leecher = await rig.open("b")
    const handle = await leecher.download({ torrent: torrentPath, file: "copy.iso" })
    expect(handle.found).toEqual({ reusedParts: 0, partCount: 6, sizeBytes: content.length })
    expect(await handle.done).toMatchObject({ fetchedBytes: content.length, filePath: rig.path("b", "copy.iso") })
    expect(await rig.digest("b", "copy.iso")).toBe(sha1Hex(content))
    expect(leecher.snapshot().documents).toMatchObject([{ state: "seeding", haveCount: 6 }])
  })

  it("serves three at once, which serve each other", async () => {
    const content = await rig.sample("a", "disc.iso", 40 * SAMPLE_PART_BYTES)
    const seeder = await rig.open("a")
    const { torrentPath } = await seeder.upload({ file: "disc.iso", torrent: "disc.json" })
    const leechers = await Promise.all(["b", "c", "d"].map((name) => rig.open(name)))
    const handles = await Promise.all(leechers.map((each) => each.download({ torrent: torrentPath, file: "copy.iso" })))
    await Promise.all(handles.map((handle) => handle.done))
    for (const name of ["b", "c", "d"]) expect(await rig.digest(name, "copy.iso")).toBe(sha1Hex(content))
  })

  it("still seeds all it had after it was switched off and on", async () => {
    const content = await rig.sample("a", "disc.iso", 3 * SAMPLE_PART_BYTES)
    const first = await rig.open("a")
    const { torrentPath } = await first.upload({ file: "disc.iso", torrent: "disc.json" })
    await first.close()
    const second = await rig.open("a")
    await until(second, () => second.snapshot().documents[0]?.state === "seeding")
    const leecher = await rig.open("b")
    await (await leecher.download({ torrent: torrentPath, file: "copy.iso" })).done
    expect(await rig.digest("b", "copy.iso")).toBe(sha1Hex(content))
  })

  it("finishes a download that began without peers", async () => {
    const content = await rig.sample("a", "disc.iso", 3 * SAMPLE_PART_BYTES)
    const seeder = await rig.open("a")
    const { torrentPath } = await seeder.upload({ file: "disc.iso", torrent: "disc.json" })
    await seeder.close()
    const leecher = await rig.open("b")
    const handle = await leecher.download({ torrent: torrentPath, file: "copy.iso" })
    await until(leecher, () => leecher.snapshot().documents[0]?.why?.code === "no_peer_known")
    await rig.open("a")
    await handle.done
    expect(await rig.digest("b", "copy.iso")).toBe(sha1Hex(content))
  })

  it("resumes an unfinished download and fetches nothing twice", async () => {
    const content = await rig.sample("a", "disc.iso", 64 * SAMPLE_PART_BYTES)
    const seeder = await rig.open("a")
    seeder.setLimits({ upBytesPerSecond: 8 * 1024 * 1024 })
    const { torrentPath } = await seeder.upload({ file: "disc.iso", torrent: "disc.json" })
    const first = await rig.open("b")
    const begun = await first.download({ torrent: torrentPath, file: "copy.iso" })
    await until(first, () => (first.snapshot().documents[0]?.haveCount ?? 0) >= 5)
    await first.close()
    await expect(begun.done).rejects.toMatchObject({ code: "interrupted" })
    seeder.setLimits({ upBytesPerSecond: null })
    const second = await rig.open("b")
    const resumed = await second.download({ torrent: torrentPath, file: "copy.iso" })
    const { reusedParts = 0, partCount } = resumed.found ?? {}
    expect(reusedParts).toBeGreaterThanOrEqual(5)
    expect(partCount).toBe(64)
    expect((await resumed.done).fetchedBytes).toBeLessThanOrEqual((64 - reusedParts) * SAMPLE_PART_BYTES)
    expect(await rig.digest("b", "copy.iso")).toBe(sha1Hex(content))
  })

  it("fails a download whose name was taken meanwhile, and leaves that file alone", async () => {
    await rig.sample("a", "disc.iso", 16 * SAMPLE_PART_BYTES)
    const seeder = await rig.open("a")
    seeder.setLimits({ upBytesPerSecond: 2 * 1024 * 1024 })
    const { torrentPath } = await seeder.upload({ file: "disc.iso", torrent: "disc.json" })
    const leecher = await rig.open("b")
    const handle = await leecher.download({ torrent: torrentPath, file: "copy.iso" })
    await writeFile(rig.path("b", "copy.iso"), "mine")
    seeder.setLimits({ upBytesPerSecond: null })
    await expect(handle.done).rejects.toMatchObject({ code: "target_exists" })
    expect(leecher.snapshot().documents[0]?.state).toBe("failed")
    expect(await readFile(rig.path("b", "copy.iso"), "utf8")).toBe("mine")
  })

  it("registers its documents again with a tracker that forgot them [hostile 39]", async () => {
    await rig.sample("a", "disc.iso", 2 * SAMPLE_PART_BYTES)
    const seeder = await rig.open("a")
    const { torrentPath } = await seeder.upload({ file: "disc.iso", torrent: "disc.json" })
    rig.tracker.forgetAll()
    const leecher = await rig.open("b")
    const handle = await leecher.download({ torrent: torrentPath, file: "copy.iso" })
    await seeder.close()
    await rig.open("a")
    await handle.done
    expect(rig.events).toContainEqual(expect.objectContaining({ level: "info", name: "registered_again" }))
    expect(rig.events.filter((event) => event.level === "warn")).toEqual([])
  })

  it("notices a file that was changed while it was seeded, and serves it no longer [hostile 12]", async () => {
    await rig.sample("a", "disc.iso", 3 * SAMPLE_PART_BYTES)
    const seeder = await rig.open("a")
    const { torrentPath } = await seeder.upload({ file: "disc.iso", torrent: "disc.json" })
    await appendFile(rig.path("a", "disc.iso"), "tampered")
    const leecher = await rig.open("b")
    await leecher.download({ torrent: torrentPath, file: "copy.iso" })
    await until(seeder, () => seeder.snapshot().documents[0]?.state === "failed")
    expect(seeder.snapshot().documents[0]?.why).toMatchObject({
      ...{ code: "failed", error: { code: "file_changed", message: expect.stringContaining("disc.iso") } },
    })
  })

  it("refuses a second client on the same folder [hostile 16]", async () => {
    await rig.open("a")
    await expect(rig.open("a")).rejects.toMatchObject({ code: "in_use" })
  })
})

describe("commands that can't be carried out", () => {
  it.each([
    [
      "a missing file to upload",
      (client: Client) => client.upload({ file: "none", torrent: "t.json" }),
      "no_such_file",
    ],
    ["the service folder to upload", (client: Client) => client.upload({ file: ".", torrent: "t.json" }), "bad_path"],
    [
      "a torrent path without its folder",
      (client: Client) => client.upload({ file: "disc.iso", torrent: "no/t.json" }),
      "not_writable",
    ],
    [
      "a missing torrent file",
      (client: Client) => client.download({ torrent: "none.json", file: "x" }),
      "no_such_file",
    ],
    [
      "a torrent file that is no JSON",
      (client: Client) => client.download({ torrent: "disc.iso", file: "x" }),
      "bad_torrent",
    ],
    [
      "a target that is a link",
      (client: Client) => client.download({ torrent: "disc.json", file: "link" }),
      "target_exists",
    ],
    [
      "a target with other content",
      (client: Client) => client.download({ torrent: "disc.json", file: "other" }),
      "target_exists",
    ],
    ["an unknown document", (client: Client) => client.pause("unknown"), "no_such_document"],
  ])("%s", async (_, command, code) => {
    await rig.sample("a", "disc.iso", SAMPLE_PART_BYTES)
    await rig.sample("a", "other", SAMPLE_PART_BYTES)
    await symlink(rig.path("a", "other"), rig.path("a", "link"))
    const client = await rig.open("a")
    const { id } = await client.upload({ file: "disc.iso", torrent: "disc.json" })
    await client.remove(id)
    const error = await command(client).then(
      () => undefined,
      (refusal: P2pError) => refusal,
    )
    expect(error?.code).toBe(code)
    expect(await stat(rig.path("a", "other"))).toMatchObject({ size: SAMPLE_PART_BYTES })
    expect(client.snapshot().documents).toEqual([])
  })

  it("an upload while the tracker is away says so and leaves no torrent file", async () => {
    await rig.sample("a", "disc.iso", SAMPLE_PART_BYTES)
    const client = await rig.open("a")
    rig.tracker.failWith = 500
    await expect(client.upload({ file: "disc.iso", torrent: "disc.json" })).rejects.toMatchObject({
      code: "bad_answer",
    })
    await expect(stat(rig.path("a", "disc.json"))).rejects.toMatchObject({ code: "ENOENT" })
  })
})

describe("pause, resume, recheck and remove", () => {
  it("pauses and resumes, across a restart", async () => {
    await rig.sample("a", "disc.iso", SAMPLE_PART_BYTES)
    const first = await rig.open("a")
    const { id } = await first.upload({ file: "disc.iso", torrent: "disc.json" })
    await first.pause(id)
    await first.close()
    const second = await rig.open("a")
    await until(second, () => second.snapshot().documents[0]?.state === "paused")
    await second.resume(id)
    expect(second.snapshot().documents[0]?.state).toBe("seeding")
  })

  it("forgets a removed document permanently, and keeps its file", async () => {
    await rig.sample("a", "disc.iso", SAMPLE_PART_BYTES)
    const first = await rig.open("a")
    const { id } = await first.upload({ file: "disc.iso", torrent: "disc.json" })
    await first.remove(id)
    await first.close()
    const second = await rig.open("a")
    expect(second.snapshot().documents).toEqual([])
    expect(await stat(rig.path("a", "disc.iso"))).toMatchObject({ size: SAMPLE_PART_BYTES })
  })

  it("fetches again on recheck what was damaged of a file that it fetched, and keeps the rest", async () => {
    const content = await rig.sample("a", "disc.iso", 6 * SAMPLE_PART_BYTES)
    const seeder = await rig.open("a")
    const { id, torrentPath } = await seeder.upload({ file: "disc.iso", torrent: "disc.json" })
    const leecher = await rig.open("b")
    await (await leecher.download({ torrent: torrentPath, file: "copy.iso" })).done
    const damaged = Buffer.from(content)
    damaged.fill(0, 2 * SAMPLE_PART_BYTES, 2 * SAMPLE_PART_BYTES + 10)
    await writeFile(rig.path("b", "copy.iso"), damaged)
    await leecher.recheck(id)
    await until(leecher, () => leecher.snapshot().documents[0]?.state === "seeding")
    // What was fetched before the recheck still counts.
    expect(leecher.snapshot().documents[0]).toMatchObject({ reusedCount: 5, downloadedBytes: 7 * SAMPLE_PART_BYTES })
    expect(await rig.digest("b", "copy.iso")).toBe(sha1Hex(content))
  })

  it("finds on recheck that a seeded file was replaced [hostile 12]", async () => {
    await rig.sample("a", "disc.iso", 2 * SAMPLE_PART_BYTES)
    const client = await rig.open("a")
    const { id } = await client.upload({ file: "disc.iso", torrent: "disc.json" })
    await rig.sample("a", "new", 2 * SAMPLE_PART_BYTES)
    await rename(rig.path("a", "new"), rig.path("a", "disc.iso"))
    await expect(client.recheck(id)).rejects.toMatchObject({ code: "file_replaced" })
    expect(client.snapshot().documents[0]).toMatchObject({ state: "failed" })
  })
})
