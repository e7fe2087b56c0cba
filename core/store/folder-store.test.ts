import { randomBytes } from "node:crypto"
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import {
  all,
  bringFolder,
  FolderRig,
  faultOf,
  folderTorrent,
  part,
  putParts,
  readsRight,
} from "../testing/folder-document.js"
import { discardDownload } from "./discard-download.js"
import { systemCalls } from "./disk-calls.js"
import { makeUnfinished } from "./open-download.js"

let rig: FolderRig
let base: string
let target: string

beforeEach(() => {
  rig = new FolderRig()
  base = rig.base
  target = rig.target
})
afterEach(() => rig.close())

describe("a download of a folder", () => {
  it("grows beside its target, and is renamed as a whole at the end", async () => {
    const store = await rig.download()
    await putParts(store, 3, 0, 5, 1, 4)
    expect(readdirSync(base).sort()).toEqual(["folder.part", "folder.part.lock", "folder.part.resume"])
    await putParts(store, 2)
    const faults: (string | undefined)[] = []
    await store.complete(() => faults.push(faultOf(target)))
    expect(faults).toEqual([undefined])
    expect(readdirSync(base)).toEqual(["folder"])
    expect(faultOf(target)).toBeUndefined()
    expect(statSync(join(target, "bin/run")).mode & 0o111).not.toBe(0)
    expect(statSync(join(target, "last")).mode & 0o111).toBe(0)
    for (const index of all) expect(await readsRight(store, index)).toBe(true)
  })

  it("resumes where it was left, without hashing anything", async () => {
    const first = await rig.download()
    await putParts(first, 1, 4)
    await first.close()
    const next = await rig.download()
    expect([next.have.has(1), next.have.has(4), next.have.count]).toEqual([true, true, 2])
    expect(next.doubtful).toEqual([])
    expect(await readsRight(next, 4)).toBe(true)
  })

  it("hashes what is claimed once a file was written to after the last checkpoint, and keeps what is good", async () => {
    const first = await rig.download()
    await putParts(first, 0, 1, 2, 3, 4, 5)
    await first.close()
    const path = join(`${target}.part`, "data/large")
    const bytes = readFileSync(path)
    bytes[1500] = (bytes[1500] ?? 0) ^ 1
    writeFileSync(path, bytes)
    const next = await rig.download()
    expect(next.have.count).toBe(0)
    await next.checkDoubtful()
    expect(all.filter((index) => next.have.has(index))).toEqual([0, 1, 3, 4, 5])
  })

  it("survives kill -9: every part that was written is found by its mark", async () => {
    const first = await rig.download()
    await putParts(first, 0, 2, 5)
    // What a killed process leaves: the folder and the record as they are, and no lock.
    cpSync(`${target}.part`, join(base, "kept.part"), { recursive: true, preserveTimestamps: true })
    cpSync(`${target}.part.resume`, join(base, "kept.resume"))
    await first.discard()
    cpSync(join(base, "kept.part"), `${target}.part`, { recursive: true })
    cpSync(join(base, "kept.resume"), `${target}.part.resume`)
    const next = await rig.download()
    await next.checkDoubtful()
    expect(all.filter((index) => next.have.has(index))).toEqual([0, 2, 5])
  })

  it("without a record takes a folder that holds a good part, and no other", async () => {
    const first = await rig.download()
    await putParts(first, 1, 5)
    await first.close()
    rmSync(`${target}.part.resume`)
    const next = await rig.download()
    expect(all.filter((index) => next.have.has(index))).toEqual([1, 5])
    expect(next.recordProblem).toMatch(/no resume record/)
    await next.discard()
    mkdirSync(`${target}.part`)
    writeFileSync(join(`${target}.part`, "mine"), "precious")
    await expect(rig.download()).rejects.toMatchObject({ code: "target_exists" })
    expect(readFileSync(join(`${target}.part`, "mine"), "utf8")).toBe("precious")
  })

  it("finds the finished folder, and that another one is in the way", async () => {
    bringFolder(target)
    const store = await rig.download()
    expect([store.have.isFull, store.isGrowing]).toEqual([true, false])
    await store.close()
    appendFileSync(join(target, "last"), "more")
    await expect(rig.download()).rejects.toMatchObject({
      code: "target_exists",
      message: expect.stringContaining("folder/last: it has 1484 bytes"),
    })
  })

  it("never takes the place of a folder that came to be there meanwhile", async () => {
    const store = await rig.download()
    await putParts(store, ...all)
    mkdirSync(target)
    writeFileSync(join(target, "mine"), "precious")
    await expect(store.complete()).rejects.toMatchObject({ code: "target_exists" })
    expect(readdirSync(target)).toEqual(["mine"])
  })

  it("discards its own files, and leaves those of others", async () => {
    const store = await rig.download()
    await putParts(store, 0, 1)
    writeFileSync(join(`${target}.part`, "data/mine"), "precious")
    await store.discard()
    expect(existsSync(join(`${target}.part`, "data/large"))).toBe(false)
    expect(existsSync(`${target}.part.resume`)).toBe(false)
    expect(readFileSync(join(`${target}.part`, "data/mine"), "utf8")).toBe("precious")
  })

  it("is not led out of its folder by a link", async () => {
    const store = await rig.download()
    mkdirSync(join(base, "outside"))
    symlinkSync(join(base, "outside"), join(`${target}.part`, "data"))
    await expect(store.put(2, part(2))).rejects.toMatchObject({ message: expect.stringContaining("folder.part/data") })
    expect(readdirSync(join(base, "outside"))).toEqual([])
  })

  it("of a private document is readable by its owner alone while it grows", async () => {
    const store = await rig.download({ ...folderTorrent, secret: randomBytes(32) })
    expect(statSync(`${target}.part`).mode & 0o777).toBe(0o700)
    await putParts(store, ...all)
    await store.complete()
    expect(statSync(target).mode & 0o777).toBe(0o777 & ~process.umask())
  })

  it("that is not open is discarded by what its record says", async () => {
    const store = await rig.download()
    await putParts(store, 0, 1)
    await store.close()
    const options = { torrent: folderTorrent, filePath: target, isOurs: false, calls: systemCalls }
    expect(await discardDownload(options)).toBe(true)
    expect(readdirSync(base)).toEqual([])
    mkdirSync(`${target}.part`)
    await expect(discardDownload(options)).rejects.toMatchObject({ code: "target_exists" })
  })

  it("mends a finished folder: it is unfinished again, and keeps what is good", async () => {
    bringFolder(target)
    writeFileSync(join(target, "data/small"), "twenty other bytes!!")
    rmSync(join(target, "bin"), { recursive: true })
    await makeUnfinished(target)
    const store = await rig.download()
    const bad = all.filter((index) => !store.have.has(index))
    expect(bad).toEqual([0, 4])
    await putParts(store, ...bad)
    await store.complete()
    expect(faultOf(target)).toBeUndefined()
  })
})
