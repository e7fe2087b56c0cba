import { symlink } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { Client, UploadResult } from "../api/client-api.js"
import { ClientRig, codeOf, SAMPLE_PART_BYTES, sha1Hex } from "../testing/client-rig.js"
import { createFailingDisk, disk } from "../testing/failing-disk.js"

const PARTS = 6
const BYTES = PARTS * SAMPLE_PART_BYTES

let rig: ClientRig
let seeder: Client
let one: UploadResult
let two: UploadResult
let content: Buffer

beforeEach(async () => {
  disk.repair()
  rig = await ClientRig.create({ createDisk: createFailingDisk })
  seeder = await rig.open("a")
  await rig.sample("a", "one", BYTES)
  content = await rig.sample("a", "two", BYTES)
  one = await seeder.upload({ file: "one", torrent: "one.json", open: true })
  two = await seeder.upload({ file: "two", torrent: "two.json", open: true })
})

afterEach(async () => {
  disk.repair()
  await rig.close()
})

describe("two downloads that fit on the disk alone, but not together", () => {
  it("are not both begun: the second is refused and leaves nothing [A8]", async () => {
    disk.freeBytes = BYTES * 1.5
    const leecher = await rig.open("b")
    seeder.setLimits({ upBytesPerSecond: SAMPLE_PART_BYTES })
    await leecher.download({ torrent: one.torrentPath, file: "one" })
    const refused = await leecher.download({ torrent: two.torrentPath, file: "two" }).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: "disk_full", message: expect.stringContaining("for other downloads") })
    expect(leecher.snapshot().documents).toMatchObject([{ id: one.id, state: "downloading" }])
    expect(await rig.exists("b", "two.part")).toBe(false)
  })

  it("are not both begun when they are asked for at the same time [A8]", async () => {
    disk.freeBytes = BYTES * 1.5
    const leecher = await rig.open("b")
    const asked = [one, two].map(({ torrentPath }, index) =>
      leecher.download({ torrent: torrentPath, file: `${index}` }),
    )
    expect((await Promise.all(asked.map(codeOf))).toSorted()).toEqual(["disk_full", "went well"])
  })

  it.each([
    ["is complete", async () => undefined],
    ["is paused", (leecher: Client) => leecher.pause(one.id)],
    ["was removed", (leecher: Client) => leecher.remove(one.id, { discardUnfinished: true })],
  ])("go one after the other, once the first %s [A8]", async (how, end) => {
    disk.freeBytes = BYTES * 1.5
    const leecher = await rig.open("b")
    if (how !== "is complete") seeder.setLimits({ upBytesPerSecond: SAMPLE_PART_BYTES })
    const { done } = await leecher.download({ torrent: one.torrentPath, file: "one" })
    if (how === "is complete") await done
    await end(leecher)
    seeder.setLimits({ upBytesPerSecond: null })
    await (await leecher.download({ torrent: two.torrentPath, file: "two" })).done
    expect(await rig.digest("b", "two")).toBe(sha1Hex(content))
  })
})

it("a document that is there already needs no space [A8]", async () => {
  const leecher = await rig.open("b")
  await (await leecher.download({ torrent: one.torrentPath, file: "one" })).durable
  await leecher.remove(one.id)
  disk.freeBytes = 0
  const again = await leecher.download({ torrent: one.torrentPath, file: "one" })
  expect(await codeOf(again.done)).toBe("went well")
})

describe("a download into the target of another document of this client", () => {
  it("names that document as the owner, and does not free its space [A8]", async () => {
    const leecher = await rig.open("b")
    seeder.setLimits({ upBytesPerSecond: SAMPLE_PART_BYTES })
    await leecher.download({ torrent: one.torrentPath, file: "disc" })
    const refused = await leecher.download({ torrent: two.torrentPath, file: "disc" }).catch((error: unknown) => error)
    expect(refused).toMatchObject({
      code: "in_use",
      message: `${rig.path("b", "disc")}: "one" of this client is downloaded there; give another name for the file, or remove that document`,
    })
    disk.freeBytes = BYTES * 1.5
    expect(await codeOf(leecher.download({ torrent: two.torrentPath, file: "two" }))).toBe("disk_full")
  })

  it("names it also when the path leads through a link [A8]", async () => {
    const leecher = await rig.open("b")
    await symlink(".", rig.path("b", "here"))
    seeder.setLimits({ upBytesPerSecond: SAMPLE_PART_BYTES })
    await leecher.download({ torrent: one.torrentPath, file: "disc" })
    const refused = leecher.download({ torrent: two.torrentPath, file: "here/disc" })
    await expect(refused).rejects.toThrow('"one" of this client is downloaded there')
  })
})
