import { readdirSync, readFileSync } from "node:fs"
import { stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { inTemporaryFolder } from "../testing/temporary-folder.js"
import { makeFolder } from "./make-folder.js"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))

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

  it("several may make the same one at a time", async () => {
    for (let round = 0; round < 50; round++) {
      const path = join(root, `${round}`, "x", "y")
      await expect(Promise.all(Array.from({ length: 8 }, () => makeFolder(path)))).resolves.toHaveLength(8)
    }
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

  it("is what every source makes folders with that may be missing", () => {
    const sources = ["core", "tracker", "tui"].flatMap((room) =>
      readdirSync(join(ROOT, room), { recursive: true, encoding: "utf8" }).map((name) => join(ROOT, room, name)),
    )
    const shipped = sources.filter((path) => path.endsWith(".ts") && !/\.test\.ts$|\/(testing|e2e)\//.test(path))
    expect(shipped.length).toBeGreaterThan(400)
    expect(shipped.filter((path) => /\bmkdir(Sync)?\(.*recursive/.test(readFileSync(path, "utf8")))).toEqual([])
  })
})
