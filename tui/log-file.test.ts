import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { Journal } from "./journal.js"
import { type LogFile, openLogFile } from "./log-file.js"

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "p2p-log-"))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function linesOf(log: LogFile): Promise<readonly Record<string, unknown>[]> {
  const text = await readFile(log.path, "utf8")
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

const open = (level: "info" | "warn"): Promise<LogFile> =>
  openLogFile(folder, level, (error) => {
    throw error
  })

describe("the log file", () => {
  it("has document, peer and facts in every line that concerns them", async () => {
    const log = await open("info")
    const journal = new Journal(() => 0)
    journal.add({ level: "debug", name: "noise", message: "not at this level" })
    journal.add({
      level: "warn",
      name: "part_failed",
      message: "part 9 failed its check",
      document: { id: "uuid", name: "a.iso" },
      peer: "10.0.0.4:7001",
      facts: { part: 9 },
    })
    journal.subscribe(log.write)
    await log.close()
    expect(await linesOf(log)).toEqual([
      {
        level: "warn",
        time: "1970-01-01T00:00:00.000Z",
        event: "part_failed",
        document: "uuid",
        name: "a.iso",
        peer: "10.0.0.4:7001",
        part: 9,
        msg: "part 9 failed its check",
      },
    ])
  })

  it("keeps a crash at any level, at once, and may be closed twice", async () => {
    const log = await open("warn")
    log.writeCrash(new Error("a bug"))
    expect((await linesOf(log))[0]).toMatchObject({ level: "fatal", event: "crash" })
    await log.close()
    await log.close()
  })
})
