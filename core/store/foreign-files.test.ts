import { randomBytes } from "node:crypto"
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { StoreRig, torrentOf } from "../testing/store-rig.js"

let rig: StoreRig

beforeEach(() => {
  rig = new StoreRig()
})

afterEach(() => rig.close())

/** A download must be refused, and leave these foreign files unchanged. */
async function keeps(...paths: readonly string[]): Promise<void> {
  const before = paths.map((path) => readFileSync(path))
  await expect(rig.download()).rejects.toMatchObject({ name: "CommandError", code: "target_exists" })
  expect(paths.map((path, index) => before[index]?.equals(readFileSync(path)))).toEqual(paths.map(() => true))
  expect(existsSync(`${rig.partPath}.lock`)).toBe(false)
}

describe("a foreign file with one of our names", () => {
  it.each([
    ["longer than the document", () => randomBytes(20_000)],
    ["shorter", () => randomBytes(300)],
    ["as long", () => randomBytes(9_500)],
    ["longer, and begins as the document does", () => Buffer.concat([rig.content, randomBytes(300)])],
  ])("is not taken for an unfinished download: %s [A3]", async (_, bytes) => {
    writeFileSync(rig.partPath, bytes())
    await keeps(rig.partPath)
    expect(rig.names).toEqual(["file.bin.part"])
  })

  it("is not taken for a resume record [A3]", async () => {
    writeFileSync(rig.recordPath, "my own resume")
    await keeps(rig.recordPath)
    expect(rig.names).toEqual(["file.bin.part.resume"])
  })

  it("is kept beside an unfinished file that a good part shows to be ours [A3]", async () => {
    await rig.stored(1)
    for (const notes of ["my own resume", "another"]) {
      writeFileSync(rig.recordPath, notes)
      const store = await rig.download()
      expect(store.have.count).toBe(1)
      await store.close()
    }
    expect(readFileSync(`${rig.recordPath}.damaged`, "utf8")).toBe("my own resume")
    expect(readFileSync(`${rig.recordPath}.damaged-2`, "utf8")).toBe("another")
  })

  it.each([
    ["a folder", (path: string) => mkdirSync(path)],
    ["a link", (path: string) => symlinkSync("elsewhere", path)],
  ])("is no resume record when it is %s [A3]", async (_, make) => {
    make(rig.recordPath)
    await expect(rig.download()).rejects.toMatchObject({ code: "target_exists" })
    expect(rig.names).toEqual(["file.bin.part.resume"])
  })

  it("is not taken when our own unfinished file was moved away from beside its record [A3]", async () => {
    await rig.stored(1)
    renameSync(rig.partPath, rig.path("mine"))
    writeFileSync(rig.partPath, randomBytes(500))
    await keeps(rig.partPath, rig.recordPath)
  })

  it("is not overwritten when its record belongs to another document that shares a part [A3]", async () => {
    const other = Buffer.concat([rig.part(0), randomBytes(4_000)])
    const store = await rig.download(torrentOf(other))
    await store.put(0, rig.part(0))
    await store.close()
    await keeps(rig.partPath, rig.recordPath)
  })
})

describe("an unfinished file without a record", () => {
  it("is taken when a part of it is good, or nothing was written to it yet [A3]", async () => {
    writeFileSync(rig.partPath, rig.content.subarray(0, 2_500))
    const store = await rig.download()
    expect(store.have.count).toBe(2)
    await store.close()
    rmSync(rig.recordPath)
    truncateSync(rig.partPath, 0)
    await rig.finish(await rig.download())
    expect(rig.names).toEqual(["file.bin"])
  })
})

describe("a download leaves nothing of its own behind", () => {
  it("that is closed before it had a part [A12]", async () => {
    await (await rig.download()).close()
    expect(rig.names).toEqual([])
  })

  it("when its target was completed by other means [A12]", async () => {
    await rig.stored(1, 2)
    writeFileSync(rig.filePath, rig.content)
    const store = await rig.download()
    expect(store.have.isFull).toBe(true)
    expect(rig.names).toEqual(["file.bin"])
  })

  it("but what is not its own stays beside a finished target [A12]", async () => {
    await rig.stored(1, 2)
    renameSync(rig.partPath, rig.path("mine"))
    writeFileSync(rig.partPath, "not ours")
    writeFileSync(rig.filePath, rig.content)
    await rig.download()
    expect(readFileSync(rig.partPath, "utf8")).toBe("not ours")
  })

  it("when its files are deleted or replaced while it is discarded [A12]", async () => {
    const store = await rig.download()
    await store.put(0, rig.part(0))
    renameSync(rig.partPath, rig.path("mine"))
    writeFileSync(rig.partPath, "not ours")
    writeFileSync(rig.recordPath, "not ours either")
    await store.discard()
    expect(readFileSync(rig.partPath, "utf8")).toBe("not ours")
    expect(readFileSync(rig.recordPath, "utf8")).toBe("not ours either")
  })
})
