import { readdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, it, vi } from "vitest"
import { inTemporaryFolder } from "../testing/temporary-folder.js"
import { copyFilesInto } from "./copy-files.js"

let folder: string

vi.mock("node:fs", async (importOriginal) => {
  const fs = await importOriginal<typeof import("node:fs")>()
  const writeFileSync: typeof fs.writeFileSync = (path, data, options) => {
    fs.writeFileSync(path, String(data).slice(0, 3), options)
    throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" })
  }
  return { ...fs, writeFileSync }
})

inTemporaryFolder((path) => {
  folder = path
})

it("a copy for which the disk has no room leaves no draft, and says why", async () => {
  const copy = { from: join(folder, "from"), to: join(folder, "to") }
  await writeFile(copy.from, "a torrent file")
  const failures = await copyFilesInto(folder, [copy], { mode: 0o600 })
  expect(failures.get(copy)).toMatchObject({ code: "ENOSPC" })
  expect(await readdir(folder)).toEqual(["from"])
})
