import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { filesBelow } from "../testing/files-below.js"
import {
  all,
  contents,
  FolderRig,
  faultOf,
  folderTorrent,
  part,
  putParts,
  readsRight,
  selected,
} from "../testing/folder-document.js"
import { discardDownload } from "./discard-download.js"
import { systemCalls } from "./disk-calls.js"
import type { DocumentStore } from "./document-store.js"
import { makeUnfinished } from "./open-download.js"

let rig: FolderRig
let base: string
let target: string
let grown: string

beforeEach(() => {
  rig = new FolderRig()
  base = rig.base
  target = rig.target
  grown = `${target}.part`
})
afterEach(() => rig.close())

const isRight = (folder: string, path: string) =>
  readFileSync(join(folder, path)).equals(contents.get(path) ?? Buffer.alloc(1))
const had = ({ have }: DocumentStore) => all.filter((index) => have.has(index))

/** A finished download of "data/small", whose part it shares with "data/large" and "last". */
async function finishedSmall(): Promise<DocumentStore> {
  const store = await rig.download(folderTorrent, selected("data/small"))
  await putParts(store, 4)
  await store.complete()
  return store
}

describe("a download of some files of a folder", () => {
  it("says how many files that were kept aside have their place", async () => {
    const store = await rig.download(folderTorrent, selected("data/small"))
    await putParts(store, 4)
    const moved: (readonly [number, number])[] = []
    await store.select(undefined, (...files) => moved.push(files))
    expect(moved).toEqual([
      [0, 2],
      [2, 2],
    ])
    await store.close()
    expect(filesBelow(grown)).toEqual(["data/large", "data/small", "last"])
  })

  it("refuses a wider selection for which the disk has too little room, moves no file, and takes parts as before", async () => {
    const freeBytes = vi.spyOn(systemCalls, "freeBytesAt").mockResolvedValue(1_000_000)
    const store = await rig.download(folderTorrent, selected("data/small"))
    await putParts(store, 4)
    freeBytes.mockResolvedValue(100)
    await expect(store.select(undefined)).rejects.toMatchObject({ name: "CommandError", code: "disk_full" })
    freeBytes.mockRestore()
    expect([store.isComplete, filesBelow(grown)]).toEqual([true, ["data/small"]])
    await putParts(store, 5)
    await store.close()
    expect(filesBelow(grown)).toEqual(["data/small"])
    const next = await rig.download(folderTorrent)
    await next.checkDoubtful()
    expect(had(next)).toEqual([4, 5])
    expect(filesBelow(grown)).toEqual(["data/large", "data/small", "last"])
  })

  it("is complete with their parts, and writes no other file", async () => {
    const store = await rig.download(folderTorrent, selected("data/small"))
    expect([store.isComplete, store.missingBytes]).toEqual([false, 1000])
    await putParts(store, 4)
    expect(filesBelow(grown)).toEqual(["data/small"])
    await store.complete()
    expect(filesBelow(target)).toEqual(["data/small"])
    expect(isRight(target, "data/small")).toBe(true)
    expect(readdirSync(base).sort()).toEqual(["folder", "folder.part.aside", "folder.part.resume"])
    expect(await readsRight(store, 4)).toBe(true)
    expect(store.missingBytes).toBe(0)
  })

  it("makes its empty files, and no unwanted one", async () => {
    const store = await rig.download(folderTorrent, selected("empty"))
    expect(store.isComplete).toBe(true)
    await store.complete()
    expect(filesBelow(target)).toEqual(["empty"])
  })

  it("resumes where it was left, without hashing anything", async () => {
    const first = await rig.download(folderTorrent, selected("data/small", "bin/run"))
    await putParts(first, 4)
    await first.close()
    const next = await rig.download(folderTorrent, selected("data/small", "bin/run"))
    expect([had(next), next.doubtful, rig.hashedSlices]).toEqual([[4], [], 0])
    expect(await readsRight(next, 4)).toBe(true)
  })

  it("hashes its parts once the file beside it was written to", async () => {
    const first = await rig.download(folderTorrent, selected("data/small", "bin/run"))
    await putParts(first, 0, 4)
    await first.close()
    const aside = `${grown}.aside`
    const bytes = readFileSync(aside)
    bytes[4520] = (bytes[4520] ?? 0) ^ 1
    writeFileSync(aside, bytes)
    const next = await rig.download(folderTorrent, selected("data/small", "bin/run"))
    expect(had(next)).toEqual([])
    await next.checkDoubtful()
    expect(had(next)).toEqual([0])
  })

  it("goes on without its record, and with the good parts in both places", async () => {
    const first = await rig.download(folderTorrent, selected("data/small"))
    await putParts(first, 4)
    await first.close()
    rmSync(`${grown}.resume`)
    const next = await rig.download(folderTorrent, selected("data/small", "last"))
    expect(had(next)).toEqual([4])
    expect(filesBelow(grown)).toEqual(["data/small", "last"])
    expect(await readsRight(next, 4)).toBe(true)
  })

  it("is not begun where a file of another program has the name of the one beside it", async () => {
    writeFileSync(`${grown}.aside`, "precious")
    await expect(rig.download(folderTorrent, selected("data/small"))).rejects.toMatchObject({ code: "target_exists" })
    expect(readFileSync(`${grown}.aside`, "utf8")).toBe("precious")
  })

  it.each([true, false])("leaves nothing behind when it is discarded, open %s", async (isOpen) => {
    const store = await rig.download(folderTorrent, selected("data/small", "bin/run"))
    await putParts(store, 4)
    if (isOpen) await store.discard()
    else {
      await store.close()
      await discardDownload({ torrent: folderTorrent, filePath: target, isOurs: true, calls: systemCalls })
    }
    expect(readdirSync(base)).toEqual([])
  })
})

