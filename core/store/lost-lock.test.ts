import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { StoreRig } from "../testing/store-rig.js"
import { untilSo } from "../testing/until-so.js"
import { createDisk } from "./disk.js"
import { systemCalls } from "./disk-calls.js"
import type { DocumentStore } from "./document-store.js"

vi.mock("./file-system-kind.js", async (original) => ({
  ...(await original<typeof import("./file-system-kind.js")>()),
  isSharedByHosts: async () => true,
}))

const machine = vi.hoisted(() => ({ sleptSeconds: 0 }))
vi.mock("node:os", async (original) => {
  const real = await original<typeof import("node:os")>()
  return { ...real, uptime: () => real.uptime() + machine.sleptSeconds }
})

/** As often as an owner renews its lease. */
const RENEW_MS = 20_000

let rig: StoreRig
let store: DocumentStore

beforeEach(async () => {
  machine.sleptSeconds = 0
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })
  rig = new StoreRig()
  store = await rig.download()
  await store.put(0, rig.part(0))
})

afterEach(async () => {
  vi.useRealTimers()
  rmSync(lockPath(), { force: true })
  await rig.close()
})

const lockPath = () => rig.path("file.bin.part.lock")
const lost = { name: "StoreError", code: "lock_lost" }

/** Another machine has taken the lease that ran out while this one slept. */
function lockIsTaken(): string {
  const text = JSON.stringify({ ...JSON.parse(readFileSync(lockPath(), "utf8")), pid: 77, host: "elsewhere" })
  writeFileSync(lockPath(), text)
  return text
}

/** It is taken, and the renewal finds out. */
async function losesLock(): Promise<string> {
  const text = lockIsTaken()
  vi.advanceTimersByTime(RENEW_MS)
  await untilSo(() => store.lockLost?.aborted)
  return text
}

describe("a download whose lock another process has taken", () => {
  it("says which process, and writes no part any more [E16]", async () => {
    await losesLock()
    const before = readFileSync(rig.partPath)
    await expect(store.put(1, rig.part(1))).rejects.toMatchObject({
      ...lost,
      message: expect.stringContaining("process 77 on elsewhere has it now"),
    })
    expect(readFileSync(rig.partPath).equals(before)).toBe(true)
  })

  it.each([
    ["a part", () => store.put(1, rig.part(1))],
    ["a checkpoint", () => store.close()],
  ])("finds out before it writes %s when its machine has slept, for no timer ran meanwhile [E16]", async (_, write) => {
    const text = lockIsTaken()
    machine.sleptSeconds = 100
    const before = [rig.partPath, rig.recordPath].map((path) => readFileSync(path))
    await expect(write()).rejects.toMatchObject(lost)
    expect([rig.partPath, rig.recordPath].map((path) => readFileSync(path))).toEqual(before)
    expect(readFileSync(lockPath(), "utf8")).toBe(text)
  })

  it("records no checkpoint when a sync has taken longer than the lock lasts [E16]", async () => {
    const slow = new StoreRig()
    let isTaken = false
    const disk = createDisk({
      calls: {
        ...systemCalls,
        syncData: async (fd) => {
          if (!isTaken) writeFileSync(slow.path("file.bin.part.lock"), "another")
          isTaken = true
          machine.sleptSeconds = 100
          await systemCalls.syncData(fd)
        },
      },
    })
    const store = await slow.download(slow.torrent, "file.bin", disk)
    await store.put(0, slow.part(0))
    const before = readFileSync(slow.recordPath)
    await expect(store.close()).rejects.toMatchObject(lost)
    expect(readFileSync(slow.recordPath).equals(before)).toBe(true)
    machine.sleptSeconds = 0
    rmSync(slow.path("file.bin.part.lock"))
    await slow.close()
    await disk.close()
  })

  it("continues after a sleep in which no process took it [E16]", async () => {
    machine.sleptSeconds = 100
    expect(await store.put(1, rig.part(1))).toBe("stored")
    expect(store.lockLost?.aborted).toBe(false)
  })

  it("writes no checkpoint as it is closed, and leaves the lock to its owner [E16]", async () => {
    const text = await losesLock()
    const before = readFileSync(rig.recordPath)
    await store.close()
    expect(readFileSync(rig.recordPath).equals(before)).toBe(true)
    expect(readFileSync(lockPath(), "utf8")).toBe(text)
  })

  it("deletes nothing that is discarded [E16]", async () => {
    await losesLock()
    await expect(store.discard()).rejects.toMatchObject(lost)
    expect(statSync(rig.partPath).size).toBe(rig.content.length)
  })

  it("gives no file its name [E16]", async () => {
    for (let index = 1; index < 10; index++) await store.put(index, rig.part(index))
    await losesLock()
    await expect(store.complete()).rejects.toMatchObject(lost)
    expect(rig.names).not.toContain("file.bin")
  })
})
