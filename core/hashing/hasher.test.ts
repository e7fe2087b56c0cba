import { execFileSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { sha1 } from "../testing/sha1.js"
import { inTemporaryFolder } from "../testing/temporary-folder.js"
import { createHasher, type Hasher } from "./hasher.js"

let folder: string
let path: string
let hasher: Hasher
const fds: number[] = []

function openFile(file: string, flags: string): number {
  const fd = openSync(file, flags)
  fds.push(fd)
  return fd
}

inTemporaryFolder((path) => {
  folder = path
})

beforeEach(() => {
  path = join(folder, "file")
  hasher = createHasher({ threads: 2 })
})

afterEach(async () => {
  await hasher.close()
  for (const fd of fds.splice(0)) closeSync(fd)
})

function sharedCopy(bytes: Uint8Array): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length + 8), 8)
  shared.set(bytes)
  return shared
}

describe("verifyAndWrite", () => {
  it("writes a part whose digest is right at its offset, and sets its mark", async () => {
    const bytes = randomBytes(100_000)
    const fd = openFile(path, "w+")
    const mark = { fd: openFile(join(folder, "marks"), "w+"), offset: 3 }
    const write = { lane: 7, bytes: sharedCopy(bytes), digest: sha1(bytes), place: { fd, fileOffset: 5 }, mark }
    expect(await hasher.verifyAndWrite(write)).toBe(true)
    expect(Buffer.compare(readFileSync(path), Buffer.concat([Buffer.alloc(5), bytes]))).toBe(0)
    expect([...readFileSync(join(folder, "marks"))]).toEqual([0, 0, 0, 0xff])
  })

  it("takes bytes that stand in no shared memory, too", async () => {
    const bytes = randomBytes(10)
    const fd = openFile(path, "w+")
    expect(await hasher.verifyAndWrite({ lane: 0, bytes, digest: sha1(bytes), place: { fd, fileOffset: 0 } })).toBe(
      true,
    )
    expect(Buffer.compare(readFileSync(path), bytes)).toBe(0)
  })

  it("writes nothing, not even the mark, when the digest differs", async () => {
    const fd = openFile(path, "w+")
    const mark = { fd: openFile(join(folder, "marks"), "w+"), offset: 0 }
    const write = { lane: 0, bytes: new Uint8Array(10), digest: new Uint8Array(20), place: { fd, fileOffset: 0 }, mark }
    expect(await hasher.verifyAndWrite(write)).toBe(false)
    expect(readFileSync(path)).toHaveLength(0)
    expect(readFileSync(join(folder, "marks"))).toHaveLength(0)
  })

  it("rejects with the errno of a failed write, and continues with the next job [hostile 10]", async () => {
    const bytes = randomBytes(10)
    const write = { lane: 0, bytes, digest: sha1(bytes) }
    await expect(
      hasher.verifyAndWrite({ ...write, place: { fd: openFile("/dev/full", "w"), fileOffset: 0 } }),
    ).rejects.toMatchObject({
      code: "ENOSPC",
    })
    expect(await hasher.verifyAndWrite({ ...write, place: { fd: openFile(path, "w"), fileOffset: 0 } })).toBe(true)
  })
})

describe("hashParts", () => {
  it("hashes the parts asked for, the short last one too", async () => {
    const bytes = randomBytes(1050)
    writeFileSync(path, bytes)
    const range = { from: { fd: openFile(path, "r") }, sizeBytes: 1050, partSizeBytes: 100, fromPart: 8, toPart: 11 }
    const expected = Buffer.concat([800, 900, 1000].map((start) => sha1(bytes.subarray(start, start + 100))))
    expect(Buffer.compare(await hasher.hashParts(range), expected)).toBe(0)
  })

  it("answers with the parts that are there when the file ends early", async () => {
    writeFileSync(path, randomBytes(250))
    const range = { from: { fd: openFile(path, "r") }, sizeBytes: 1000, partSizeBytes: 100, fromPart: 0, toPart: 10 }
    expect(await hasher.hashParts(range)).toHaveLength(2 * 20)
  })

  it("rejects with the errno of a failed read [hostile 11]", async () => {
    const range = { from: { fd: openFile(folder, "r") }, sizeBytes: 10, partSizeBytes: 10, fromPart: 0, toPart: 1 }
    await expect(hasher.hashParts(range)).rejects.toMatchObject({ code: "EISDIR" })
  })
})

describe("a hasher", () => {
  it("finishes what runs when it is closed, refuses what comes after, and may be closed twice", async () => {
    writeFileSync(path, randomBytes(4_000_000))
    const range = {
      from: { fd: openFile(path, "r") },
      sizeBytes: 4_000_000,
      partSizeBytes: 1000,
      fromPart: 0,
      toPart: 4000,
    }
    const running = hasher.hashParts(range)
    await Promise.all([hasher.close(), hasher.close()])
    expect(await running).toHaveLength(4000 * 20)
    await expect(hasher.hashParts(range)).rejects.toThrow(/closed/)
  })

  it("does not keep the process alive when it is idle", () => {
    const dist = new URL("../../dist/core/hashing/hasher.js", import.meta.url).href
    writeFileSync(path, "hello")
    const script = `
      import { openSync } from "node:fs"
      import { createHasher } from ${JSON.stringify(dist)}
      const range = { from: { fd: openSync(${JSON.stringify(path)}) }, sizeBytes: 5, partSizeBytes: 5, fromPart: 0, toPart: 1 }
      console.log((await createHasher().hashParts(range)).length)`
    const output = execFileSync(process.execPath, ["--input-type=module", "-e", script], { timeout: 60_000 })
    expect(output.toString()).toBe("20\n")
  })
})
