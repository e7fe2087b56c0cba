import { execFileSync } from "node:child_process"
import { statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { beforeEach, describe, expect, it } from "vitest"
import { inTemporaryFolder } from "../../core/testing/temporary-folder.js"
import { appendToOwnFile, readOwnFile, writeOwnFile } from "./own-file.js"

let folder: string
let path: string

inTemporaryFolder((root) => {
  folder = root
})
beforeEach(() => {
  path = join(folder, "kept")
})

describe("a small file of the state folder", () => {
  it("has what was written and appended, and is for its user alone", () => {
    writeOwnFile(path, "a longer text")
    writeOwnFile(path, "ä\n")
    appendToOwnFile(path, "b\n")
    expect(readOwnFile(path)).toBe("ä\nb\n")
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it("is read up to its bound in bytes", () => {
    writeFileSync(path, "äö")
    expect([readOwnFile(path, 4), readOwnFile(path, 3)]).toEqual(["äö", undefined])
  })

  it.each(["writeOwnFile", "appendToOwnFile"] as const)("is not waited for where it is a fifo: %s", (name) => {
    execFileSync("mkfifo", [path])
    const write = { writeOwnFile, appendToOwnFile }[name]
    write(path, "text")
    expect(readOwnFile(path)).toBeUndefined()
    expect(statSync(path).isFIFO()).toBe(true)
  })

  it("costs nothing where the folder is missing", () => {
    const nowhere = join(folder, "absent", "kept")
    writeOwnFile(nowhere, "text")
    appendToOwnFile(nowhere, "text")
    expect(readOwnFile(nowhere)).toBeUndefined()
  })
})
