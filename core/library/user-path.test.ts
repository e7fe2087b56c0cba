import { homedir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { CommandError } from "../base/errors.js"
import { resolveFilePath, resolveUserPath } from "./user-path.js"

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
