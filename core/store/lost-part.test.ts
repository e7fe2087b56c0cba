import { mkdirSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { StoreRig, torrentOf } from "../testing/store-rig.js"
import { downloadNames } from "./download-names.js"

let rig: StoreRig

beforeEach(() => {
  rig = new StoreRig()
})

afterEach(async () => {
  vi.useRealTimers()
  await rig.close()
})

/** Longer than a checkpoint is put off. */
const CHECKPOINT_MS = 2_000

describe("an unfinished file that is lost while the download runs", () => {
  it.each([
    ["taken away", () => rmSync(rig.partPath), /taken away/],
    ["replaced", replace, /replaced/],
    ["cut", () => truncateSync(rig.partPath, 10), /cut or grown/],
  ])("is noticed with the next checkpoint when it is %s, not at the end [E12]", async (_, lose, words) => {
    const store = await rig.download()
    await store.put(0, rig.part(0))
    lose()
    rig.clock.advance(CHECKPOINT_MS)
    // The checkpoint runs in the background; the next part reports its failure, here one whose digest differs.
    await expect
      .poll(() => store.put(1, new Uint8Array(rig.part(1).length)).catch((error: unknown) => error))
      .toMatchObject({
        name: "StoreError",
        code: "file_changed",
        message: expect.stringMatching(words),
      })
  })

  it("and whose target became a folder says so [E12]", async () => {
    mkdirSync(rig.filePath)
    await expect(rig.download()).rejects.toMatchObject({ code: "target_exists" })
  })
})

describe("a name of up to 255 bytes", () => {
  it.each([200, 211, 226, 240, 255])("can be fetched: %i bytes [E12]", async (length) => {
    const name = `${"é".repeat(Math.floor((length - 4) / 2))}${length % 2 === 0 ? "" : "x"}.iso`
    expect(Buffer.byteLength(name)).toBe(length)
    const store = await rig.download(rig.torrent, name)
    await store.put(0, rig.part(0))
    await store.close()
    const again = await rig.download(rig.torrent, name)
    expect(again.have.count).toBe(1)
    await rig.finish(again)
    expect(rig.names).toEqual([name])
  })

  it("has files of its own beside it, also where two begin alike [E12]", () => {
    const names = ["a", "b"].map((end) => downloadNames(rig.path("x".repeat(254) + end)))
    expect(names[0]?.part).not.toBe(names[1]?.part)
    expect(downloadNames("/srv/a.iso")).toEqual({
      part: "/srv/a.iso.part",
      record: "/srv/a.iso.part.resume",
      aside: "/srv/a.iso.part.aside",
      drafts: "/srv/a.iso.part.new",
      lock: "/srv/a.iso.part.lock",
    })
  })

  it("is refused in words when it is longer [E12]", async () => {
    await expect(rig.download(rig.torrent, "x".repeat(256))).rejects.toMatchObject({ code: "name_too_long" })
    expect(rig.names).toEqual([])
  })
})

describe("the file of a private document", () => {
  const modeOf = (path: string) => statSync(path).mode & 0o777

  it("grows readable by its owner alone, and is like any other file of its user when it has its name [A14]", async () => {
    const store = await rig.download({ ...rig.torrent, secret: new Uint8Array(32) })
    expect([rig.partPath, rig.recordPath].map(modeOf)).toEqual([0o600, 0o600])
    await rig.finish(store)
    expect(modeOf(rig.filePath)).toBe(0o666 & ~process.umask())
  })

  it("grows as the umask says when it is open [A14]", async () => {
    await rig.download(torrentOf(rig.content))
    expect(modeOf(rig.partPath)).toBe(0o666 & ~process.umask())
  })
})

describe("a store that is closed while it is read", () => {
  it("waits for its reads and opens nothing afterwards [B9]", async () => {
    const store = await rig.download()
    await store.put(0, rig.part(0))
    const reading = rig.bytesOf(store, 0)
    await store.close()
    expect((await reading).equals(rig.part(0))).toBe(true)
    expect(rig.disk.files.openCount).toBe(0)
    await expect(store.read(0, 0, 10)).rejects.toMatchObject({ code: "store_closed" })
  })

  it("closes its record, too [B9]", async () => {
    const store = await rig.download()
    await store.put(0, rig.part(0))
    expect(rig.disk.files.openCount).toBe(2)
    await store.close()
    expect(rig.disk.files.openCount).toBe(0)
  })
})

function replace(): void {
  renameSync(rig.partPath, rig.path("mine"))
  writeFileSync(rig.partPath, rig.content)
}
