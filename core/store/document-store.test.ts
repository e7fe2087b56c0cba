import { execFileSync } from "node:child_process"
import { createHash, randomBytes } from "node:crypto"
import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { createHasher, type Hasher } from "../hashing/hasher.js"
import { FakeClock } from "../testing/fake-clock.js"
import { wrappedHasher } from "../testing/wrapped-hasher.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { createDisk, type Disk } from "./disk.js"
import type { DocumentStore } from "./document-store.js"
import { openDownload } from "./open-download.js"

const PART_SIZE = 1000
const content = randomBytes(9_500)
const PART_COUNT = 10

let folder: string
let filePath: string
let partPath: string
let disk: Disk
let clock: FakeClock
const stores: DocumentStore[] = []
const disks: Disk[] = []

function torrentOf(bytes: Uint8Array, partSizeBytes = PART_SIZE): Torrent {
  const digests: Buffer[] = []
  for (let start = 0; start < bytes.length; start += partSizeBytes)
    digests.push(
      createHash("sha1")
        .update(bytes.subarray(start, start + partSizeBytes))
        .digest(),
    )
  const hash = "0b5f9c34-5b3e-4c7a-9d4e-2f1d6a7b8c90"
  return {
    hash,
    sizeBytes: bytes.length,
    partSizeBytes,
    partDigests: Buffer.concat(digests),
    name: "n",
    secret: undefined,
  }
}

const torrent = torrentOf(content)
const part = (index: number) => content.subarray(index * PART_SIZE, (index + 1) * PART_SIZE)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "store-"))
  filePath = join(folder, "file.bin")
  partPath = `${filePath}.part`
  clock = new FakeClock()
  disk = createDisk({ clock })
  disks.push(disk)
})

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
  for (const { files } of disks) expect(files.openCount).toBe(0)
  for (const each of disks.splice(0)) await each.close()
  rmSync(folder, { recursive: true })
})

async function download(of = torrent, on = disk): Promise<DocumentStore> {
  const store = await openDownload({ disk: on, torrent: of, filePath })
  stores.push(store)
  return store
}

async function putAll(store: DocumentStore): Promise<void> {
  await Promise.all(Array.from({ length: PART_COUNT }, (_, index) => store.put(index, part(index))))
}

async function bytesOf(store: DocumentStore, partIndex: number, offset = 0, length = part(partIndex).length) {
  const borrowed = await store.read(partIndex, offset, length)
  const copy = Buffer.from(borrowed.bytes)
  borrowed.release()
  return copy
}

/** What a killed process leaves behind: a record without the last checkpoint, and nobody who holds the lock. */
async function kill(store: DocumentStore): Promise<void> {
  const record = readFileSync(`${partPath}.resume`)
  await store.close()
  writeFileSync(`${partPath}.resume`, record)
}

/** A disk with another hasher. */
function diskWith(hasher: Hasher): Disk {
  const other = createDisk({ hasher })
  disks.push(other)
  return other
}

/** A hasher that does as the real one and counts what it hashes. */
function countingHasher(): Hasher & { hashedParts: number } {
  const real = createHasher({ threads: 1 })
  const counts = { hashedParts: 0 }
  const hashParts: Hasher["hashParts"] = (range) => {
    counts.hashedParts += range.toPart - range.fromPart
    return real.hashParts(range)
  }
  return Object.assign(counts, wrappedHasher(real, { hashParts }))
}

