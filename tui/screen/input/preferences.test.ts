import { execFileSync } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { openPreferences } from "./preferences.js"

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "p2p-tui-preferences-"))
})
afterEach(() => rm(folder, { recursive: true }))

describe("how the screen is wanted", () => {
  it("is remembered for the next run", () => {
    const sort = { column: "size", descending: true } as const
    expect(openPreferences(folder).kept).toEqual({})
    openPreferences(folder).keep({ sort })
    expect(openPreferences(folder).kept).toEqual({ sort })
  })

  it.each([
    ["no JSON", "{"],
    ["another thing", "[1]"],
    ["a later version's", '{"sort": {"column": "colour"}}'],
  ])("begins anew with a file that is %s", async (_, text) => {
    await writeFile(join(folder, "screen.json"), text)
    expect(openPreferences(folder).kept.sort).toBeUndefined()
  })

  it("begins anew where the file is a fifo", () => {
    execFileSync("mkfifo", [join(folder, "screen.json")])
    openPreferences(folder).keep({ mouse: true })
    expect(openPreferences(folder).kept).toEqual({})
  })

  it("is forgotten on a disk that takes nothing, without an error", () => {
    openPreferences(join(folder, "none")).keep({ sort: { column: "name", descending: false } })
    expect(openPreferences(join(folder, "none")).kept).toEqual({})
  })
})
