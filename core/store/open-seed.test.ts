import { randomBytes } from "node:crypto"
import { mkdirSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { FakeClock } from "../testing/fake-clock.js"
import { sha1 } from "../testing/sha1.js"
import { inTemporaryFolder } from "../testing/temporary-folder.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { createDisk, type Disk } from "./disk.js"
import type { DocumentStore } from "./document-store.js"
import { openSeed } from "./open-seed.js"

const PART_SIZE = 1000
const PART_COUNT = 10
const content = randomBytes(9_500)
const part = (index: number) => content.subarray(index * PART_SIZE, (index + 1) * PART_SIZE)
const digests = Array.from({ length: PART_COUNT }, (_, index) => sha1(part(index)))
const torrent: Torrent = {
  hash: "0b5f9c34-5b3e-4c7a-9d4e-2f1d6a7b8c90",
  sizeBytes: content.length,
  partSizeBytes: PART_SIZE,
  partDigests: Buffer.concat(digests),
  name: "n",
  secret: undefined,
}

let folder: string
let filePath: string
let disk: Disk
let clock: FakeClock
let hashedParts: number
const stores: DocumentStore[] = []

inTemporaryFolder((path) => {
  folder = path
})

beforeEach(() => {
  filePath = join(folder, "file.bin")
  clock = new FakeClock()
  disk = createDisk({ clock })
  hashedParts = 0
})

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
  await disk.close()
  expect(disk.files.openCount).toBe(0)
})

async function seed(remembered?: DocumentStore["identity"]): Promise<DocumentStore> {
  hashedParts = 0
  const onProgress = ({ checkedCount }: { checkedCount: number }) => {
    hashedParts = checkedCount
  }
  const store = await openSeed({ disk, torrent, filePath, remembered, onProgress })
  stores.push(store)
  return store
}

async function bytesOf(store: DocumentStore, partIndex: number) {
  const borrowed = await store.read(partIndex, 0, part(partIndex).length)
  const copy = Buffer.from(borrowed.bytes)
  borrowed.release()
  return copy
}

function replaceByFolder(): void {
  rmSync(filePath)
  mkdirSync(filePath)
}

describe("a seeded file", () => {
  beforeEach(() => writeFileSync(filePath, content))

  it("is hashed once, and not again while it is the same", async () => {
    const first = await seed()
    expect(first.have.isFull).toBe(true)
    expect(hashedParts).toBe(10)
    const second = await seed(first.identity)
    expect(second.have.isFull).toBe(true)
    expect(hashedParts).toBe(0)
    expect(second.identity).toEqual(first.identity)
  })

  it("is hashed again after it was written, with the same bytes too [hostile 12]", async () => {
    const first = await seed()
    rmSync(filePath)
    writeFileSync(filePath, content)
    expect((await seed(first.identity)).have.isFull).toBe(true)
    expect(hashedParts).toBe(10)
  })

  it("shows which parts are damaged [hostile 12]", async () => {
    writeFileSync(filePath, Buffer.from(content).fill(0, 5500, 5600))
    const store = await seed()
    expect(store.have.count).toBe(9)
    expect(store.have.has(5)).toBe(false)
    expect(store.identity).toBeUndefined()
  })

  it("opens no file before the first request for its bytes", async () => {
    const store = await seed((await seed()).identity)
    expect(disk.files.openCount).toBe(0)
    await bytesOf(store, 0)
    expect(disk.files.openCount).toBe(1)
  })

  it.each([
    ["edited", () => writeFileSync(filePath, Buffer.from(content).fill(1, 0, 10))],
    ["cut short", () => truncateSync(filePath, 10)],
    ["deleted", () => rmSync(filePath)],
    ["replaced by another", () => renameSync(`${filePath}.new`, filePath)],
  ])("that was %s is not served any more [hostile 12]", async (_, change) => {
    writeFileSync(`${filePath}.new`, randomBytes(content.length))
    // As a file of yesterday: two writes within one tick of the kernel's clock would have the same time.
    utimesSync(filePath, 1_700_000_000, 1_700_000_000)
    const store = await seed()
    await bytesOf(store, 0)
    change()
    clock.advance(1000)
    await expect(store.read(0, 0, 10)).rejects.toMatchObject({ name: "StoreError", code: "file_changed" })
    await expect(store.read(0, 0, 10)).rejects.toMatchObject({ code: "file_changed" })
    await expect(store.requireUnchanged()).rejects.toMatchObject({ code: "file_changed" })
  })

  it("is served again after it was checked again", async () => {
    utimesSync(filePath, 1_700_000_000, 1_700_000_000)
    const store = await seed()
    writeFileSync(filePath, Buffer.from(content).fill(0, 0, 10))
    await expect(store.read(0, 0, 10)).rejects.toMatchObject({ code: "file_changed" })
    await store.check()
    expect(store.have.count).toBe(9)
    expect(Buffer.compare(await bytesOf(store, 5), part(5))).toBe(0)
  })

  it.each([
    ["missing", () => rmSync(filePath), "no_such_file"],
    ["a folder", replaceByFolder, "not_a_file"],
    ["of another size", () => truncateSync(filePath, 5), "file_replaced"],
  ])("that is %s is refused", async (_, change, code) => {
    change()
    await expect(seed()).rejects.toMatchObject({ code })
  })
})
