import { rm } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import type { Client } from "../api/client-api.js"
import { ClientRig, codeOf, SAMPLE_PART_BYTES } from "../testing/client-rig.js"
import { createFailingDisk, disk } from "../testing/failing-disk.js"

const PARTS = 12
const locks = vi.hoisted(() => ({ stay: false }))
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>()
  const unlink: typeof real.unlink = async (path) => {
    if (locks.stay && String(path).endsWith("/lock")) throw Object.assign(new Error("EIO"), { code: "EIO" })
    await real.unlink(path)
  }
  return { ...real, unlink }
})

let rig: ClientRig

beforeEach(async () => {
  disk.repair()
  rig = await ClientRig.create({ createDisk: createFailingDisk })
})

afterEach(async () => {
  disk.repair()
  await rig.close()
})

const first = (client: Client) => client.snapshot().documents[0]

describe("remove with its unfinished bytes", () => {
  it.each([
    ["runs", async () => undefined],
    ["is paused", (client: Client, id: string) => client.pause(id)],
    [
      "has failed",
      async (client: Client) => {
        disk.roomForParts = 0
        await rig.until(client, () => first(client)?.state === "failed")
      },
    ],
  ])("deletes those of a download that %s [B2, A13]", async (_, bring) => {
    const { seeder, leecher, id } = await rig.halfDone(PARTS)
    if (bring.length === 1) seeder.setLimits({ upBytesPerSecond: null })
    await bring(leecher, id)
    expect(await rig.exists("b", "copy.iso.part")).toBe(true)
    expect(await leecher.remove(id, { discardUnfinished: true })).toEqual({ discarded: true })
    for (const name of ["copy.iso.part", "copy.iso.part.resume", "copy.iso.part.lock"])
      expect(await rig.exists("b", name)).toBe(false)
    expect(leecher.snapshot().documents).toEqual([])
  })

  it("deletes those of a download that is being checked, without waiting for the check [B2, B6]", async () => {
    const { leecher, id } = await rig.halfDone(PARTS)
    const release = disk.holdHashing()
    const recheck = codeOf(leecher.recheck(id))
    await rig.until(leecher, () => first(leecher)?.state === "checking" && disk.hashedSlices > 0)
    const removed = leecher.remove(id, { discardUnfinished: true })
    release()
    expect(await removed).toEqual({ discarded: true })
    expect(await recheck).toBe("interrupted")
    expect(await rig.exists("b", "copy.iso.part")).toBe(false)
  })

  it("says that a finished file stays [A13]", async () => {
    const { client, id } = await rig.seeder("a", PARTS)
    expect(await client.remove(id, { discardUnfinished: true })).toEqual({ discarded: false })
    expect(await rig.exists("a", "disc.iso")).toBe(true)
  })

  it("reports that they can't be deleted, and removes the document nevertheless [B2]", async () => {
    const { leecher, id } = await rig.halfDone(PARTS)
    await leecher.pause(id)
    disk.undeletable = ".part"
    expect(await codeOf(leecher.remove(id, { discardUnfinished: true }))).toBe("disk_failed")
    expect(leecher.snapshot().documents).toEqual([])
    disk.undeletable = undefined
    await leecher.close()
    expect((await rig.open("b")).snapshot().documents).toEqual([])
  })

  it("is no bug of a client that leaves a disk which has gone: it says so [S5]", async () => {
    const { leecher } = await rig.halfDone(PARTS)
    locks.stay = true
    expect(await codeOf(leecher.close())).toBe("disk_failed")
    locks.stay = false
    expect((await rig.open("b")).snapshot().documents).toHaveLength(1)
    rig.forget(leecher)
  })

  it("leaves bytes alone that are another document's [B2]", async () => {
    const { client, torrentPath } = await rig.seeder("a", PARTS)
    await rig.sample("a", "other", PARTS * SAMPLE_PART_BYTES)
    const other = await client.upload({ file: "other", torrent: "other.json", open: true })
    const leecher = await rig.open("b")
    client.setLimits({ upBytesPerSecond: SAMPLE_PART_BYTES / 2 })
    const { id } = await leecher.download({ torrent: torrentPath, file: "copy.iso" })
    await leecher.close()
    for (const name of ["copy.iso.part", "copy.iso.part.resume"]) await rm(rig.path("b", name), { force: true })
    const foreign = await rig.open("c")
    await foreign.download({ torrent: other.torrentPath, file: rig.path("b", "copy.iso") })
    // One without any part is not kept.
    client.setLimits({ upBytesPerSecond: 2 * SAMPLE_PART_BYTES })
    await rig.until(foreign, () => (first(foreign)?.haveCount ?? 0) > 0)
    await foreign.close()
    const again = await rig.open("b")
    await rig.until(again, () => first(again)?.state === "failed")
    expect(await codeOf(again.remove(id, { discardUnfinished: true }))).toBe("target_exists")
    expect(await rig.exists("b", "copy.iso.part")).toBe(true)
  })
})
