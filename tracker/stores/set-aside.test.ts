import { readdir, readFile, rename, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { beforeEach, expect, it } from "vitest"
import { inTemporaryFolder } from "../../core/testing/temporary-folder.js"
import { setAside } from "./set-aside.js"

let folder: string
let path: string
inTemporaryFolder((path) => {
  folder = path
})

beforeEach(async () => {
  path = join(folder, "tracker-1.lmdb")
})
it("a damaged store takes the place of no other that was set aside, in the same moment either [S3]", async () => {
  const texts: string[] = []
  for (const text of ["first", "second", "third"]) {
    await writeFile(path, text)
    const aside = await setAside(path, await stat(path), new Date(0))
    texts.push(await readFile(aside ?? "", "utf8"))
  }
  expect(texts).toEqual(["first", "second", "third"])
  expect(await readdir(folder)).toHaveLength(3)
})

it("a sound store that another process has begun in its place stays [S3]", async () => {
  await writeFile(path, "damaged")
  const seen = await stat(path)
  await writeFile(`${path}.new`, "sound")
  await rename(`${path}.new`, path)
  expect(await setAside(path, seen)).toBeUndefined()
  expect(await readdir(folder)).toEqual(["tracker-1.lmdb"])
  expect(await readFile(path, "utf8")).toBe("sound")
})
