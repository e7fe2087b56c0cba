import { randomBytes } from "node:crypto"
import {
  appendFileSync,
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { countingHasher, StoreRig } from "../testing/store-rig.js"
import { openDownload } from "./open-download.js"

let rig: StoreRig

beforeEach(() => {
  rig = new StoreRig()
})

afterEach(() => rig.close())

describe("a resumed download", () => {
  it("continues after an orderly stop without hashing anything", async () => {
    const first = await rig.download()
    for (const index of [0, 5, 9]) await first.put(index, rig.part(index))
    await first.close()
    const hasher = countingHasher()
    const second = await rig.downloadWith(hasher)
    expect(second.reusedCount).toBe(3)
    expect(second.recordProblem).toBeUndefined()
    expect(hasher.hashedParts).toBe(0)
    await rig.putAll(second)
    await second.complete()
    expect(Buffer.compare(readFileSync(rig.filePath), rig.content)).toBe(0)
  })

  it("that was killed hashes all that its record claims and nothing else, and keeps the good ones [hostile 13]", async () => {
    const first = await rig.download()
    await first.put(1, rig.part(1))
    await first.close()
    const second = await rig.download()
    for (const index of [2, 3]) await second.put(index, rig.part(index))
    await rig.kill(second)
    const hasher = countingHasher()
    const third = await rig.downloadWith(hasher)
    expect({ have: third.have.count, doubtful: third.doubtful, reused: third.reusedCount }).toEqual({
      ...{ have: 0, doubtful: [1, 2, 3], reused: 0 },
    })
    await third.checkDoubtful()
    expect(third.reusedCount).toBe(3)
    expect([1, 2, 3].every((index) => third.have.has(index))).toBe(true)
    expect(third.have.count).toBe(3)
    expect(hasher.hashedParts).toBe(3)
  })

  it("that was killed does not believe a marked part whose bytes did not reach the disk [hostile 14]", async () => {
    const store = await rig.download()
    for (const index of [2, 3]) await store.put(index, rig.part(index))
    await rig.kill(store)
    const bytes = readFileSync(rig.partPath)
    bytes.fill(0, 2000, 2100)
    writeFileSync(rig.partPath, bytes)
    const again = await rig.download()
    const found = new Map<number, boolean>()
    await again.checkDoubtful((index, good) => found.set(index, good))
    expect(found).toEqual(new Map([[2, false], [3, true]])) // biome-ignore format: a table
    expect(again.have.has(2)).toBe(false)
    expect(again.have.has(3)).toBe(true)
  })

  it("that was killed takes other parts while it looks through what is there, and loses none of either", async () => {
    const store = await rig.download()
    for (const index of [2, 3]) await store.put(index, rig.part(index))
    await rig.kill(store)
    const again = await rig.download()
    const looking = again.checkDoubtful()
    for (const index of [0, 5]) await again.put(index, rig.part(index))
    await looking
    await again.close()
    const last = await rig.download()
    expect(last.doubtful).toEqual([])
    expect([0, 2, 3, 5].filter((index) => last.have.has(index))).toEqual([0, 2, 3, 5])
  })

  it("that was killed records what it has found, and need not look again", async () => {
    const store = await rig.download()
    for (const index of [2, 3]) await store.put(index, rig.part(index))
    await rig.kill(store)
    const again = await rig.download()
    await again.checkDoubtful()
    await again.close()
    const last = await rig.download()
    expect({ reused: last.reusedCount, doubtful: last.doubtful }).toEqual({ reused: 2, doubtful: [] })
  })

  it("that was killed may be closed while it looks through what is there, and looks again at the next start", async () => {
    const store = await rig.download()
    for (const index of [2, 3]) await store.put(index, rig.part(index))
    await rig.kill(store)
    const again = await rig.download()
    const looking = again.checkDoubtful()
    await again.close()
    await looking
    const last = await rig.download()
    await last.checkDoubtful()
    expect([2, 3].every((index) => last.have.has(index))).toBe(true)
  })

  it("that was killed need not look through what was checked on demand", async () => {
    const store = await rig.download()
    await store.put(2, rig.part(2))
    await rig.kill(store)
    const again = await rig.download()
    await again.check()
    expect(again.doubtful).toEqual([])
    expect(again.have.has(2)).toBe(true)
  })

  it.each([
    ["is gone", (path: string) => rmSync(path), /no resume record/],
    ["is empty", (path: string) => truncateSync(path, 0), /is none; it is kept as .*file\.bin\.part\.resume\.damaged/],
    ["is cut short", (path: string) => truncateSync(path, 5000), /instead of/],
    ["is too long", (path: string) => appendFileSync(path, "x"), /instead of/],
    [
      "is random",
      (path: string) => writeFileSync(path, randomBytes(12_298)),
      /is none; it is kept as .*resume\.damaged/,
    ],
  ])("hashes all that is on disk when the record %s [hostile 15]", async (_, damage, reason) => {
    const first = await rig.download()
    for (const index of [0, 5, 9]) await first.put(index, rig.part(index))
    await first.close()
    damage(`${rig.partPath}.resume`)
    const second = await rig.download()
    expect(second.recordProblem).toMatch(reason)
    expect(second.have.count).toBe(3)
  })

  it("does not believe the record when the unfinished file was replaced [hostile 15]", async () => {
    const first = await rig.download()
    await rig.putAll(first)
    await first.close()
    const bytes = readFileSync(rig.partPath)
    renameSync(rig.partPath, join(rig.folder, "aside"))
    writeFileSync(rig.partPath, bytes.fill(0, 0, 1000))
    const second = await rig.download()
    expect({ have: second.have.count, doubtful: second.doubtful.length }).toEqual({ have: 0, doubtful: 10 })
    await second.checkDoubtful()
    expect(second.have.count).toBe(9)
  })

  it("uses what is good in an unfinished file of another size", async () => {
    writeFileSync(rig.partPath, Buffer.concat([rig.content.subarray(0, 2500), randomBytes(2_000)]))
    const store = await rig.download()
    expect(store.have.count).toBe(2)
    await rig.putAll(store)
    await store.complete()
    expect(Buffer.compare(readFileSync(rig.filePath), rig.content)).toBe(0)
  })

  it("reports the progress of the check and can be aborted", async () => {
    writeFileSync(rig.partPath, rig.content)
    const seen: unknown[] = []
    const { disk, torrent, filePath } = rig
    const store = await openDownload({ disk, torrent, filePath, onProgress: (progress) => seen.push(progress) })
    await store.close()
    expect(seen.at(-1)).toEqual({ checkedCount: 10, totalCount: 10, goodCount: 10 })
    rmSync(`${rig.partPath}.resume`)
    const signal = AbortSignal.abort(new Error("enough"))
    await expect(openDownload({ disk, torrent, filePath, signal })).rejects.toThrow("enough")
    expect(existsSync(rig.partPath)).toBe(true)
    expect(existsSync(`${rig.partPath}.lock`)).toBe(false)
  })

  it("is an unfinished one again after a crash between naming the file and making it durable", async () => {
    const first = await rig.download()
    await rig.putAll(first)
    await rig.kill(first)
    const bytes = readFileSync(rig.partPath)
    bytes.fill(0, 2000, 2100)
    writeFileSync(rig.partPath, bytes)
    linkSync(rig.partPath, rig.filePath)
    const second = await rig.download()
    expect(existsSync(rig.filePath)).toBe(false)
    await second.checkDoubtful()
    expect([second.have.count, second.have.has(2)]).toEqual([9, false])
    await second.put(2, rig.part(2))
    await second.complete()
    expect(readdirSync(rig.folder)).toEqual(["file.bin"])
    expect(Buffer.compare(readFileSync(rig.filePath), rig.content)).toBe(0)
  })
})
