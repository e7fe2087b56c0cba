import { randomBytes } from "node:crypto"
import {
  chmodSync,
  existsSync,
  linkSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { RIG_PART_COUNT, StoreRig } from "../testing/store-rig.js"
import type { DocumentStore } from "./document-store.js"
import { openDownload } from "./open-download.js"
import type { OldContent } from "./repair.js"

let rig: StoreRig
let agreed: OldContent | undefined
const stores: DocumentStore[] = []

beforeEach(() => {
  rig = new StoreRig()
  agreed = undefined
})

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
  await rig.close()
})

async function repair(old?: OldContent): Promise<DocumentStore> {
  const onOld = (content: OldContent) => {
    agreed = content
  }
  const { disk, torrent, filePath } = rig
  const store = await openDownload({ disk, torrent, filePath, repair: { old, onOld } })
  stores.push(store)
  return store
}

/** The document with other bytes in parts 2 and 7. */
function nearlyRight(): Buffer {
  const bytes = Buffer.from(rig.content)
  for (const index of [2, 7]) randomBytes(50).copy(bytes, index * 1_000 + 10)
  return bytes
}

const missing = (store: DocumentStore) =>
  Array.from({ length: RIG_PART_COUNT }, (_, i) => i).filter((i) => !store.have.has(i))

async function putMissing(store: DocumentStore): Promise<void> {
  for (const index of missing(store)) await store.put(index, rig.part(index))
}

describe("a download to a file that is nearly right", () => {
  it("is refused with the way, and the file stays as it is [U11]", async () => {
    const damaged = nearlyRight()
    writeFileSync(rig.filePath, damaged)
    await expect(rig.download()).rejects.toMatchObject({
      code: "target_exists",
      message: expect.stringContaining("--repair"),
    })
    expect(readFileSync(rig.filePath).equals(damaged)).toBe(true)
  })

  it("takes over its good parts, and replaces it when all is there [U11]", async () => {
    const damaged = nearlyRight()
    writeFileSync(rig.filePath, damaged)
    const store = await repair()
    expect([missing(store), store.recordProblem]).toEqual([[2, 7], undefined])
    await store.put(2, rig.part(2))
    expect(readFileSync(rig.filePath).equals(damaged)).toBe(true)
    await putMissing(store)
    let namedAs: Buffer | undefined
    await store.complete(() => {
      namedAs = readFileSync(rig.filePath)
    })
    expect(namedAs?.equals(rig.content)).toBe(true)
    expect(rig.names).toEqual(["file.bin"])
  })

  it.each([
    ["shorter", () => rig.content.subarray(0, 4_321), [4, 5, 6, 7, 8, 9]],
    ["longer", () => Buffer.concat([nearlyRight(), randomBytes(3_000)]), [2, 7]],
    ["longer, and right as far as it goes", () => Buffer.concat([rig.content, Buffer.from("more")]), []],
  ])("may be %s than the document [U11]", async (_, bytesOf, lacking) => {
    const bytes = bytesOf()
    writeFileSync(rig.filePath, bytes)
    const store = await repair()
    expect(missing(store)).toEqual(lacking)
    await putMissing(store)
    expect(readFileSync(rig.filePath).equals(bytes)).toBe(true)
    await store.complete()
    expect(readFileSync(rig.filePath).equals(rig.content)).toBe(true)
  })

  it("keeps its mode, and leaves another name of it as it is [U11]", async () => {
    const damaged = nearlyRight()
    writeFileSync(rig.filePath, damaged)
    linkSync(rig.filePath, rig.path("other"))
    chmodSync(rig.filePath, 0o440)
    const store = await repair()
    await putMissing(store)
    await store.complete()
    expect(readFileSync(rig.path("other")).equals(damaged)).toBe(true)
    expect(statSync(rig.filePath).mode & 0o777).toBe(0o440)
    expect(readFileSync(rig.filePath).equals(rig.content)).toBe(true)
  })

  it("goes on after a killed process [U11]", async () => {
    writeFileSync(rig.filePath, nearlyRight())
    const store = await repair()
    await store.put(2, rig.part(2))
    await rig.kill(store)
    const next = await repair(agreed)
    await next.checkDoubtful()
    expect(missing(next)).toEqual([7])
    await putMissing(next)
    await next.complete()
    expect(readFileSync(rig.filePath).equals(rig.content)).toBe(true)
  })

  it("copies again where a process was killed before the copy had its name [U11]", async () => {
    writeFileSync(rig.filePath, nearlyRight())
    writeFileSync(`${rig.partPath}.0123456789ab.tmp`, "a piece")
    const store = await repair()
    expect(missing(store)).toEqual([2, 7])
  })

  it("is over where a process was killed right after it got its name [U11]", async () => {
    writeFileSync(rig.filePath, nearlyRight())
    const store = await repair()
    await putMissing(store)
    await store.close()
    renameSync(rig.partPath, rig.filePath)
    const next = await repair(agreed)
    expect([next.isGrowing, next.have.isFull]).toEqual([false, true])
    expect(rig.names).toEqual(["file.bin"])
  })

  it("is not replaced when it was changed meanwhile, until the user agrees again [U11]", async () => {
    writeFileSync(rig.filePath, nearlyRight())
    const store = await repair()
    await putMissing(store)
    writeFileSync(rig.filePath, "mine")
    await expect(store.complete()).rejects.toMatchObject({ code: "target_exists" })
    await store.close()
    await expect(repair(agreed)).rejects.toMatchObject({
      code: "target_exists",
      message: expect.stringContaining("changed"),
    })
    expect(readFileSync(rig.filePath, "utf8")).toBe("mine")
    const again = await repair()
    expect(missing(again)).toEqual([])
    await again.complete()
    expect(readFileSync(rig.filePath).equals(rig.content)).toBe(true)
  })

  it("may be gone when all is there [U11]", async () => {
    writeFileSync(rig.filePath, nearlyRight())
    const store = await repair()
    await putMissing(store)
    renameSync(rig.filePath, rig.path("moved"))
    await store.complete()
    expect(readFileSync(rig.filePath).equals(rig.content)).toBe(true)
  })

  it("is found right without a copy where nothing is wrong with it [U11]", async () => {
    writeFileSync(rig.filePath, rig.content)
    utimesSync(rig.filePath, 1, 1)
    const store = await repair()
    expect([store.isGrowing, store.have.isFull, rig.names]).toEqual([false, true, ["file.bin"]])
  })
})

describe("a repair refuses", () => {
  it("a file that has no part of the document, and leaves nothing beside it [U11]", async () => {
    const other = randomBytes(9_500)
    writeFileSync(rig.filePath, other)
    await expect(repair()).rejects.toMatchObject({ code: "target_exists", message: expect.stringContaining("no part") })
    expect([rig.names, readFileSync(rig.filePath).equals(other)]).toEqual([["file.bin"], true])
  })

  it("a link, and names where it leads [U11]", async () => {
    writeFileSync(rig.path("real"), nearlyRight())
    symlinkSync("real", rig.filePath)
    await expect(repair()).rejects.toMatchObject({
      code: "target_exists",
      message: expect.stringContaining("a link to real"),
    })
    expect([rig.names, existsSync(rig.partPath)]).toEqual([["file.bin", "real"], false])
  })
})