describe("a download", () => {
  it("grows beside its target and gets its name when it is complete", async () => {
    const store = await download()
    expect(store.have.count).toBe(0)
    await putAll(store)
    expect(existsSync(filePath)).toBe(false)
    expect(store.isGrowing).toBe(true)
    await store.complete()
    expect(Buffer.compare(readFileSync(filePath), content)).toBe(0)
    expect(readdirSync(folder)).toEqual(["file.bin"])
    expect(store.isGrowing).toBe(false)
    expect(store.identity?.sizeBytes).toBe(content.length)
    expect(Buffer.compare(await bytesOf(store, 9), part(9))).toBe(0)
  })

  it("serves the parts that it has, also next to parts that came later", async () => {
    const store = await download()
    await store.put(3, part(3))
    expect(Buffer.compare(await bytesOf(store, 3, 10, 500), part(3).subarray(10, 510))).toBe(0)
    await store.put(4, part(4))
    expect(Buffer.compare(await bytesOf(store, 4), part(4))).toBe(0)
  })

  it("keeps nothing of a part whose digest differs", async () => {
    const store = await download()
    expect(await store.put(0, part(1))).toBe("mismatch")
    expect(store.have.count).toBe(0)
    await store.close()
    expect((await download()).have.count).toBe(0)
    expect(readFileSync(partPath).every((byte) => byte === 0)).toBe(true)
  })

  it("knows what is missing, the short last part included", async () => {
    const store = await download()
    expect(store.missingBytes).toBe(9500)
    await store.put(9, part(9))
    expect(store.missingBytes).toBe(9000)
  })

  it("refuses to read what is not there", async () => {
    const store = await download()
    await store.put(0, part(0))
    await expect(store.read(1, 0, 10)).rejects.toMatchObject({ code: "part_missing" })
    for (const [partIndex, offset, length] of [
      [0, 999, 2],
      [0, -1, 5],
      [0, 0, 0],
      [10, 0, 1],
    ] as const)
      await expect(store.read(partIndex, offset, length)).rejects.toThrow(RangeError)
  })

  it("goes on being read while the file gets its own name", async () => {
    const store = await download()
    for (let index = 0; index < PART_COUNT; index++) await store.put(index, part(index))
    const completing = store.complete()
    const reads = await Promise.all(Array.from({ length: PART_COUNT }, (_, index) => store.read(index, 0, 100)))
    for (const [index, { bytes }] of reads.entries())
      expect(Buffer.compare(bytes, part(index).subarray(0, 100))).toBe(0)
    for (const { release } of reads) release()
    await completing
    expect(store.have.isFull).toBe(true)
  })

  it("refuses a part of another length", async () => {
    const store = await download()
    await expect(store.put(0, part(9))).rejects.toThrow(RangeError)
  })

  it("of an empty document is complete at once", async () => {
    const store = await download(torrentOf(new Uint8Array(0)))
    expect(store.have.isFull).toBe(true)
    await store.complete()
    expect(statSync(filePath).size).toBe(0)
  })

  it("goes on after an orderly stop without hashing anything", async () => {
    const first = await download()
    for (const index of [0, 5, 9]) await first.put(index, part(index))
    await first.close()
    const hasher = countingHasher()
    const second = await download(torrent, diskWith(hasher))
    expect(second.reusedCount).toBe(3)
    expect(second.recordProblem).toBeUndefined()
    expect(hasher.hashedParts).toBe(0)
    await putAll(second)
    await second.complete()
    expect(Buffer.compare(readFileSync(filePath), content)).toBe(0)
  })

  it("that was killed hashes all that its record claims and nothing else, and keeps the good ones [hostile 13]", async () => {
    const first = await download()
    await first.put(1, part(1))
    await first.close()
    const second = await download()
    for (const index of [2, 3]) await second.put(index, part(index))
    await kill(second)
    const hasher = countingHasher()
    const third = await download(torrent, diskWith(hasher))
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
    const store = await download()
    for (const index of [2, 3]) await store.put(index, part(index))
    await kill(store)
    const bytes = readFileSync(partPath)
    bytes.fill(0, 2000, 2100)
    writeFileSync(partPath, bytes)
    const again = await download()
    const found = new Map<number, boolean>()
    await again.checkDoubtful((index, good) => found.set(index, good))
    expect(found).toEqual(new Map([[2, false], [3, true]])) // biome-ignore format: a table
    expect(again.have.has(2)).toBe(false)
    expect(again.have.has(3)).toBe(true)
  })

  it("that was killed takes other parts while it looks through what is there, and loses none of either", async () => {
    const store = await download()
    for (const index of [2, 3]) await store.put(index, part(index))
    await kill(store)
    const again = await download()
    const looking = again.checkDoubtful()
    for (const index of [0, 5]) await again.put(index, part(index))
    await looking
    await again.close()
    const last = await download()
    expect(last.doubtful).toEqual([])
    expect([0, 2, 3, 5].filter((index) => last.have.has(index))).toEqual([0, 2, 3, 5])
  })

  it("that was killed records what it has found, and need not look again", async () => {
    const store = await download()
    for (const index of [2, 3]) await store.put(index, part(index))
    await kill(store)
    const again = await download()
    await again.checkDoubtful()
    await again.close()
    const last = await download()
    expect({ reused: last.reusedCount, doubtful: last.doubtful }).toEqual({ reused: 2, doubtful: [] })
  })

  it("that was killed may be closed while it looks through what is there, and looks again at the next start", async () => {
    const store = await download()
    for (const index of [2, 3]) await store.put(index, part(index))
    await kill(store)
    const again = await download()
    const looking = again.checkDoubtful()
    await again.close()
    await looking
    const last = await download()
    await last.checkDoubtful()
    expect([2, 3].every((index) => last.have.has(index))).toBe(true)
  })

  it("that was killed need not look through what was checked on demand", async () => {
    const store = await download()
    await store.put(2, part(2))
    await kill(store)
    const again = await download()
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
    const first = await download()
    for (const index of [0, 5, 9]) await first.put(index, part(index))
    await first.close()
    damage(`${partPath}.resume`)
    const second = await download()
    expect(second.recordProblem).toMatch(reason)
    expect(second.have.count).toBe(3)
  })

  it("does not believe the record when the unfinished file was replaced [hostile 15]", async () => {
    const first = await download()
    await putAll(first)
    await first.close()
    const bytes = readFileSync(partPath)
    renameSync(partPath, join(folder, "aside"))
    writeFileSync(partPath, bytes.fill(0, 0, 1000))
    const second = await download()
    expect({ have: second.have.count, doubtful: second.doubtful.length }).toEqual({ have: 0, doubtful: 10 })
    await second.checkDoubtful()
    expect(second.have.count).toBe(9)
  })

  it("uses what is good in an unfinished file of another size", async () => {
    writeFileSync(partPath, Buffer.concat([content.subarray(0, 2500), randomBytes(2_000)]))
    const store = await download()
    expect(store.have.count).toBe(2)
    await putAll(store)
    await store.complete()
    expect(Buffer.compare(readFileSync(filePath), content)).toBe(0)
  })

  it("tells how far the check is and can be aborted", async () => {
    writeFileSync(partPath, content)
    const seen: unknown[] = []
    const store = await openDownload({ disk, torrent, filePath, onProgress: (progress) => seen.push(progress) })
    await store.close()
    expect(seen.at(-1)).toEqual({ checkedCount: 10, totalCount: 10, goodCount: 10 })
    rmSync(`${partPath}.resume`)
    const signal = AbortSignal.abort(new Error("enough"))
    await expect(openDownload({ disk, torrent, filePath, signal })).rejects.toThrow("enough")
    expect(existsSync(partPath)).toBe(true)
    expect(existsSync(`${partPath}.lock`)).toBe(false)
  })

  it("finds a finished file and is complete at once", async () => {
    writeFileSync(filePath, content)
    const store = await download()
    expect(store.isGrowing).toBe(false)
    expect(store.have.isFull).toBe(true)
    expect(readdirSync(folder)).toEqual(["file.bin"])
  })

  it("bears both names while it is made durable, and then its own", async () => {
    const store = await download()
    await putAll(store)
    const seen: string[][] = []
    await store.complete(() => seen.push(readdirSync(folder)))
    expect(seen).toEqual([["file.bin", "file.bin.part", "file.bin.part.lock", "file.bin.part.resume"]])
    expect(readdirSync(folder)).toEqual(["file.bin"])
  })

  it("is an unfinished one again after a crash between naming the file and making it durable", async () => {
    const first = await download()
    await putAll(first)
    await kill(first)
    const bytes = readFileSync(partPath)
    bytes.fill(0, 2000, 2100)
    writeFileSync(partPath, bytes)
    linkSync(partPath, filePath)
    const second = await download()
    expect(existsSync(filePath)).toBe(false)
    await second.checkDoubtful()
    expect([second.have.count, second.have.has(2)]).toEqual([9, false])
    await second.put(2, part(2))
    await second.complete()
    expect(readdirSync(folder)).toEqual(["file.bin"])
    expect(Buffer.compare(readFileSync(filePath), content)).toBe(0)
  })

  it("may be closed while it is completed, and is complete then", async () => {
    const store = await download()
    await putAll(store)
    const completing = store.complete()
    await store.close()
    expect(readdirSync(folder)).toEqual(["file.bin"])
    await completing
  })

  it("may be moved away as soon as it bears its name", async () => {
    const store = await download()
    await putAll(store)
    await store.complete(() => renameSync(filePath, join(folder, "moved")))
    expect(readdirSync(folder)).toEqual(["moved"])
    await expect(store.read(0, 0, 10)).rejects.toMatchObject({ code: "file_changed" })
  })

  it("can be discarded", async () => {
    const store = await download()
    await store.put(0, part(0))
    await store.discard()
    expect(readdirSync(folder)).toEqual([])
  })

  it("may be closed twice, and takes nothing afterwards", async () => {
    const store = await download()
    await Promise.all([store.close(), store.close()])
    await expect(store.put(0, part(0))).rejects.toThrow(/closed/)
  })

  it("finds damaged parts when it is checked again", async () => {
    const store = await download()
    await putAll(store)
    const bytes = readFileSync(partPath)
    bytes[4321] = ~(bytes[4321] ?? 0)
    writeFileSync(partPath, bytes)
    await store.check()
    expect(store.have.has(4)).toBe(false)
    expect(store.have.count).toBe(9)
    await kill(store)
    expect((await download()).have.has(4)).toBe(false)
  })

  it("names a full disk and what is needed, and has lost nothing [hostile 10]", async () => {
    const hasher: Hasher = {
      ...countingHasher(),
      verifyAndWrite: () => Promise.reject(Object.assign(new Error("no space"), { code: "ENOSPC" })),
    }
    const store = await download(torrent, diskWith(hasher))
    await expect(store.put(0, part(0))).rejects.toMatchObject({ name: "StoreError", code: "disk_full" })
    await expect(store.put(0, part(0))).rejects.toThrow(/9500 bytes/)
    expect(store.have.count).toBe(0)
  })

  it("refuses at the start when the disk has too little space [hostile 18]", async () => {
    const huge = {
      ...torrentOf(new Uint8Array(0)),
      sizeBytes: 2 ** 52,
      partSizeBytes: 2 ** 52,
      partDigests: new Uint8Array(20),
    }
    await expect(download(huge)).rejects.toMatchObject({ name: "StoreError", code: "disk_full" })
    expect(readdirSync(folder)).toEqual([])
  })
})

