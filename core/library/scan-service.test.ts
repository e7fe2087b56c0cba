import { mkdir, rm, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { beforeEach, describe, expect, it } from "vitest"
import type { ClientEvent } from "../api/events.js"
import { writeTorrentFile } from "../store/torrent-on-disk.js"
import { inTemporaryFolder } from "../testing/temporary-folder.js"
import { scanService } from "./scan-service.js"

let folder: string
let events: ClientEvent[]
let ids = 0

inTemporaryFolder((path) => {
  folder = path
})

beforeEach(async () => {
  events = []
})

/** A torrent file for one part of `sizeBytes`; its digest does not matter here. */
async function torrentAt(path: string, sizeBytes: number, name?: string): Promise<string> {
  const whole = join(folder, path)
  await writeTorrentFile(whole, {
    hash: `00000000-0000-4000-8000-${String(ids++).padStart(12, "0")}`,
    sizeBytes,
    partSizeBytes: 262_144,
    partDigests: new Uint8Array(20),
    name,
    secret: undefined,
  })
  return whole
}

async function fileAt(path: string, sizeBytes: number): Promise<string> {
  const whole = join(folder, path)
  await writeFile(whole, new Uint8Array(sizeBytes))
  return whole
}

async function pairs(skip: ReadonlySet<string> = new Set()): Promise<[string, string][]> {
  const found = await scanService(folder, skip, (event) => events.push(event))
  return found.map(({ torrentPath, filePath }) => [torrentPath, filePath])
}

describe("scanService", () => {
  it("finds a document by the name in its torrent file", async () => {
    await fileAt("other.bin", 10)
    const file = await fileAt("a.iso", 10)
    const torrent = await torrentAt("renamed.json", 10, "a.iso")
    expect(await pairs()).toEqual([[torrent, file]])
  })

  it("finds a document by its torrent file's own name", async () => {
    await fileAt("other.bin", 10)
    const file = await fileAt("a.iso", 10)
    const torrent = await torrentAt("a.iso.torrent.json", 10)
    expect(await pairs()).toEqual([[torrent, file]])
  })

  it("finds a document by its size when only one file has it", async () => {
    const file = await fileAt("whatever.bin", 11)
    await fileAt("other.bin", 10)
    const torrent = await torrentAt("old.json", 11)
    expect(await pairs()).toEqual([[torrent, file]])
  })

  it("does not guess between files of the same size", async () => {
    await fileAt("one.bin", 11)
    await fileAt("two.bin", 11)
    await torrentAt("old.json", 11)
    expect(await pairs()).toEqual([])
  })

  it("leaves out a torrent whose document is not there, or of another size", async () => {
    await fileAt("a.iso", 9)
    await torrentAt("a.iso.torrent.json", 10, "a.iso")
    expect(await pairs()).toEqual([])
    expect(events).toEqual([])
  })

  it("leaves out what is known already", async () => {
    await fileAt("a.iso", 10)
    const torrent = await torrentAt("a.iso.torrent.json", 10)
    expect(await pairs(new Set([torrent]))).toEqual([])
  })

  it("looks into folders, a few deep, and not into hidden ones", async () => {
    await mkdir(join(folder, "1/2/3/4/5"), { recursive: true })
    await mkdir(join(folder, ".hidden"))
    for (const where of ["1/2/3", "1/2/3/4/5", ".hidden"]) {
      await fileAt(`${where}/a.iso`, 10)
      await torrentAt(`${where}/a.iso.torrent.json`, 10)
    }
    expect((await pairs()).map(([torrent]) => torrent)).toEqual([join(folder, "1/2/3/a.iso.torrent.json")])
  })

  it("does not take an unfinished download for a document", async () => {
    await fileAt("a.iso.part", 10)
    await torrentAt("a.iso.torrent.json", 10)
    expect(await pairs()).toEqual([])
  })

  it("follows no links", async () => {
    const file = await fileAt("real.bin", 10)
    await symlink(file, join(folder, "a.iso"))
    await rm(file)
    await torrentAt("a.iso.torrent.json", 10)
    expect(await pairs()).toEqual([])
  })

  it("says which torrent file is damaged, and leaves other JSON alone without a word", async () => {
    await writeFile(join(folder, "bad.json"), '{"FileInfo":{"Size":-1}}')
    await writeFile(join(folder, "package.json"), '{"name":"x"}')
    await fileAt("a.iso", 10)
    const torrent = await torrentAt("a.iso.torrent.json", 10)
    expect((await pairs()).map(([path]) => path)).toEqual([torrent])
    expect(events.map(({ name }) => name)).toEqual(["torrent_skipped"])
    expect(events[0]?.message).toContain("bad.json")
  })

  it("finds nothing in a folder that is not there", async () => {
    expect(await scanService(join(folder, "gone"), new Set(), () => undefined)).toEqual([])
  })
})
