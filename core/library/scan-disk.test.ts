import type { FileHandle } from "node:fs/promises"
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { beforeEach, describe, expect, it, vi } from "vitest"
import { writeTorrentFile } from "../store/torrent-on-disk.js"
import { inTemporaryFolder } from "../testing/temporary-folder.js"
import { scanService } from "./scan-service.js"

/** What the disk was asked, which file can't be read, and how slow the disk is. */
const disk = vi.hoisted(() => ({
  stats: 0,
  opened: 0,
  mostOpen: 0,
  unreadable: "none",
  nowMs: 0,
  msPerFile: 0,
  isBusyProcessor: false,
}))

vi.mock("../base/clock.js", () => ({ systemClock: { now: () => disk.nowMs } }))

// Each file that takes time is waited for.
vi.mock("../base/process-waits.js", () => ({ processWaits: () => 1 + (disk.isBusyProcessor ? 0 : disk.nowMs) }))

vi.mock("node:fs", async (original) => {
  const real = await original<typeof import("node:fs")>()
  const openSync = (path: string, flags: number) => {
    disk.nowMs += disk.msPerFile
    if (path.endsWith(disk.unreadable)) throw Object.assign(new Error("EIO"), { code: "EIO" })
    return real.openSync(path, flags)
  }
  return { ...real, openSync }
})

vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>()
  const stat = (path: string) => {
    disk.stats++
    return real.stat(path)
  }
  const open = async (path: string, flags: number) => {
    disk.mostOpen = Math.max(disk.mostOpen, ++disk.opened)
    if (path.endsWith(disk.unreadable)) throw Object.assign(new Error("EIO"), { code: "EIO" })
    const handle: FileHandle = await real.open(path, flags)
    const close = handle.close.bind(handle)
    handle.close = async () => {
      disk.opened--
      await close()
    }
    return handle
  }
  return { ...real, stat, open }
})

let folder: string

inTemporaryFolder((path) => {
  folder = path
})

beforeEach(async () => {
  Object.assign(disk, { stats: 0, opened: 0, mostOpen: 0, unreadable: "none", msPerFile: 0, isBusyProcessor: false })
})

async function torrentAt(name: string, sizeBytes: number): Promise<void> {
  const hash = `00000000-0000-4000-8000-${String(sizeBytes).padStart(12, "0")}`
  const torrent = { hash, sizeBytes, partSizeBytes: 262_144, partDigests: new Uint8Array(20) }
  await writeTorrentFile(join(folder, name), { ...torrent, name: undefined, secret: undefined })
}

it("looks at each file once, however many torrent files there are [E15]", async () => {
  await mkdir(join(folder, "files"))
  const files = Array.from({ length: 60 }, (_, index) => join(folder, "files", `${index}.bin`))
  for (const [index, path] of files.entries()) await writeFile(path, new Uint8Array(index + 1))
  for (let size = 1; size <= 30; size++) await torrentAt(`${size}.json`, size)
  const found = await scanService(folder, new Set(), () => undefined)
  expect(found).toHaveLength(30)
  expect(disk.stats).toBeLessThanOrEqual(60 + 30)
})

describe("many unrelated files", () => {
  beforeEach(async () => {
    for (let index = 0; index < 200; index++) await writeFile(join(folder, `${index}.json`), "{}")
    await writeFile(join(folder, "whole.bin"), new Uint8Array(7))
    await torrentAt("z.json", 7)
  })

  const found = async () => (await scanService(folder, new Set(), () => undefined)).map(({ filePath }) => filePath)

  it("are looked at in place on a quick disk: one open file at a time [E15]", async () => {
    expect(await found()).toEqual([join(folder, "whole.bin")])
    expect(disk.mostOpen).toBe(1)
  })

  it("are looked at side by side on a slow one, few at once [E15]", async () => {
    disk.msPerFile = 1
    expect(await found()).toEqual([join(folder, "whole.bin")])
    expect(disk.mostOpen).toBeGreaterThan(1)
    expect(disk.mostOpen).toBeLessThanOrEqual(32)
  })

  it("are looked at in place where it is the processor that is slow [E15]", async () => {
    Object.assign(disk, { msPerFile: 1, isBusyProcessor: true })
    expect(await found()).toEqual([join(folder, "whole.bin")])
    expect(disk.mostOpen).toBeLessThanOrEqual(1)
  })

  it.each([0, 1])(
    "does not keep a client from starting when it is unreadable (a file in %i ms) [B11]",
    async (msPerFile) => {
      Object.assign(disk, { msPerFile, unreadable: "5.json" })
      expect(await found()).toEqual([join(folder, "whole.bin")])
    },
  )
})
