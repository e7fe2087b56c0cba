import { closeSync, openSync, truncateSync, writeSync } from "node:fs"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { RIG_PART_COUNT, StoreRig } from "../testing/store-rig.js"
import { createDisk, type Disk } from "./disk.js"
import { systemCalls } from "./disk-calls.js"
import type { DocumentStore } from "./document-store.js"
import { recordBinding } from "./record-binding.js"
import { readResumeRecord } from "./resume-record.js"

/** What may go wrong with the disk. */
const faults = { syncs: true, reads: true, ended: 0, beforeSync: async (): Promise<void> => undefined }
const failure = () => Object.assign(new Error("it failed"), { code: "EIO" })

let rig: StoreRig
let disk: Disk

beforeEach(() => {
  Object.assign(faults, { syncs: true, reads: true, ended: 0, beforeSync: async () => undefined })
  rig = new StoreRig()
  const syncData = async (fd: number) => {
    await faults.beforeSync()
    if (!faults.syncs) throw failure()
    await systemCalls.syncData(fd)
    faults.ended++
  }
  const readFully = async (fd: number, target: Uint8Array, offset: number) => {
    if (!faults.reads) throw failure()
    return systemCalls.readFully(fd, target, offset)
  }
  disk = createDisk({ clock: rig.clock, calls: { ...systemCalls, syncData, readFully } })
})

afterEach(async () => {
  await rig.close()
  await disk.close()
})

const opened = () => rig.download(rig.torrent, "file.bin", disk)

/** The bytes of this part can't be read; it is lost to the store. */
async function loseByReading(store: DocumentStore, partIndex: number): Promise<void> {
  faults.reads = false
  await expect(store.read(partIndex, 0, 10)).rejects.toMatchObject({ code: "disk_failed" })
  faults.reads = true
  expect(store.have.has(partIndex)).toBe(false)
}

/** The parts that the next program believes or hashes after this one's last sync has failed. */
async function claimedAfterFailedSync(store: DocumentStore): Promise<readonly number[]> {
  faults.syncs = false
  await expect(store.close()).rejects.toMatchObject({ code: "disk_failed" })
  faults.syncs = true
  const next = await opened()
  return Array.from({ length: RIG_PART_COUNT }, (_, index) => index).filter(
    (index) => next.have.has(index) || next.doubtful.includes(index),
  )
}

describe("a part that is written again, and whose sync fails, is claimed no more: it reads well until the power fails", () => {
  it("when a checkpoint claims it and it was found damaged [A16]", async () => {
    await rig.stored(0, 1)
    const file = openSync(rig.partPath, "r+")
    writeSync(file, "damage", 0)
    closeSync(file)
    const store = await opened()
    await store.checkDoubtful()
    expect([store.have.has(0), store.have.has(1)]).toEqual([false, true])
    await store.put(0, rig.part(0))
    expect(await claimedAfterFailedSync(store)).toEqual([1])
  })

  it("when a checkpoint claims it and it could not be read [A16]", async () => {
    await rig.stored(0, 1)
    const store = await opened()
    await loseByReading(store, 0)
    await store.put(0, rig.part(0))
    expect(await claimedAfterFailedSync(store)).toEqual([1])
  })

  it.each(["file", "record"])(
    "when it could not be read while the %s was synced for a checkpoint [A16]",
    async (synced) => {
      const store = await opened()
      await store.put(0, rig.part(0))
      await store.put(1, rig.part(1))
      let release = (): void => undefined
      const released = new Promise<void>((resolve) => {
        release = resolve
      })
      let syncs = 0
      faults.ended = 0
      faults.beforeSync = async () => {
        if (++syncs === (synced === "file" ? 1 : 2)) await released
      }
      rig.clock.advance(2_000)
      await expect.poll(() => syncs).toBe(synced === "file" ? 1 : 2)
      await loseByReading(store, 0)
      const writing = store.put(0, rig.part(0))
      if (synced === "file") await writing
      release()
      await writing
      await expect.poll(() => faults.ended).toBeGreaterThanOrEqual(2)
      expect(await claimedAfterFailedSync(store)).toEqual([1])
    },
  )
})

it("a part that an older checkpoint claims is written again once the next checkpoint, without it, is durable [A16]", async () => {
  const store = await opened()
  await store.put(0, rig.part(0))
  rig.clock.advance(2_000)
  await expect.poll(() => faults.ended).toBe(2)
  await loseByReading(store, 0)
  await store.put(1, rig.part(1))
  const order: string[] = []
  let release = (): void => undefined
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  let syncs = 0
  faults.beforeSync = async () => {
    if (++syncs !== 2) return
    await released
    order.push("checkpoint")
  }
  rig.clock.advance(60_000)
  await expect.poll(() => syncs).toBe(2)
  const writing = store.put(0, rig.part(0)).then(() => order.push("part"))
  // The parts of one file are written one after the other.
  await store.put(2, rig.part(2))
  release()
  await writing
  expect(order).toEqual(["checkpoint", "part"])
})

it("a file that was cut keeps the claims on the parts before the cut alone, before it gets its size back [A16]", async () => {
  await rig.stored(0, 4, 9)
  truncateSync(rig.partPath, 4_500)
  await opened()
  const record = await readResumeRecord(rig.recordPath, recordBinding(rig.torrent))
  const have = record?.ok ? record.checkpoint.have : undefined
  expect([0, 4, 9].filter((index) => have?.has(index))).toEqual([0])
})
