import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { Hasher } from "../hashing/hasher.js"
import { countingHasher, RIG_PART_COUNT, StoreRig, torrentOf } from "../testing/store-rig.js"

let rig: StoreRig

beforeEach(() => {
  rig = new StoreRig()
})

afterEach(() => rig.close())

describe("a download", () => {
  it("grows beside its target and gets its name when it is complete", async () => {
    const store = await rig.download()
    expect(store.have.count).toBe(0)
    await rig.putAll(store)
    expect(existsSync(rig.filePath)).toBe(false)
    expect(store.isGrowing).toBe(true)
    await store.complete()
    expect(Buffer.compare(readFileSync(rig.filePath), rig.content)).toBe(0)
    expect(readdirSync(rig.folder)).toEqual(["file.bin"])
    expect(store.isGrowing).toBe(false)
    expect(store.identity?.sizeBytes).toBe(rig.content.length)
    expect(Buffer.compare(await rig.bytesOf(store, 9), rig.part(9))).toBe(0)
  })

  it("serves the parts that it has, also next to parts that came later", async () => {
    const store = await rig.download()
    await store.put(3, rig.part(3))
    expect(Buffer.compare(await rig.bytesOf(store, 3, 10, 500), rig.part(3).subarray(10, 510))).toBe(0)
    await store.put(4, rig.part(4))
    expect(Buffer.compare(await rig.bytesOf(store, 4), rig.part(4))).toBe(0)
  })

  it("keeps nothing of a part whose digest differs", async () => {
    const store = await rig.download()
    expect(await store.put(0, rig.part(1))).toBe("mismatch")
    expect(store.have.count).toBe(0)
    await store.close()
    expect((await rig.download()).have.count).toBe(0)
    expect(readFileSync(rig.partPath).every((byte) => byte === 0)).toBe(true)
  })

  it("knows what is missing, the short last part included", async () => {
    const store = await rig.download()
    expect(store.missingBytes).toBe(9500)
    await store.put(9, rig.part(9))
    expect(store.missingBytes).toBe(9000)
  })

  it("refuses to read what is not there", async () => {
    const store = await rig.download()
    await store.put(0, rig.part(0))
    await expect(store.read(1, 0, 10)).rejects.toMatchObject({ code: "part_missing" })
    for (const [partIndex, offset, length] of [
      [0, 999, 2],
      [0, -1, 5],
      [0, 0, 0],
      [10, 0, 1],
    ] as const)
      await expect(store.read(partIndex, offset, length)).rejects.toThrow(RangeError)
  })

  it("stays readable while the file gets its final name", async () => {
    const store = await rig.download()
    for (let index = 0; index < RIG_PART_COUNT; index++) await store.put(index, rig.part(index))
    const completing = store.complete()
    const reads = await Promise.all(Array.from({ length: RIG_PART_COUNT }, (_, index) => store.read(index, 0, 100)))
    for (const [index, { bytes }] of reads.entries())
      expect(Buffer.compare(bytes, rig.part(index).subarray(0, 100))).toBe(0)
    for (const { release } of reads) release()
    await completing
    expect(store.have.isFull).toBe(true)
  })

  it("refuses a part of another length", async () => {
    const store = await rig.download()
    await expect(store.put(0, rig.part(9))).rejects.toThrow(RangeError)
  })

  it("of an empty document is complete at once", async () => {
    const store = await rig.download(torrentOf(new Uint8Array(0)))
    expect(store.have.isFull).toBe(true)
    await store.complete()
    expect(statSync(rig.filePath).size).toBe(0)
  })

  it("finds a finished file and is complete at once", async () => {
    writeFileSync(rig.filePath, rig.content)
    const store = await rig.download()
    expect(store.isGrowing).toBe(false)
    expect(store.have.isFull).toBe(true)
    expect(readdirSync(rig.folder)).toEqual(["file.bin"])
  })

  it("bears both names while it is made durable, and then its own", async () => {
    const store = await rig.download()
    await rig.putAll(store)
    const seen: string[][] = []
    await store.complete(() => seen.push(readdirSync(rig.folder)))
    expect(seen).toEqual([["file.bin", "file.bin.part", "file.bin.part.lock", "file.bin.part.resume"]])
    expect(readdirSync(rig.folder)).toEqual(["file.bin"])
  })

  it("may be closed while it is completed, and is complete then", async () => {
    const store = await rig.download()
    await rig.putAll(store)
    const completing = store.complete()
    await store.close()
    expect(readdirSync(rig.folder)).toEqual(["file.bin"])
    await completing
  })

  it("may be moved away as soon as it bears its name", async () => {
    const store = await rig.download()
    await rig.putAll(store)
    await store.complete(() => renameSync(rig.filePath, join(rig.folder, "moved")))
    expect(readdirSync(rig.folder)).toEqual(["moved"])
    await expect(store.read(0, 0, 10)).rejects.toMatchObject({ code: "file_changed" })
  })

  it("can be discarded", async () => {
    const store = await rig.download()
    await store.put(0, rig.part(0))
    await store.discard()
    expect(readdirSync(rig.folder)).toEqual([])
  })

  it("may be closed twice, and takes nothing afterwards", async () => {
    const store = await rig.download()
    await Promise.all([store.close(), store.close()])
    await expect(store.put(0, rig.part(0))).rejects.toThrow(/closed/)
  })

  it("finds damaged parts when it is checked again", async () => {
    const store = await rig.download()
    await rig.putAll(store)
    const bytes = readFileSync(rig.partPath)
    bytes[4321] = ~(bytes[4321] ?? 0)
    writeFileSync(rig.partPath, bytes)
    await store.check()
    expect(store.have.has(4)).toBe(false)
    expect(store.have.count).toBe(9)
    await rig.kill(store)
    expect((await rig.download()).have.has(4)).toBe(false)
  })

  it("names a full disk and what is needed, and has lost nothing [hostile 10]", async () => {
    const hasher: Hasher = {
      ...countingHasher(),
      verifyAndWrite: () => Promise.reject(Object.assign(new Error("no space"), { code: "ENOSPC" })),
    }
    const store = await rig.downloadWith(hasher)
    await expect(store.put(0, rig.part(0))).rejects.toMatchObject({ name: "StoreError", code: "disk_full" })
    await expect(store.put(0, rig.part(0))).rejects.toThrow(/9\.28 KiB more are needed/)
    expect(store.have.count).toBe(0)
  })

  it("refuses at the start when the disk has too little space [hostile 18]", async () => {
    const huge = {
      ...torrentOf(new Uint8Array(0)),
      sizeBytes: 2 ** 52,
      partSizeBytes: 2 ** 52,
      partDigests: new Uint8Array(20),
    }
    await expect(rig.download(huge)).rejects.toMatchObject({ name: "StoreError", code: "disk_full" })
    expect(readdirSync(rig.folder)).toEqual([])
  })
})
