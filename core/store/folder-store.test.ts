import { createHash, randomBytes } from "node:crypto"
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { FakeClock } from "../testing/fake-clock.js"
import { FolderLayout } from "../torrent/folder-layout.js"
import type { Torrent } from "../torrent/torrent-file.js"
import { createDisk, type Disk } from "./disk.js"
import type { DocumentStore } from "./document-store.js"
import { openDownload } from "./open-download.js"
import { openSeed } from "./open-seed.js"

const PART_SIZE = 1000
const file = (path: string, sizeBytes: number, isExecutable = false) => ({
  path,
  sizeBytes,
  isPadding: false,
  isExecutable,
})
const FILES = [
  file("bin/run", 700, true),
  { path: ".pad/300", sizeBytes: 300, isPadding: true, isExecutable: false },
  file("data/large", 3500),
  file("data/small", 20),
  file("empty", 0),
  file("last", 1480),
]
const layout = FolderLayout.of(FILES)
const contents = new Map(
  FILES.map(({ path, sizeBytes, isPadding }) => [path, isPadding ? Buffer.alloc(sizeBytes) : randomBytes(sizeBytes)]),
)
const document = Buffer.concat([...contents.values()])
const PART_COUNT = 6
const part = (index: number) => Uint8Array.from(document.subarray(index * PART_SIZE, (index + 1) * PART_SIZE))
const sha1 = (bytes: Uint8Array) => createHash("sha1").update(bytes).digest()
const all = Array.from({ length: PART_COUNT }, (_, index) => index)

const torrent: Torrent = {
  hash: "0f0e0d0c-0b0a-4908-8706-050403020100",
  sizeBytes: layout.sizeBytes,
  partSizeBytes: PART_SIZE,
  partDigests: Uint8Array.from(Buffer.concat(all.map((index) => sha1(part(index))))),
  name: "folder",
  files: layout,
  secret: undefined,
}

let base: string
let target: string
let clock: FakeClock
const disks: Disk[] = []
const stores: DocumentStore[] = []

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "folder-store-"))
  target = join(base, "folder")
  clock = new FakeClock()
})
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
  for (const disk of disks.splice(0)) await disk.close()
  rmSync(base, { recursive: true })
})

function newDisk(): Disk {
  const disk = createDisk({ clock })
  disks.push(disk)
  return disk
}

async function download(of: Torrent = torrent): Promise<DocumentStore> {
  const store = await openDownload({ disk: newDisk(), torrent: of, filePath: target })
  stores.push(store)
  return store
}

async function seed(remembered?: DocumentStore["identity"]): Promise<DocumentStore> {
  const store = await openSeed({ disk: newDisk(), torrent, filePath: target, remembered })
  stores.push(store)
  return store
}

async function put(store: DocumentStore, ...indices: readonly number[]): Promise<void> {
  for (const index of indices) expect(await store.put(index, part(index))).toBe("stored")
}

async function read(store: DocumentStore, index: number): Promise<boolean> {
  const { bytes, release } = await store.read(index, 0, part(index).length)
  const isRight = Buffer.compare(bytes, part(index)) === 0
  release()
  return isRight
}

function expectWhole(folder: string): void {
  for (const { path, isPadding } of FILES)
    if (isPadding) expect(existsSync(join(folder, path))).toBe(false)
    else expect(readFileSync(join(folder, path)).equals(contents.get(path) ?? Buffer.alloc(1)), path).toBe(true)
}

/** The finished folder, as a user brings it. */
function bring(): void {
  for (const { path, isPadding } of FILES) {
    if (isPadding) continue
    mkdirSync(dirname(join(target, path)), { recursive: true })
    writeFileSync(join(target, path), contents.get(path) ?? "")
  }
}