describe("a download refuses", () => {
  const refused = (code: string) => expect(download()).rejects.toMatchObject({ name: "CommandError", code })

  it.each([
    ["a link", (path: string) => symlinkSync("/etc/hostname", path)],
    ["a dangling link", (path: string) => symlinkSync("nowhere", path)],
    ["a folder", (path: string) => mkdirSync(path)],
    ["a fifo", (path: string) => execFileSync("mkfifo", [path])],
  ])("%s where it would write [hostile 7]", async (_, make) => {
    make(filePath)
    await refused("target_exists")
    rmSync(filePath, { recursive: true })
    make(partPath)
    await refused("target_exists")
    expect(existsSync(`${partPath}.lock`)).toBe(false)
  })

  it("a file of its name with other content, of the same or another size [hostile 7]", async () => {
    for (const bytes of [Buffer.alloc(9500), Buffer.from("short")]) {
      writeFileSync(filePath, bytes)
      await refused("target_exists")
      expect(Buffer.compare(readFileSync(filePath), bytes)).toBe(0)
    }
  })

  it("the unfinished download of another document [hostile 7]", async () => {
    const bytes = randomBytes(5000)
    const other = await download(torrentOf(bytes))
    await other.put(0, bytes.subarray(0, PART_SIZE))
    await other.close()
    const before = readFileSync(partPath)
    await refused("target_exists")
    expect(Buffer.compare(readFileSync(partPath), before)).toBe(0)
  })

  it("a target that another download has [hostile 7, 16]", async () => {
    await download()
    await refused("in_use")
  })

  it("a folder that is not there [hostile 18]", async () => {
    filePath = join(folder, "no", "file.bin")
    await refused("no_such_folder")
  })

  it("to take the place of a file that appeared meanwhile [hostile 7]", async () => {
    const store = await download()
    await putAll(store)
    writeFileSync(filePath, "mine")
    await expect(store.complete()).rejects.toMatchObject({ code: "target_exists" })
    expect(readFileSync(filePath, "utf8")).toBe("mine")
    rmSync(filePath)
    await store.complete()
    expect(Buffer.compare(readFileSync(filePath), content)).toBe(0)
  })
})
