import { stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { inTemporaryFolder } from "../testing/temporary-folder.js"
import { makeFolder } from "./make-folder.js"

let root: string

inTemporaryFolder((path) => {
  root = path
})

describe("makeFolder", () => {
  it("makes a folder and those above it with the mode that is asked for", async () => {
    await makeFolder(join(root, "a", "b", "c"), 0o700)
    for (const names of [["a"], ["a", "b"], ["a", "b", "c"]])
      expect((await stat(join(root, ...names))).mode & 0o777).toBe(0o700)
  })

  it("takes a folder that is there", async () => {
    await expect(makeFolder(root)).resolves.toBeUndefined()
  })

  it("two may make the same one at a time", async () => {
    const path = join(root, "x", "y")
    await expect(Promise.all([makeFolder(path), makeFolder(path)])).resolves.toHaveLength(2)
  })

  it("refuses to go through a file, or to stand in its place", async () => {
    const file = join(root, "file")
    await writeFile(file, "")
    await expect(makeFolder(file)).rejects.toThrow("EEXIST")
    await expect(makeFolder(join(file, "below"))).rejects.toThrow("ENOTDIR")
  })

  it("ends where a file system takes no names", async () => {
    await expect(makeFolder("/proc/p2p-tui/data")).rejects.toThrow(/ENOENT|EACCES|EROFS/)
  })
})
