import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { beforeEach, describe, expect, it } from "vitest"
import { filesBelow } from "../testing/files-below.js"
import { inTemporaryFolder } from "../testing/temporary-folder.js"
import { FolderLayout } from "../torrent/folder-layout.js"
import { deleteEmptyFolders, deleteFiles, entriesOf, foldersOf } from "./folder-files.js"

const layoutOf = (...paths: readonly string[]) =>
  FolderLayout.of(
    paths.map((path) => ({ path, sizeBytes: 1, isPadding: path.startsWith(".pad/"), isExecutable: false })),
  )

describe("the folders of a document", () => {
  it("are named once each, the deepest first, whatever the order of its files", async () => {
    const layout = layoutOf("b/c/d/1", "a", ".pad/7", "b/2", "b/c/d/3", "b/4", "e/5")
    expect(await foldersOf(layout)).toEqual(["b/c/d", "b/c", "b", "e", "."])
  })

  it("and its files are looked for in steps", async () => {
    const layout = layoutOf(...Array.from({ length: 40_000 }, (_, index) => `f${index % 7}/${index}`))
    let hasTurned = false
    setImmediate(() => {
      hasTurned = true
    })
    const odd = await entriesOf(layout, (index) => index % 2 === 1)
    expect(hasTurned).toBe(true)
    expect(odd).toHaveLength(20_000)
    expect(odd.at(-1)).toBe(39_999)
    expect(await foldersOf(layout)).toHaveLength(8)
  })
})

describe("the deletion of a document's files", () => {
  let root = ""
  inTemporaryFolder((folder) => {
    root = join(folder, "root")
  })

  beforeEach(() => {
    mkdirSync(join(root, "a", "deep"), { recursive: true })
    for (const file of ["top", "a/1", "a/deep/2", "a/other"]) writeFileSync(join(root, file), "x")
  })

  it("leaves other files and their folders", async () => {
    const layout = layoutOf("a/deep/2", "gone/3", "top", "a/1", "a/deep/gone/4", "top/5")
    await deleteFiles(root, layout)
    await deleteEmptyFolders(root, layout)
    expect(filesBelow(root)).toEqual(["a/other"])
    expect(existsSync(join(root, "a", "deep"))).toBe(false)
  })

  it("follows no link in the place of a folder", async () => {
    symlinkSync(join(root, "a"), join(root, "link"))
    await deleteFiles(root, layoutOf("link/1", "top"))
    expect(existsSync(join(root, "a", "1"))).toBe(true)
    expect(existsSync(join(root, "top"))).toBe(false)
  })
})
