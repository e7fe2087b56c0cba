import { afterEach, beforeEach, expect, it } from "vitest"
import type { Clock } from "../base/clock.js"
import { StoreRig } from "../testing/store-rig.js"
import { createDisk, type Disk } from "./disk.js"
import { systemCalls } from "./disk-calls.js"

let rig: StoreRig
let disk: Disk | undefined

beforeEach(() => {
  rig = new StoreRig()
})
afterEach(async () => {
  await rig.close()
  await disk?.close()
})

it("a checkpoint waits ten times as long as the last sync took, so that slow disks do not sync all the time", async () => {
  const waits: number[] = []
  let syncs = 0
  const clock: Clock = {
    now: () => rig.clock.now(),
    soon: (act) => rig.clock.soon(act),
    after: (waitMs, act) => {
      waits.push(waitMs)
      return rig.clock.after(waitMs, act)
    },
  }
  const syncData = async (fd: number) => {
    syncs++
    rig.clock.advance(3_000)
    await systemCalls.syncData(fd)
  }
  disk = createDisk({ clock, calls: { ...systemCalls, syncData } })
  const store = await rig.download(rig.torrent, "file.bin", disk)
  await store.put(0, rig.part(0))
  const before = waits.length
  rig.clock.advance(2_000)
  await expect.poll(() => syncs).toBeGreaterThan(0)
  await store.put(1, rig.part(1))
  await expect.poll(() => waits.slice(before)).toContain(30_000)
  expect(waits.slice(before)).not.toContain(2_000)
})