describe("a wider selection", () => {
  it("gives files their place with the bytes that were kept aside, at the next opening", async () => {
    const first = await rig.download(folderTorrent, selected("data/small", "bin/run"))
    await putParts(first, 4)
    await first.close()
    const next = await rig.download()
    expect([had(next), next.doubtful]).toEqual([[4], []])
    expect(filesBelow(grown)).toEqual(["data/large", "data/small", "last"])
    expect(readdirSync(base)).not.toContain("folder.part.new")
    expect(await readsRight(next, 4)).toBe(true)
    await putParts(next, 0, 1, 2, 3, 5)
    await next.complete()
    expect(faultOf(target)).toBeUndefined()
    expect(readdirSync(base)).toEqual(["folder"])
    expect(statSync(join(target, "bin/run")).mode & 0o111).not.toBe(0)
  })

  it("is taken while parts are written, and ends as if it had been wanted from the start", async () => {
    const store = await rig.download(folderTorrent, selected("data/small"))
    const putting = putParts(store, 4)
    await store.select(selected("data/small", "last"))
    expect(await putting).toEqual(["stored"])
    expect(store.missingBytes).toBe(1000)
    const others = putParts(store, 5)
    await store.select(undefined)
    await others
    await putParts(store, 0, 1, 2, 3)
    for (const index of all) expect(await readsRight(store, index)).toBe(true)
    await store.complete()
    expect(faultOf(target)).toBeUndefined()
    expect(readdirSync(base)).toEqual(["folder"])
  })

  it("of a finished download goes on from there", async () => {
    await (await finishedSmall()).close()
    const next = await rig.download(folderTorrent, selected("data/small", "last"))
    expect([had(next), next.isGrowing, rig.hashedSlices]).toEqual([[4], true, 0])
    await putParts(next, 5)
    await next.complete()
    expect(filesBelow(target)).toEqual(["data/small", "last"])
    expect([isRight(target, "data/small"), isRight(target, "last")]).toEqual([true, true])
  })

  it("does not write to a file that the user made in the finished folder", async () => {
    await (await finishedSmall()).close()
    writeFileSync(join(target, "last"), "mine")
    await expect(rig.download()).rejects.toMatchObject({
      code: "target_exists",
      message: expect.stringContaining("folder/last"),
    })
    expect([readFileSync(join(target, "last"), "utf8"), existsSync(grown)]).toEqual(["mine", false])
  })

  it.each(["removed", "cut short"])(
    "fails when the file beside the folder was %s, and believes none of its bytes",
    async (how) => {
      const store = await rig.download(folderTorrent, selected("data/small"))
      await putParts(store, 4)
      if (how === "removed") rmSync(`${grown}.aside`)
      else writeFileSync(`${grown}.aside`, "")
      await expect(store.select(undefined)).rejects.toMatchObject({ code: "file_changed" })
      await expect(store.put(0, part(0))).rejects.toMatchObject({ code: "file_changed" })
      await store.close().catch(() => undefined)
      const next = await rig.download()
      await next.checkDoubtful()
      expect(had(next)).toEqual([])
    },
  )
})

