import { copyFileSync, readFileSync, renameSync, utimesSync, writeFileSync } from "node:fs"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { StoreRig } from "../testing/store-rig.js"
import type { DocumentStore } from "./document-store.js"
import type { FileIdentity } from "./file-identity.js"
import { openSeed } from "./open-seed.js"

let rig: StoreRig
/** What a client would remember. */
let remembered: FileIdentity[]

beforeEach(() => {
  rig = new StoreRig()
  remembered = []
  writeFileSync(rig.filePath, rig.content)
})

afterEach(() => rig.close())

const seed = () => rig.seed((identity) => remembered.push(identity))

/** A second went by, so that the file is looked at again. */
async function readLater(store: DocumentStore, partIndex: number): Promise<Buffer> {
  rig.clock.advance(1_000)
  return rig.bytesOf(store, partIndex)
}

/** Another inode with the same bytes: what a file system without lasting numbers shows, or a restored backup. */
function moveInode(): void {
  copyFileSync(rig.filePath, rig.path("copy"))
  renameSync(rig.path("copy"), rig.filePath)
}

describe("a shared file that looks like another one and has its old size", () => {
  it.each([
    ["its inode number changed", moveInode],
    ["it was touched", () => utimesSync(rig.filePath, 1, 1)],
  ])("is served on, and hashed again in the background: %s [A10]", async (_, change) => {
    const store = await seed()
    for (let round = 1; round <= 3; round++) {
      change()
      if (round > 1) utimesSync(rig.filePath, round, round)
      expect((await readLater(store, 7)).equals(rig.part(7))).toBe(true)
      await expect.poll(() => remembered.length).toBe(round)
      expect(store.identity).toEqual(remembered.at(-1))
    }
    await store.close()
    const again = await openSeed({
      disk: rig.disk,
      torrent: rig.torrent,
      filePath: rig.filePath,
      remembered: remembered.at(-1),
      onProgress: () => expect.unreachable("it was hashed although it is as it was remembered"),
    })
    await again.close()
  })

  it("is not served any more once a part has changed, for any request [A10]", async () => {
    const store = await seed()
    writeFileSync(rig.filePath, readFileSync(rig.filePath).fill(0, 3_100, 3_200))
    utimesSync(rig.filePath, 1, 1)
    rig.clock.advance(1_000)
    await expect(rig.bytesOf(store, 3)).rejects.toMatchObject({ name: "StoreError", code: "file_changed" })
    await expect(rig.bytesOf(store, 7)).rejects.toMatchObject({ code: "file_changed" })
    expect(remembered).toEqual([])
  })

  it("never serves from memory what was read before it changed [A10]", async () => {
    const store = await seed()
    await rig.bytesOf(store, 3)
    writeFileSync(rig.filePath, readFileSync(rig.filePath).fill(0, 3_100, 3_200))
    utimesSync(rig.filePath, 1, 1)
    rig.clock.advance(1_000)
    await expect(rig.bytesOf(store, 3)).rejects.toMatchObject({ code: "file_changed" })
  })

  it("that never rests is served no more [A10]", async () => {
    const store = await seed()
    const changing = async () => {
      for (let second = 1; ; second++) {
        utimesSync(rig.filePath, second, second)
        rig.clock.advance(1_000)
        await store.requireUnchanged()
      }
    }
    await expect(changing()).rejects.toMatchObject({
      code: "file_changed",
      message: expect.stringContaining("again and again"),
    })
  })

  it("may be closed while it is hashed [A10]", async () => {
    const store = await seed()
    moveInode()
    await readLater(store, 0)
    await store.close()
    expect(rig.disk.files.openCount).toBe(0)
  })
})
