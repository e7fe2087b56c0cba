import { afterEach, beforeEach, expect, it } from "vitest"
import { filesBelow } from "../testing/files-below.js"
import { all, FolderRig, faultOf, folderTorrent, putParts, selected } from "../testing/folder-document.js"

let rig: FolderRig

beforeEach(() => {
  rig = new FolderRig()
})
afterEach(() => rig.close())

it("a finished folder gets its empty files once all are wanted, when nothing else is missing", async () => {
  const store = await rig.download(folderTorrent, selected("bin/run", "data/large", "data/small", "last"))
  await putParts(store, ...all)
  await store.complete()
  await store.close()
  expect(filesBelow(rig.target)).not.toContain("empty")
  const next = await rig.download()
  expect(next.isComplete).toBe(true)
  await next.complete()
  expect(faultOf(rig.target)).toBeUndefined()
})