describe("a narrower selection", () => {
  it("keeps whole files, and moves the bytes of others aside at the end", async () => {
    const store = await rig.download()
    await putParts(store, 0, 1, 4)
    await store.select(selected("data/small", "empty"))
    expect(store.isComplete).toBe(true)
    await store.complete()
    expect(filesBelow(target)).toEqual(["bin/run", "data/small", "empty"])
    expect(had(store)).toEqual([0, 1, 4])
    for (const index of [0, 1, 4]) expect(await readsRight(store, index)).toBe(true)
    await store.close()
    const next = await rig.download()
    expect([had(next), rig.hashedSlices]).toEqual([[0, 1, 4], 0])
    await putParts(next, 2, 3, 5)
    await next.complete()
    expect(faultOf(target)).toBeUndefined()
  })

  it("after the end leaves every file where it is", async () => {
    const store = await rig.download(folderTorrent, selected("data/small", "bin/run"))
    await putParts(store, 0, 4)
    await store.complete()
    await store.close()
    const seed = await rig.seed(store.identity, selected("bin/run"))
    expect([had(seed), filesBelow(target)]).toEqual([
      [0, 4],
      ["bin/run", "data/small"],
    ])
  })
})

describe("a finished folder of which some files are wanted", () => {
  it("is served at the next start without hashing", async () => {
    const first = await finishedSmall()
    await first.close()
    const seed = await rig.seed(first.identity, selected("data/small"))
    expect([had(seed), seed.isComplete, rig.hashedSlices]).toEqual([[4], true, 0])
    expect(await readsRight(seed, 4)).toBe(true)
  })

  it("is hashed when its record is gone, or when it looks like another one", async () => {
    const first = await finishedSmall()
    await first.close()
    rmSync(`${grown}.resume`)
    const seed = await rig.seed(first.identity, selected("data/small"))
    expect([had(seed), rig.hashedSlices > 0]).toEqual([[4], true])
    await seed.close()
    appendFileSync(`${grown}.aside`, "x")
    const again = await rig.seed(first.identity, selected("data/small"))
    expect(had(again)).toEqual([4])
  })

  it("serves no part any more whose bytes beside it have changed", async () => {
    const store = await finishedSmall()
    const aside = `${grown}.aside`
    const bytes = readFileSync(aside)
    bytes[4520] = (bytes[4520] ?? 0) ^ 1
    writeFileSync(aside, bytes)
    rig.clock.advance(5_000)
    await expect(readsRight(store, 4)).rejects.toMatchObject({ code: "file_differs" })
    expect(had(store)).toEqual([])
  })

  it("is repaired like a whole one", async () => {
    const wanted = selected("data/small", "bin/run")
    const first = await rig.download(folderTorrent, wanted)
    await putParts(first, 0, 4)
    await first.complete()
    await first.close()
    writeFileSync(join(target, "data/small"), Buffer.alloc(20))
    const seed = await rig.seed(undefined, wanted)
    expect([had(seed), seed.isComplete]).toEqual([[0], false])
    await seed.close()
    await makeUnfinished(target)
    const next = await rig.download(folderTorrent, wanted)
    await putParts(next, 4)
    await next.complete()
    expect(isRight(target, "data/small")).toBe(true)
  })
})
