import { copyFileSync, readdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { all, FolderRig, faultOf, putParts } from "../testing/folder-document.js"

let rig: FolderRig
beforeEach(() => {
  rig = new FolderRig()
})
afterEach(() => rig.close())

// Found by the trials of simulated-folder.test.ts, which hold the other cases.
describe("a download of a folder that was interrupted", () => {
  it("begins anew where its unfinished folder was deleted and the record was not [A17]", async () => {
    const first = await rig.download()
    await putParts(first, 0, 1)
    await first.close()
    rmSync(`${rig.target}.part`, { recursive: true })
    const store = await rig.download()
    expect([store.have.count, store.doubtful.length, store.recordProblem]).toEqual([0, 0, undefined])
    await putParts(store, ...all)
    await store.complete()
    expect(faultOf(rig.target)).toBeUndefined()
  })

  it("is complete where the folder has its name and an older record is back after a power failure [A17]", async () => {
    const store = await rig.download()
    await putParts(store, 0)
    const [record, kept] = [`${rig.target}.part.resume`, join(rig.base, "kept")]
    copyFileSync(record, kept)
    await putParts(store, ...all)
    await store.complete()
    await store.close()
    copyFileSync(kept, record)
    const next = await rig.download()
    expect([next.isGrowing, next.have.isFull]).toEqual([false, true])
    expect(readdirSync(rig.base).sort()).toEqual(["folder", "kept"])
  })
})
