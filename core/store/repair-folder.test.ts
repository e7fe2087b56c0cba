import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { bringFolder, contents, FolderRig, faultOf, folderTorrent, part } from "../testing/folder-document.js"
import type { DocumentStore } from "./document-store.js"
import { openDownload } from "./open-download.js"
import type { OldContent } from "./repair.js"

let rig: FolderRig
let agreed: OldContent | undefined
const stores: DocumentStore[] = []

beforeEach(() => {
  rig = new FolderRig()
  agreed = undefined
  bringFolder(rig.target)
})

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
  await rig.close()
})

const path = (name: string) => join(rig.target, name)
const missing = (store: DocumentStore) => [0, 1, 2, 3, 4, 5].filter((index) => !store.have.has(index))

async function repair(old?: OldContent): Promise<DocumentStore> {
  const onOld = (content: OldContent) => {
    agreed = content
  }
  const store = await openDownload({
    ...{ disk: rig.disk(), torrent: folderTorrent, filePath: rig.target },
    repair: { old, onOld },
  })
  stores.push(store)
  return store
}

async function putMissing(store: DocumentStore): Promise<void> {
  for (const index of missing(store)) await store.put(index, part(index))
}

/** Other bytes in part 2, which is in data/large alone. */
function damage(): Buffer {
  const bytes = Buffer.from(contents.get("data/large") ?? "")
  bytes.fill(0, 1_200, 1_300)
  writeFileSync(path("data/large"), bytes)
  return bytes
}

