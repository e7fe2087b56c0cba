import { truncateSync } from "node:fs"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { ClientRig, SAMPLE_PART_BYTES, sha1Hex } from "../testing/client-rig.js"
import { createFailingDisk, disk } from "../testing/failing-disk.js"

let rig: ClientRig

beforeEach(async () => {
  disk.repair()
  rig = await ClientRig.create({ createDisk: createFailingDisk })
})

afterEach(() => rig.close())

it("a download whose disk is full reports the missing bytes, and resumes automatically when there is room [hostile 10]", async () => {
  const { content, torrentPath } = await rig.seeder("a", 12)
  const leecher = await rig.open("b")
  const shown = () => leecher.snapshot().documents[0]
  disk.roomForParts = 4
  const handle = await leecher.download({ torrent: torrentPath, file: "copy.iso" })
  await rig.until(leecher, () => shown()?.state === "failed")
  const message = expect.stringMatching(/copy\.iso.*: the disk is full, [\d.]+ [KM]?i?B more are needed$/)
  expect(shown()?.why).toEqual({ code: "failed", error: { code: "disk_full", message }, goesOn: true })
  expect(shown()?.haveCount).toBe(4)
  const fetchedBefore = shown()?.downloadedBytes ?? 0
  disk.roomForParts = Number.POSITIVE_INFINITY
  // What was on disk is not fetched again.
  expect((await handle.done).fetchedBytes - fetchedBefore).toBe(8 * SAMPLE_PART_BYTES)
  expect(await rig.digest("b", "copy.iso")).toBe(sha1Hex(content))
  expect(rig.events.filter(({ name }) => name === "disk_full")).toHaveLength(1)
})

it("a download whose disk is full, and fails once more as it is closed, is stopped alone and resumes [hostile 10, 11]", async () => {
  const { content, torrentPath } = await rig.seeder("a", 12)
  const leecher = await rig.open("b")
  const shown = () => leecher.snapshot().documents[0]
  disk.roomForParts = 4
  disk.syncs = false
  const handle = await leecher.download({ torrent: torrentPath, file: "copy.iso" })
  await rig.until(leecher, () => shown()?.state === "failed")
  expect(shown()?.why).toMatchObject({ code: "failed", error: { code: "disk_full" } })
  expect(shown()?.downloadedBytes).toBeGreaterThanOrEqual(4 * SAMPLE_PART_BYTES)
  disk.syncs = true
  disk.roomForParts = Number.POSITIVE_INFINITY
  await handle.done
  expect(await rig.digest("b", "copy.iso")).toBe(sha1Hex(content))
})

it("a finished file that can't be made durable loses its name again, and what is not safe is fetched again [hostile 10, 14]", async () => {
  const { content, torrentPath } = await rig.seeder("a", 12)
  const leecher = await rig.open("b")
  disk.syncs = false
  const handle = await leecher.download({ torrent: torrentPath, file: "copy.iso" })
  await handle.done
  await expect(handle.durable).rejects.toMatchObject({ code: "disk_failed" })
  expect(leecher.snapshot().documents[0]?.state).toBe("failed")
  await expect(rig.digest("b", "copy.iso")).rejects.toMatchObject({ code: "ENOENT" })
  disk.syncs = true
  await leecher.resume(handle.id)
  const again = await leecher.download({ torrent: torrentPath, file: "copy.iso" })
  await again.durable
  expect(leecher.snapshot().documents[0]).toMatchObject({ state: "seeding", reusedCount: 0 })
  expect(await rig.digest("b", "copy.iso")).toBe(sha1Hex(content))
})

it("a part that can't be read any more is not served, the others are, and an event reports it [hostile 11]", async () => {
  const { client: seeder, content, torrentPath, id } = await rig.seeder("a", 6)
  disk.unreadableFrom = 5 * SAMPLE_PART_BYTES
  const leecher = await rig.open("b")
  const handle = await leecher.download({ torrent: torrentPath, file: "copy.iso" })
  await rig.until(leecher, () => leecher.snapshot().documents[0]?.haveCount === 5)
  expect((await rig.event("part_lost")).message).toMatch(/^part 5 is not served any more: .*the disk failed \(EIO\)/)
  expect(seeder.snapshot().documents[0]).toMatchObject({ state: "seeding", haveCount: 5, why: undefined })
  disk.unreadableFrom = Number.POSITIVE_INFINITY
  await seeder.recheck(id)
  await handle.done
  expect(await rig.digest("b", "copy.iso")).toBe(sha1Hex(content))
})

describe("a download whose resume record proves nothing", () => {
  it.each([
    ["is empty", 0],
    ["is cut short", 5_000],
  ])("says so in one line when it %s, and keeps what is good on disk [hostile 15]", async (_, length) => {
    const { client: seeder, torrentPath } = await rig.seeder("a", 12)
    seeder.setLimits({ upBytesPerSecond: 4 * SAMPLE_PART_BYTES })
    const first = await rig.open("b")
    await first.download({ torrent: torrentPath, file: "copy.iso" })
    await rig.until(first, () => (first.snapshot().documents[0]?.haveCount ?? 0) > 0)
    await first.close()
    truncateSync(rig.path("b", "copy.iso.part.resume"), length)
    seeder.setLimits({ upBytesPerSecond: null })
    const second = await rig.open("b")
    const ignored = await rig.event("record_ignored")
    expect(ignored).toMatchObject({ level: "warn", document: { name: "disc.iso" } })
    expect(ignored.message).toMatch(
      /^the (resume record has 5000 bytes|file in the resume record's place is none; it is kept as).*: all data on disk was checked$/,
    )
    expect(second.snapshot().documents[0]?.reusedCount).toBeGreaterThan(0)
    expect(rig.events.filter(({ name }) => name === "record_ignored")).toHaveLength(1)
  })
})
