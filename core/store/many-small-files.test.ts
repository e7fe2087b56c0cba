import { createHash, randomBytes } from "node:crypto"
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { createHasher } from "../hashing/hasher.js"
import { wrappedHasher } from "../hashing/wrapped-hasher.js"
import { FakeClock } from "../testing/fake-clock.js"
import { FolderLayout } from "../torrent/folder-layout.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { createDisk, type Disk } from "./disk.js"
import type { DocumentStore } from "./document-store.js"
import { openSeed } from "./open-seed.js"

const FILE_BYTES = 80
const PART_BYTES = 1_000
/** Twelve files and a half a part. */
const FILE_COUNT = 25

const content = randomBytes(FILE_COUNT * FILE_BYTES)
const pathOf = (index: number) => `file-${index}`
const partOf = (index: number) => content.subarray(index * PART_BYTES, (index + 1) * PART_BYTES)
const sha1 = (bytes: Uint8Array) => createHash("sha1").update(bytes).digest()

const torrent: Torrent = {
  hash: "0f0e0d0c-0b0a-4908-8706-050403020100",
  sizeBytes: content.length,
  partSizeBytes: PART_BYTES,
  partDigests: Uint8Array.from(Buffer.concat([sha1(partOf(0)), sha1(partOf(1))])),
  name: "folder",
  files: FolderLayout.of(
    Array.from({ length: FILE_COUNT }, (_, index) => {
      return { path: pathOf(index), sizeBytes: FILE_BYTES, isPadding: false, isExecutable: false }
    }),
  ),
  secret: undefined,
}

let base: string
let folder: string
let clock: FakeClock
let disk: Disk
let store: DocumentStore
let reads: number
let looks: number

beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), "many-small-files-"))
  folder = join(base, "folder")
  mkdirSync(folder)
  for (let index = 0; index < FILE_COUNT; index++)
    writeFileSync(join(folder, pathOf(index)), content.subarray(index * FILE_BYTES, (index + 1) * FILE_BYTES))
  clock = new FakeClock()
  const real = createHasher()
  const hasher = wrappedHasher(real, {
    readFiles: (files, target) => {
      reads++
      return real.readFiles(files, target)
    },
    folderStats: (files) => {
      looks++
      return real.folderStats(files)
    },
  })
  disk = createDisk({ hasher, clock })
  store = await openSeed({ disk, torrent, filePath: folder })
  reads = looks = 0
})
afterEach(async () => {
  await store.close()
  await disk.close()
  rmSync(base, { recursive: true })
})

async function bytesOf(partIndex: number): Promise<Buffer> {
  const { bytes, release } = await store.read(partIndex, 0, PART_BYTES)
  const copy = Buffer.from(bytes)
  release()
  return copy
}

describe("many small files that are served", () => {
  it("are read and looked at by one message to a thread for both", async () => {
    expect((await bytesOf(0)).equals(partOf(0))).toBe(true)
    expect((await bytesOf(1)).equals(partOf(1))).toBe(true)
    expect([reads, looks]).toEqual([2, 0])
  })

  it("are read once by all that want one part, and looked at by that read", async () => {
    await Promise.all([bytesOf(0), bytesOf(0), bytesOf(0)])
    expect([reads, looks]).toEqual([1, 0])
  })

  it("are looked at once a second while their part is read from memory", async () => {
    await bytesOf(0)
    clock.advance(1_000)
    for (let time = 0; time < 3; time++) await bytesOf(0)
    expect([reads, looks]).toEqual([1, 1])
  })

  it("are served on after one was touched", async () => {
    utimesSync(join(folder, pathOf(7)), 1, 1)
    expect((await bytesOf(0)).equals(partOf(0))).toBe(true)
    expect(store.have.has(0)).toBe(true)
  })

  it("are served on after one was touched that was looked at just before", async () => {
    await bytesOf(0)
    utimesSync(join(folder, pathOf(12)), 1, 1)
    expect((await bytesOf(1)).equals(partOf(1))).toBe(true)
    expect(store.have.has(1)).toBe(true)
  })

  it.each([
    ["edited", (path: string) => writeFileSync(path, randomBytes(FILE_BYTES))],
    ["cut short", (path: string) => writeFileSync(path, "short")],
    ["deleted", (path: string) => rmSync(path)],
  ])("lose their part when one of them is %s, and it is named; the others are served on", async (_, change) => {
    await bytesOf(0)
    change(join(folder, pathOf(7)))
    clock.advance(1_000)
    await expect(bytesOf(0)).rejects.toMatchObject({
      code: "file_differs",
      message: expect.stringContaining("folder/file-7:"),
    })
    expect([store.have.has(0), store.have.has(1)]).toEqual([false, true])
    expect((await bytesOf(1)).equals(partOf(1))).toBe(true)
  })
})