describe("a download to a folder of which a file is damaged", () => {
  it("is refused with the way [U11]", async () => {
    damage()
    await expect(rig.download()).rejects.toMatchObject({
      code: "target_exists",
      message: expect.stringContaining("--repair"),
    })
    expect(readdirSync(rig.base)).toEqual(["folder"])
  })

  it("replaces the damaged file alone, when all is there; files of the user stay [U11]", async () => {
    const damaged = damage()
    writeFileSync(path("data/notes.txt"), "mine")
    const inodes = ["bin/run", "data/small", "last"].map((name) => statSync(path(name)).ino)
    const store = await repair()
    expect([missing(store), store.recordProblem]).toEqual([[2], undefined])
    await putMissing(store)
    expect(readFileSync(path("data/large")).equals(damaged)).toBe(true)
    await store.complete()
    expect(faultOf(rig.target)).toBeUndefined()
    expect(readFileSync(path("data/notes.txt"), "utf8")).toBe("mine")
    expect(["bin/run", "data/small", "last"].map((name) => statSync(path(name)).ino)).toEqual(inodes)
    expect(readdirSync(rig.base)).toEqual(["folder"])
    expect(store.have.isFull).toBe(true)
  })

  it("takes over what is right of files that are missing, too short and too long [U11]", async () => {
    rmSync(path("last"))
    writeFileSync(path("data/large"), (contents.get("data/large") ?? Buffer.alloc(0)).subarray(0, 2_500))
    appendFileSync(path("bin/run"), "more")
    const store = await repair()
    expect(missing(store)).toEqual([3, 4, 5])
    await putMissing(store)
    expect([statSync(path("bin/run")).size, statSync(path("data/large")).size]).toEqual([704, 2_500])
    await store.complete()
    expect(faultOf(rig.target)).toBeUndefined()
  })

  it("goes on after a killed process [U11]", async () => {
    damage()
    rmSync(path("last"))
    const store = await repair()
    expect(missing(store)).toEqual([2, 4, 5])
    await store.put(4, part(4))
    await store.close()
    const next = await repair(agreed)
    await next.checkDoubtful()
    expect(missing(next)).toEqual([2, 5])
    await putMissing(next)
    await next.complete()
    expect(faultOf(rig.target)).toBeUndefined()
  })

  it("goes on where a process was killed while it replaced files [U11]", async () => {
    damage()
    rmSync(path("last"))
    const store = await repair()
    await putMissing(store)
    await store.close()
    renameSync(`${rig.target}.part/last`, path("last"))
    const next = await repair(agreed)
    expect(missing(next)).toEqual([])
    await next.complete()
    expect([faultOf(rig.target), readdirSync(rig.base)]).toEqual([undefined, ["folder"]])
  })

  it("fills its unfinished folder again where a process was killed while it did [U11]", async () => {
    damage()
    mkdirSync(`${rig.target}.part`)
    mkdirSync(`${rig.target}.part.new`)
    writeFileSync(`${rig.target}.part.new/2`, "a piece")
    const store = await repair()
    expect(missing(store)).toEqual([2])
    expect(existsSync(`${rig.target}.part.new`)).toBe(false)
  })

  it.each([
    ["a damaged file", "data/large"],
    ["a file that was right", "last"],
  ])("replaces nothing when %s was changed meanwhile [U11]", async (_, name) => {
    damage()
    const store = await repair()
    await putMissing(store)
    appendFileSync(path(name), "mine")
    const before = readFileSync(path(name))
    await expect(store.complete()).rejects.toMatchObject({ code: "target_exists" })
    expect(readFileSync(path(name)).equals(before)).toBe(true)
    expect(readFileSync(path("data/large")).equals(contents.get("data/large") ?? before)).toBe(false)
  })

  it("does not write to a file that was right, and was changed in its place before a check [U11]", async () => {
    damage()
    const store = await repair()
    const mine = Buffer.alloc(statSync(path("last")).size, "mine")
    writeFileSync(path("last"), mine)
    await store.check({})
    expect(missing(store).length).toBeGreaterThan(1)
    await putMissing(store)
    expect(readFileSync(path("last")).equals(mine)).toBe(true)
    await expect(store.complete()).rejects.toMatchObject({ code: "target_exists" })
    expect(readFileSync(path("last")).equals(mine)).toBe(true)
    expect(existsSync(`${rig.target}.part.new`)).toBe(false)
  })

  it("does not cut a file that was right, and was made longer before a restart [U11]", async () => {
    damage()
    await (await repair()).close()
    appendFileSync(path("last"), "mine")
    const longer = readFileSync(path("last"))
    const next = await repair(agreed)
    await next.checkDoubtful()
    await putMissing(next)
    await expect(next.complete()).rejects.toMatchObject({ code: "target_exists" })
    expect(readFileSync(path("last")).equals(longer)).toBe(true)
  })

  it("deletes no byte of the folder when it is given up [U11]", async () => {
    const damaged = damage()
    const store = await repair()
    await store.discard()
    expect(readFileSync(path("data/large")).equals(damaged)).toBe(true)
    expect(readFileSync(path("last")).equals(contents.get("last") ?? damaged)).toBe(true)
    expect(readdirSync(rig.base)).toEqual(["folder"])
  })

  it("is complete at once where nothing is wrong with it [U11]", async () => {
    const store = await repair()
    expect(missing(store)).toEqual([])
    await store.complete()
    expect([faultOf(rig.target), readdirSync(rig.base)]).toEqual([undefined, ["folder"]])
  })

  it("keeps links to files that are right [U11]", async () => {
    damage()
    renameSync(path("last"), join(rig.base, "elsewhere"))
    symlinkSync("../elsewhere", path("last"))
    const store = await repair()
    await putMissing(store)
    await store.complete()
    expect(readFileSync(path("last")).equals(contents.get("last") ?? Buffer.alloc(0))).toBe(true)
    expect(readdirSync(rig.base).sort()).toEqual(["elsewhere", "folder"])
    expect(statSync(path("last")).ino).toBe(statSync(join(rig.base, "elsewhere")).ino)
  })
})

describe("a repair of a folder refuses", () => {
  const refused = async (words: string) => {
    await expect(repair()).rejects.toMatchObject({ code: "target_exists", message: expect.stringContaining(words) })
    expect(readdirSync(rig.base).filter((name) => name.includes(".part"))).toEqual([])
  }

  it("a folder without any part of the document [U11]", async () => {
    rmSync(rig.target, { recursive: true })
    mkdirSync(rig.target)
    writeFileSync(path("last"), "something else")
    await refused("no part")
    expect(readFileSync(path("last"), "utf8")).toBe("something else")
  })

  it("to replace a link by a file [U11]", async () => {
    damage()
    renameSync(path("data/large"), join(rig.base, "elsewhere"))
    symlinkSync("../../elsewhere", path("data/large"))
    await refused("a link to ../../elsewhere")
  })

  it("to write through a link in the place of a folder [U11]", async () => {
    damage()
    renameSync(path("data"), join(rig.base, "elsewhere"))
    symlinkSync("../elsewhere", path("data"))
    await refused("a link to ../elsewhere")
  })
})
