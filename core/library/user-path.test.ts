import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { homedir, tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { describe, expect, it } from "vitest"
import { CommandError } from "../base/errors.js"
import { resolveFilePath, resolveSourcePath, resolveUserPath } from "./user-path.js"

describe("resolveUserPath", () => {
  it.each([
    ["a.iso", "/srv/share/a.iso"],
    ["./sub/../a.iso", "/srv/share/a.iso"],
    ["../a.iso", "/srv/a.iso"],
    ["/tmp/a.iso", "/tmp/a.iso"],
    ["/tmp//x/../a.iso", "/tmp/a.iso"],
    ["~", homedir()],
    ["~/a.iso", join(homedir(), "a.iso")],
    ["~a.iso", "/srv/share/~a.iso"],
    ["with space.iso", "/srv/share/with space.iso"],
  ])("takes %s as %s", (typed, path) => {
    expect(resolveUserPath("/srv/share", typed)).toBe(path)
  })

  it.each(["sub/", "/tmp/sub/", "~/", "sub/.", "sub/..", "."])("does not take %s for a file [T4]", (typed) => {
    expect(() => resolveFilePath("/srv/share", typed)).toThrow(/names a folder/)
  })

  it.each(["", "a\0b"])("refuses %j", (typed) => {
    expect(() => resolveUserPath("/srv/share", typed)).toThrow(CommandError)
  })
})

describe("the path of what is to be shared", () => {
  it.each([["sub/"], ["sub"], ["."], ["sub/.."], ["./sub/."]])("may name a folder: %s", async (typed) => {
    const folder = mkdtempSync(join(tmpdir(), "source-"))
    mkdirSync(join(folder, "sub"))
    expect(await resolveSourcePath(folder, typed)).toBe(resolve(folder, typed))
    rmSync(folder, { recursive: true })
  })

  it("ends as a folder does only when it is one [T4]", async () => {
    const folder = mkdtempSync(join(tmpdir(), "source-"))
    writeFileSync(join(folder, "file"), "")
    await expect(resolveSourcePath(folder, "file/")).rejects.toMatchObject({ code: "not_a_file" })
    await expect(resolveSourcePath(folder, "missing/")).rejects.toMatchObject({ code: "not_a_file" })
    expect(await resolveSourcePath(folder, "missing")).toBe(join(folder, "missing"))
    rmSync(folder, { recursive: true })
  })
})
