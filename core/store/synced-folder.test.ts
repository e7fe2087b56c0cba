import { cpSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { FolderRig, part, putParts } from "../testing/folder-document.js"

let rig: FolderRig
beforeEach(() => {
  rig = new FolderRig()
})
afterEach(() => rig.close())

/** Resolves once a checkpoint has synced `file`. The clock moves on at every look: an earlier checkpoint may still run, and the next is planned at its end. */
async function checkpointOf(file: string): Promise<void> {
  const syncedLater = () => {
    rig.clock.advance(60_000)
    return rig.syncedFiles
  }
  await expect.poll(syncedLater).toContain(file)
}

describe("before the record claims a part of a folder as durable, its files are synced", () => {
  it("also when a sync ran beside its write", async () => {
    const store = await rig.download()
    let answer = (): void => undefined
    await putParts(store, 0)
    rig.writesAnswered = new Promise((resolve) => {
      answer = resolve
    })
    const written = store.put(5, part(5))
    await expect.poll(() => rig.writeCount).toBe(2)
    await checkpointOf("bin/run")
    rig.syncedFiles.length = 0
    answer()
    expect(await written).toBe("stored")
    await checkpointOf("last")
  })

  it("also when it was written by a process that was killed", async () => {
    const first = await rig.download()
    await putParts(first, 0, 5)
    const [kept, keptRecord] = [join(rig.base, "kept.part"), join(rig.base, "kept.resume")]
    cpSync(`${rig.target}.part`, kept, { recursive: true })
    cpSync(`${rig.target}.part.resume`, keptRecord)
    await first.discard()
    cpSync(kept, `${rig.target}.part`, { recursive: true })
    cpSync(keptRecord, `${rig.target}.part.resume`)
    const next = await rig.download()
    rig.syncedFiles.length = 0
    await next.checkDoubtful()
    expect(next.have.count).toBe(2)
    await checkpointOf("last")
    expect(rig.syncedFiles).toContain("bin/run")
  })
})
