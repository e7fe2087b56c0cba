import { execFileSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { RIG_PART_BYTES, StoreRig, torrentOf } from "../testing/store-rig.js"

let rig: StoreRig

beforeEach(() => {
  rig = new StoreRig()
})

afterEach(() => rig.close())

describe("a download refuses", () => {
  const refused = (code: string) => expect(rig.download()).rejects.toMatchObject({ name: "CommandError", code })

  it.each([
    ["a link", (path: string) => symlinkSync("/etc/hostname", path)],
    ["a dangling link", (path: string) => symlinkSync("nowhere", path)],
    ["a folder", (path: string) => mkdirSync(path)],
    ["a fifo", (path: string) => execFileSync("mkfifo", [path])],
  ])("%s where it would write [hostile 7]", async (_, make) => {
    make(rig.filePath)
    await refused("target_exists")
    rmSync(rig.filePath, { recursive: true })
    make(rig.partPath)
    await refused("target_exists")
    expect(existsSync(`${rig.partPath}.lock`)).toBe(false)
  })

  it("a file of its name with other content, of the same or another size [hostile 7]", async () => {
    for (const bytes of [Buffer.alloc(9500), Buffer.from("short")]) {
      writeFileSync(rig.filePath, bytes)
      await refused("target_exists")
      expect(Buffer.compare(readFileSync(rig.filePath), bytes)).toBe(0)
    }
  })

  it("the unfinished download of another document [hostile 7]", async () => {
    const bytes = randomBytes(5000)
    const other = await rig.download(torrentOf(bytes))
    await other.put(0, bytes.subarray(0, RIG_PART_BYTES))
    await other.close()
    const before = readFileSync(rig.partPath)
    await refused("target_exists")
    expect(Buffer.compare(readFileSync(rig.partPath), before)).toBe(0)
  })

  it("a target that another download has [hostile 7, 16]", async () => {
    await rig.download()
    await refused("in_use")
  })

  it("a folder that is not there [hostile 18]", async () => {
    const downloading = rig.download(rig.torrent, join("no", "file.bin"))
    await expect(downloading).rejects.toMatchObject({ name: "CommandError", code: "no_such_folder" })
  })

  it("to take the place of a file that appeared meanwhile [hostile 7]", async () => {
    const store = await rig.download()
    await rig.putAll(store)
    writeFileSync(rig.filePath, "mine")
    await expect(store.complete()).rejects.toMatchObject({ code: "target_exists" })
    expect(readFileSync(rig.filePath, "utf8")).toBe("mine")
    rmSync(rig.filePath)
    await store.complete()
    expect(Buffer.compare(readFileSync(rig.filePath), rig.content)).toBe(0)
  })
})
