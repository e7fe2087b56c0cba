import { execFileSync } from "node:child_process"
import { readFile, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { inTemporaryFolder } from "../../../core/testing/temporary-folder.js"
import { openCommandHistory } from "./command-history.js"

let folder: string

inTemporaryFolder((path) => {
  folder = path
})

describe("the history of commands", () => {
  it("is there in the next run, oldest first", () => {
    const first = openCommandHistory(folder)
    expect(first.lines).toEqual([])
    first.remember("upload a b")
    first.remember("list")
    expect(openCommandHistory(folder).lines).toEqual(["upload a b", "list"])
  })

  it("is for its user's eyes only", async () => {
    openCommandHistory(folder).remember("list")
    expect((await stat(join(folder, "history"))).mode & 0o777).toBe(0o600)
  })

  it("reads back the latest 500 lines, and the file stays bounded", async () => {
    const lines = Array.from({ length: 3_000 }, (_, number) => `line ${number}`)
    await writeFile(join(folder, "history"), `${lines.join("\n")}\n`)
    const { lines: read } = openCommandHistory(folder)
    expect(read).toHaveLength(500)
    expect(read.at(-1)).toBe("line 2999")
    expect((await readFile(join(folder, "history"), "utf8")).split("\n")).toHaveLength(501)
  })

  it("is empty where the file is a fifo", () => {
    execFileSync("mkfifo", [join(folder, "history")])
    openCommandHistory(folder).remember("list")
    expect(openCommandHistory(folder).lines).toEqual([])
  })

  it("costs nothing but the line when it can't be kept", () => {
    const history = openCommandHistory(join(folder, "no such folder"))
    expect(() => history.remember("list")).not.toThrow()
  })
})
