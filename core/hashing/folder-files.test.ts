import { randomBytes } from "node:crypto"
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { sha1 } from "../testing/sha1.js"
import { FolderLayout } from "../torrent/folder-layout.js"
import { fileSpansOf } from "./file-spans.js"
import { createHasher, type Hasher } from "./hasher.js"

const PART_SIZE = 100
const FILES = [
  { path: "a/deep/one", sizeBytes: 130, isPadding: false, isExecutable: true },
  { path: ".pad/70", sizeBytes: 70, isPadding: true, isExecutable: false },
  { path: "empty", sizeBytes: 0, isPadding: false, isExecutable: false },
  { path: "two", sizeBytes: 250, isPadding: false, isExecutable: false },
]
const layout = FolderLayout.of(FILES)
const contents = { "a/deep/one": randomBytes(130), two: randomBytes(250) }
const document = Buffer.concat([contents["a/deep/one"], Buffer.alloc(70), contents.two])
const part = (index: number) => document.subarray(index * PART_SIZE, (index + 1) * PART_SIZE)

let root: string
let hasher: Hasher
beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), "folder-files-")), "growing")
  mkdirSync(root)
  hasher = createHasher({ threads: 2 })
})
afterEach(async () => {
  await hasher.close()
  rmSync(join(root, ".."), { recursive: true })
})

const spansOfPart = (index: number, isGrowing = true) =>
  fileSpansOf({ layout, root, isGrowing }, index * PART_SIZE, part(index).length)

async function write(index: number): Promise<boolean> {
  const bytes = Uint8Array.from(part(index))
  return hasher.verifyAndWrite({ lane: 0, bytes, digest: sha1(bytes), place: { files: spansOfPart(index) } })
}

/** Which parts are good on disk. */
async function goodParts(isGrowing = true): Promise<readonly number[]> {
  const files = fileSpansOf({ layout, root, isGrowing }, 0, layout.sizeBytes)
  const range = { from: { files }, sizeBytes: layout.sizeBytes, partSizeBytes: PART_SIZE, fromPart: 0, toPart: 5 }
  const digests = Buffer.from(await hasher.hashParts(range))
  return [0, 1, 2, 3, 4].filter((index) => sha1(part(index)).equals(digests.subarray(index * 20, index * 20 + 20)))
}

describe("the files of a folder", () => {
  it("get the bytes of parts that run over their borders, and padding gets none", async () => {
    for (const index of [4, 0, 2, 1, 3]) expect(await write(index)).toBe(true)
    expect(readFileSync(join(root, "a/deep/one")).equals(contents["a/deep/one"])).toBe(true)
    expect(readFileSync(join(root, "two")).equals(contents.two)).toBe(true)
    expect(() => statSync(join(root, ".pad"))).toThrow(/ENOENT/)
    expect(await goodParts()).toEqual([0, 1, 2, 3, 4])
  })

  it("are executable when the document says so", async () => {
    await write(0)
    await write(2)
    const mask = process.umask()
    expect(statSync(join(root, "a/deep/one")).mode & 0o777).toBe(0o777 & ~mask)
    expect(statSync(join(root, "two")).mode & 0o777).toBe(0o666 & ~mask)
  })

  it("that are missing or short spoil the parts that they touch, and no other", async () => {
    for (const index of [0, 1, 2, 3, 4]) await write(index)
    truncateSync(join(root, "two"), 120)
    expect(await goodParts()).toEqual([0, 1, 2])
    rmSync(join(root, "a"), { recursive: true })
    expect(await goodParts()).toEqual([2])
  })

  it("of zeros are not good while they are missing", async () => {
    const zeros = FolderLayout.of([{ path: "zeros", sizeBytes: 100, isPadding: false, isExecutable: false }])
    const range = { sizeBytes: 100, partSizeBytes: 100, fromPart: 0, toPart: 1 }
    const digestOf = async (path: string) => {
      const files = fileSpansOf({ layout: zeros, root: path, isGrowing: true }, 0, 100)
      return Buffer.from(await hasher.hashParts({ ...range, from: { files } }))
    }
    expect((await digestOf(root)).equals(sha1(Buffer.alloc(100)))).toBe(false)
    writeFileSync(join(root, "zeros"), Buffer.alloc(100))
    expect((await digestOf(root)).equals(sha1(Buffer.alloc(100)))).toBe(true)
  })

  it("are not written through a link that stands in the place of a file or a folder", async () => {
    const outside = join(root, "..", "outside")
    mkdirSync(outside)
    writeFileSync(join(outside, "victim"), "safe")
    symlinkSync(outside, join(root, "a"))
    symlinkSync(join(outside, "victim"), join(root, "two"))
    await expect(write(0)).rejects.toMatchObject({ code: "ELOOP", path: join(root, "a") })
    await expect(write(3)).rejects.toMatchObject({ code: "ELOOP", path: join(root, "two") })
    expect(readFileSync(join(outside, "victim"), "utf8")).toBe("safe")
    expect(() => statSync(join(outside, "deep"))).toThrow(/ENOENT/)
  })

  it("are not read through such a link while the folder grows, and are in the user's own folder", async () => {
    for (const index of [0, 1, 2, 3, 4]) await write(index)
    const outside = join(root, "..", "outside")
    writeFileSync(outside, contents.two)
    rmSync(join(root, "two"))
    symlinkSync(outside, join(root, "two"))
    expect(await goodParts(true)).toEqual([0, 1])
    expect(await goodParts(false)).toEqual([0, 1, 2, 3, 4])
  })

  it("that can't be read are an error with their name", async () => {
    await write(4)
    rmSync(join(root, "two"))
    // Opens for every user, and its first page is never readable.
    symlinkSync("/proc/self/mem", join(root, "two"))
    await expect(goodParts(false)).rejects.toMatchObject({ code: "EIO", path: join(root, "two") })
  })

  it("look the same until one is written, replaced or deleted; a chmod changes the times of change alone", async () => {
    for (const index of [0, 1, 2, 3, 4]) await write(index)
    const look = async () =>
      (await hasher.folderStats({ root, paths: ["a/deep/one", "two"], followLinks: false })).digests()
    const before = await look()
    expect(await look()).toEqual(before)
    chmodSync(join(root, "two"), 0o600)
    const afterChmod = await look()
    expect(afterChmod.content).toBe(before.content)
    expect(afterChmod.changes).not.toBe(before.changes)
    writeFileSync(join(root, "two"), contents.two)
    expect((await look()).content).not.toBe(before.content)
    rmSync(join(root, "two"))
    const stats = await hasher.folderStats({ root, paths: ["a/deep/one", "two"], followLinks: false })
    expect([stats.sizeOf(0), stats.sizeOf(1)]).toEqual([130, -1])
  })

  it("are synced with their folders; what is missing is an error", async () => {
    for (const index of [0, 1, 2, 3, 4]) await write(index)
    await hasher.syncFiles({ root, files: ["a/deep/one", "two"], folders: ["a/deep", "a", "."] })
    await expect(hasher.syncFiles({ root, files: ["three"], folders: [] })).rejects.toMatchObject({ code: "ENOENT" })
  })
})