describe("a download of a folder", () => {
  it("grows beside its target, and is renamed as a whole at the end", async () => {
    const store = await download()
    await put(store, 3, 0, 5, 1, 4)
    expect(readdirSync(base).sort()).toEqual(["folder.part", "folder.part.lock", "folder.part.resume"])
    await put(store, 2)
    await store.complete(() => expectWhole(target))
    expect(readdirSync(base)).toEqual(["folder"])
    expectWhole(target)
    expect(statSync(join(target, "bin/run")).mode & 0o111).not.toBe(0)
    expect(statSync(join(target, "last")).mode & 0o111).toBe(0)
    for (const index of all) expect(await read(store, index)).toBe(true)
  })

  it("goes on where it was left, without hashing anything", async () => {
    const first = await download()
    await put(first, 1, 4)
    await first.close()
    const next = await download()
    expect([next.have.has(1), next.have.has(4), next.have.count]).toEqual([true, true, 2])
    expect(next.doubtful).toEqual([])
    expect(await read(next, 4)).toBe(true)
  })

  it("hashes what is claimed once a file was written to after the last checkpoint, and keeps what is good", async () => {
    const first = await download()
    await put(first, 0, 1, 2, 3, 4, 5)
    await first.close()
    const path = join(`${target}.part`, "data/large")
    const bytes = readFileSync(path)
    bytes[1500] = (bytes[1500] ?? 0) ^ 1
    writeFileSync(path, bytes)
    const next = await download()
    expect(next.have.count).toBe(0)
    await next.checkDoubtful()
    expect(all.filter((index) => next.have.has(index))).toEqual([0, 1, 3, 4, 5])
  })

  it("survives kill -9: every part that was written is found by its mark", async () => {
    const first = await download()
    await put(first, 0, 2, 5)
    // What a killed process leaves: the folder and the record as they are, and no lock.
    cpSync(`${target}.part`, join(base, "kept.part"), { recursive: true, preserveTimestamps: true })
    cpSync(`${target}.part.resume`, join(base, "kept.resume"))
    await first.discard()
    cpSync(join(base, "kept.part"), `${target}.part`, { recursive: true })
    cpSync(join(base, "kept.resume"), `${target}.part.resume`)
    const next = await download()
    await next.checkDoubtful()
    expect(all.filter((index) => next.have.has(index))).toEqual([0, 2, 5])
  })

  it("without a record takes a folder that holds a good part, and no other", async () => {
    const first = await download()
    await put(first, 1, 5)
    await first.close()
    rmSync(`${target}.part.resume`)
    const next = await download()
    expect(all.filter((index) => next.have.has(index))).toEqual([1, 5])
    expect(next.recordProblem).toMatch(/no resume record/)
    await next.discard()
    mkdirSync(`${target}.part`)
    writeFileSync(join(`${target}.part`, "mine"), "precious")
    await expect(download()).rejects.toMatchObject({ code: "target_exists" })
    expect(readFileSync(join(`${target}.part`, "mine"), "utf8")).toBe("precious")
  })

  it("finds the finished folder, and that another one is in the way", async () => {
    bring()
    const store = await download()
    expect([store.have.isFull, store.isGrowing]).toEqual([true, false])
    await store.close()
    appendFileSync(join(target, "last"), "more")
    await expect(download()).rejects.toMatchObject({
      code: "target_exists",
      message: expect.stringContaining("folder/last: it has 1484 bytes"),
    })
  })

  it("never takes the place of a folder that came to be there meanwhile", async () => {
    const store = await download()
    await put(store, ...all)
    mkdirSync(target)
    writeFileSync(join(target, "mine"), "precious")
    await expect(store.complete()).rejects.toMatchObject({ code: "target_exists" })
    expect(readdirSync(target)).toEqual(["mine"])
  })

  it("discards its own files, and leaves those of others", async () => {
    const store = await download()
    await put(store, 0, 1)
    writeFileSync(join(`${target}.part`, "data/mine"), "precious")
    await store.discard()
    expect(existsSync(join(`${target}.part`, "data/large"))).toBe(false)
    expect(existsSync(`${target}.part.resume`)).toBe(false)
    expect(readFileSync(join(`${target}.part`, "data/mine"), "utf8")).toBe("precious")
  })

  it("is not led out of its folder by a link", async () => {
    const store = await download()
    mkdirSync(join(base, "outside"))
    symlinkSync(join(base, "outside"), join(`${target}.part`, "data"))
    await expect(store.put(2, part(2))).rejects.toMatchObject({ message: expect.stringContaining("folder.part/data") })
    expect(readdirSync(join(base, "outside"))).toEqual([])
  })

  it("of a private document is readable by its owner alone while it grows", async () => {
    const store = await download({ ...torrent, secret: randomBytes(32) })
    expect(statSync(`${target}.part`).mode & 0o777).toBe(0o700)
    await put(store, ...all)
    await store.complete()
    expect(statSync(target).mode & 0o777).toBe(0o777 & ~process.umask())
  })
})

describe("a folder that is served", () => {
  it("is known by its files, so that nothing is hashed at the next start", async () => {
    bring()
    const first = await seed()
    expect(first.have.isFull).toBe(true)
    const { identity } = first
    await first.close()
    // Had it been hashed, the part would be missing: the bytes differ, and nothing else does.
    const again = await seed(identity)
    expect([again.have.isFull, again.identity]).toEqual([true, identity])
    await again.close()
    writeFileSync(join(target, "last"), randomBytes(1480))
    const changed = await seed(identity)
    expect(all.filter((index) => changed.have.has(index))).toEqual([0, 1, 2, 3])
  })

  it("loses the parts of a file that is edited while it is served, and no other; the reason names the file", async () => {
    bring()
    const store = await seed()
    expect(await read(store, 5)).toBe(true)
    writeFileSync(join(target, "data/large"), randomBytes(3500))
    clock.advance(1_000)
    await expect(store.read(2, 0, 10)).rejects.toMatchObject({
      code: "file_differs",
      message: expect.stringContaining("folder/data/large"),
    })
    expect(all.filter((index) => store.have.has(index))).toEqual([0, 5])
    expect(await read(store, 0)).toBe(true)
    expect(await read(store, 5)).toBe(true)
  })

  it("loses no part of a file that is only touched", async () => {
    bring()
    const store = await seed()
    expect(await read(store, 5)).toBe(true)
    utimesSync(join(target, "last"), 1, 1)
    chmodSync(join(target, "data/large"), 0o600)
    clock.advance(1_000)
    for (const index of all) expect(await read(store, index)).toBe(true)
  })

  it("loses the parts of a file that is deleted or cut short", async () => {
    bring()
    const store = await seed()
    rmSync(join(target, "bin/run"))
    writeFileSync(join(target, "last"), "short")
    await expect(store.read(0, 0, 10)).rejects.toMatchObject({ code: "file_differs" })
    await expect(store.read(5, 0, 10)).rejects.toMatchObject({ code: "file_differs" })
    expect(all.filter((index) => store.have.has(index))).toEqual([1, 2, 3])
  })

  it("may hold links to what the user keeps elsewhere", async () => {
    bring()
    cpSync(join(target, "last"), join(base, "elsewhere"))
    rmSync(join(target, "last"))
    symlinkSync(join(base, "elsewhere"), join(target, "last"))
    const store = await seed()
    expect(store.have.isFull).toBe(true)
    expect(await read(store, 5)).toBe(true)
  })
})
