import { execFileSync } from "node:child_process"
import { chmodSync, linkSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { StoreRig } from "../testing/store-rig.js"

let rig: StoreRig

beforeEach(() => {
  rig = new StoreRig()
})

afterEach(() => rig.close())

const PARTS = [0, 3, 4, 5, 9]

/** Opens the download again: what it believes at once, and once all that was claimed has been hashed. */
async function openAgain() {
  const store = await rig.download()
  const believed = store.have.count
  const doubtful = [...store.doubtful]
  await store.checkDoubtful()
  return { store, believed, doubtful, good: PARTS.filter((index) => store.have.has(index)) }
}

describe("an unfinished file that changed while the client was stopped", () => {
  it.each([
    ["was edited", () => edit((bytes) => bytes.fill(1, 4_500, 4_564)), [0, 3, 5, 9]],
    ["was edited, and its time of writing put back", editInSecret, [0, 3, 5, 9]],
    ["was cut and grew again", () => cutAndGrow(4_000), [0, 3]],
    ["was cut", () => truncateSync(rig.partPath, 4_000), [0, 3]],
    ["was deleted, and an older copy is there", restoreOlder, [3, 4, 5, 9]],
  ])("is not believed when it %s [A4]", async (_, change, good) => {
    await rig.stored(...PARTS)
    change()
    const again = await openAgain()
    expect(again).toMatchObject({ believed: 0, doubtful: PARTS, good })
    await rig.finish(again.store)
  })

  it("is hashed after kill -9 as well, and what was recorded is not fetched again [A4]", async () => {
    await rig.stored(0, 3, 4)
    const store = await rig.download()
    for (const index of [5, 9]) await store.put(index, rig.part(index))
    await rig.kill(store)
    cutAndGrow(5_000)
    expect(await openAgain()).toMatchObject({ believed: 0, doubtful: PARTS, good: [0, 3, 4] })
  })

  it("stays unverified when the client is stopped before all of it was hashed [A4]", async () => {
    await rig.stored(...PARTS)
    edit((bytes) => bytes.fill(1, 4_500, 4_564))
    await (await rig.download()).close()
    expect(await openAgain()).toMatchObject({ believed: 0, doubtful: PARTS, good: [0, 3, 5, 9] })
  })

  it("is hashed when only its links or its mode changed, which looks the same [A4]", async () => {
    await rig.stored(...PARTS)
    chmodSync(rig.partPath, 0o640)
    linkSync(rig.partPath, rig.path("backup"))
    expect(await openAgain()).toMatchObject({ believed: 0, good: PARTS })
  })
})

describe("an unfinished file without other writers", () => {
  it("is believed without hashing after an orderly stop, again and again [A4]", async () => {
    await rig.stored(...PARTS)
    for (let start = 0; start < 3; start++) {
      const { store, believed, doubtful } = await openAgain()
      expect({ believed, doubtful }).toEqual({ believed: 5, doubtful: [] })
      await store.close()
    }
  })

  it("is believed after kill -9 when nothing was stored since the last checkpoint [A4]", async () => {
    await rig.stored(...PARTS)
    await rig.kill(await rig.download())
    expect(await openAgain()).toMatchObject({ believed: 5, doubtful: [] })
  })

  it("is believed after a stop that followed a write to a full disk [A4]", async () => {
    await rig.stored(...PARTS)
    const store = await rig.download()
    expect(await store.put(1, rig.part(2))).toBe("mismatch")
    await store.close()
    expect(await openAgain()).toMatchObject({ believed: 5, doubtful: [] })
  })
})

function edit(change: (bytes: Buffer) => Buffer): void {
  writeFileSync(rig.partPath, change(readFileSync(rig.partPath)), { flag: "r+" })
}

function editInSecret(): void {
  const { atime, mtime } = statSync(rig.partPath)
  edit((bytes) => bytes.fill(1, 4_500, 4_564))
  utimesSync(rig.partPath, atime, mtime)
}

function cutAndGrow(sizeBytes: number): void {
  truncateSync(rig.partPath, sizeBytes)
  truncateSync(rig.partPath, rig.content.length)
}

/** On ext4 the copy often gets the inode number of the file that was deleted. */
function restoreOlder(): void {
  const older = rig.path("older")
  writeFileSync(older, readFileSync(rig.partPath).fill(0, 0, 1_000))
  execFileSync("touch", ["-r", rig.partPath, older])
  rmSync(rig.partPath)
  execFileSync("cp", ["-a", older, rig.partPath])
}
