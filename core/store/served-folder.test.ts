import { randomBytes } from "node:crypto"
import { chmodSync, cpSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { all, bringFolder, FolderRig, readsRight } from "../testing/folder-document.js"

let rig: FolderRig
let base: string
let target: string

beforeEach(() => {
  rig = new FolderRig()
  base = rig.base
  target = rig.target
})
afterEach(() => rig.close())

describe("a folder that is served", () => {
  it("is known by its files, so that nothing is hashed at the next start", async () => {
    bringFolder(target)
    const first = await rig.seed()
    expect(first.have.isFull).toBe(true)
    const { identity } = first
    await first.close()
    // Had it been hashed, the part would be missing: the bytes differ, and nothing else does.
    const again = await rig.seed(identity)
    expect([again.have.isFull, again.identity]).toEqual([true, identity])
    await again.close()
    writeFileSync(join(target, "last"), randomBytes(1480))
    const changed = await rig.seed(identity)
    expect(all.filter((index) => changed.have.has(index))).toEqual([0, 1, 2, 3])
  })

  it("loses the parts of a file that is edited while it is served, and no other; the reason names the file", async () => {
    bringFolder(target)
    const store = await rig.seed()
    expect(await readsRight(store, 5)).toBe(true)
    writeFileSync(join(target, "data/large"), randomBytes(3500))
    rig.clock.advance(1_000)
    await expect(store.read(2, 0, 10)).rejects.toMatchObject({
      code: "file_differs",
      message: expect.stringContaining("folder/data/large"),
    })
    expect(all.filter((index) => store.have.has(index))).toEqual([0, 5])
    expect(await readsRight(store, 0)).toBe(true)
    expect(await readsRight(store, 5)).toBe(true)
  })

  it("loses no part of a file that is only touched", async () => {
    bringFolder(target)
    const store = await rig.seed()
    expect(await readsRight(store, 5)).toBe(true)
    utimesSync(join(target, "last"), 1, 1)
    chmodSync(join(target, "data/large"), 0o600)
    rig.clock.advance(1_000)
    for (const index of all) expect(await readsRight(store, index)).toBe(true)
  })

  it("loses the parts of a file that is deleted or cut short", async () => {
    bringFolder(target)
    const store = await rig.seed()
    rmSync(join(target, "bin/run"))
    writeFileSync(join(target, "last"), "short")
    await expect(store.read(0, 0, 10)).rejects.toMatchObject({ code: "file_differs" })
    await expect(store.read(5, 0, 10)).rejects.toMatchObject({ code: "file_differs" })
    expect(all.filter((index) => store.have.has(index))).toEqual([1, 2, 3])
  })

  it("may hold links to what the user keeps elsewhere", async () => {
    bringFolder(target)
    cpSync(join(target, "last"), join(base, "elsewhere"))
    rmSync(join(target, "last"))
    symlinkSync(join(base, "elsewhere"), join(target, "last"))
    const store = await rig.seed()
    expect(store.have.isFull).toBe(true)
    expect(await readsRight(store, 5)).toBe(true)
  })

  it("is damaged when some of its files are missing or have another size, and another one when all have", async () => {
    bringFolder(target)
    rmSync(join(target, "data/small"))
    writeFileSync(join(target, "last"), "short")
    const seed = async () => rig.seed()
    await expect(seed()).rejects.toMatchObject({
      code: "file_changed",
      message: expect.stringContaining("data/small: it is missing (and 1 more files differ)"),
    })
    rmSync(target, { recursive: true })
    mkdirSync(target)
    await expect(seed()).rejects.toMatchObject({ code: "file_replaced" })
  })

  it("is not hashed again for a file that was touched before the last check", async () => {
    bringFolder(target)
    const store = await rig.seed()
    utimesSync(join(target, "last"), 1, 1)
    await store.check()
    const { hashedSlices } = rig
    expect(await readsRight(store, 5)).toBe(true)
    expect(rig.hashedSlices).toBe(hashedSlices)
  })
})
