import { chmodSync, mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { compiledCodeFolder } from "./compiled-code.js"

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "p2p-tui-compiled-"))
  vi.stubEnv("HOME", folder)
})

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

it("is the user's own cache", () => {
  expect(compiledCodeFolder({})).toBe(join(folder, ".cache", "p2p-tui"))
  expect(compiledCodeFolder({ XDG_CACHE_HOME: folder })).toBe(join(folder, "p2p-tui"))
})

it("can be written by no other user", () => {
  const own = compiledCodeFolder({}) ?? ""
  expect(statSync(own).mode & 0o777).toBe(0o700)
  chmodSync(own, 0o770)
  expect(compiledCodeFolder({})).toBeUndefined()
})

it.each(["", "relative"])("does not look into XDG_CACHE_HOME=%j, which is none", (given) => {
  expect(compiledCodeFolder({ XDG_CACHE_HOME: given })).toBe(join(folder, ".cache", "p2p-tui"))
})

it("is none where another user owns the home folder, or there is none", () => {
  vi.spyOn(process, "getuid").mockReturnValue(54_321)
  expect(compiledCodeFolder({})).toBeUndefined()
  expect(compiledCodeFolder({ XDG_CACHE_HOME: folder })).toBeUndefined()
  vi.restoreAllMocks()
  vi.stubEnv("HOME", join(folder, "absent"))
  expect(compiledCodeFolder({})).toBeUndefined()
})
