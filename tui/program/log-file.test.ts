import { readFile, stat } from "node:fs/promises"
import { join } from "node:path"
import { beforeEach, describe, expect, it, vi } from "vitest"
import { inTemporaryFolder } from "../../core/testing/temporary-folder.js"
import { untilSo } from "../../core/testing/until-so.js"
import { Journal } from "../commands/journal.js"
import { type LogFile, openLogFile } from "./log-file.js"

const disk = vi.hoisted(() => ({ isFull: false, refusedCount: 0 }))
vi.mock("rotating-file-stream", async (importOriginal) => {
  const real = await importOriginal<typeof import("rotating-file-stream")>()
  const createStream: typeof real.createStream = (...given) => {
    const stream = real.createStream(...given)
    const write = stream._writev.bind(stream)
    stream._write = (chunk, encoding, done) => stream._writev([{ chunk, encoding }], done)
    stream._writev = (chunks, done) => {
      if (!disk.isFull) return write(chunks, done)
      disk.refusedCount++
      done(Object.assign(new Error("no space left"), { code: "ENOSPC" }))
    }
    return stream
  }
  return { ...real, createStream }
})

let folder: string

inTemporaryFolder((path) => {
  folder = path
})

beforeEach(async () => {
  disk.isFull = false
  disk.refusedCount = 0
})
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

/** A log on a fake clock, the errors it reported, and a function that writes to it. */
async function openWatched() {
  const reported: string[] = []
  let nowMs = 0
  const log = await openLogFile(
    folder,
    "info",
    (error) => reported.push(error.message),
    () => nowMs,
  )
  const journal = new Journal(() => 0)
  journal.subscribe(log.write)
  return {
    log,
    reported,
    say: (message: string) => journal.add({ level: "info", name: "said", message }),
    pass: (ms: number) => {
      nowMs += ms
    },
  }
}

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
      facts: { part: 9, earlierParts: 1, status: undefined },
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
        ...{ part: 9, earlier_parts: 1, status: null },
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

  it("writes again when a full disk has room, says how much it lost, and reports the failure once [S5]", async () => {
    const { log, reported, say, pass } = await openWatched()
    const settled = () => new Promise((resolve) => setImmediate(resolve))
    disk.isFull = true
    for (const [index, message] of ["first", "second"].entries()) {
      say(message)
      await untilSo(() => disk.refusedCount === index + 1)
      await settled()
      pass(10_000)
    }
    disk.isFull = false
    pass(4_000)
    say("third")
    await untilSo(async () => (await readFile(log.path, "utf8")).includes("log_resumed"))
    say("fourth")
    await log.close()
    expect(reported).toEqual(["no space left"])
    const lines = await linesOf(log)
    expect(lines.map(({ msg }) => msg)).toEqual(["third", "2 lines were lost: the disk did not take them", "fourth"])
  })

  it("takes the end of the program while a line is under way to a disk that has room again [S5]", async () => {
    const { log, reported, say, pass } = await openWatched()
    disk.isFull = true
    say("lost")
    await untilSo(() => reported.length === 1)
    disk.isFull = false
    pass(10_000)
    say("kept")
    await log.close()
    say("after the end")
    // A stream that was opened again would put the line here.
    await log.close()
    expect((await linesOf(log)).map(({ msg }) => msg)).toEqual(["kept"])
    expect(reported).toEqual(["no space left"])
  })

  it("can be read by its user alone, like its folder [A14]", async () => {
    const log = await open("info")
    log.writeCrash(new Error("a bug"))
    await log.close()
    expect((await stat(log.path)).mode & 0o777).toBe(0o600)
    expect((await stat(join(folder, "log"))).mode & 0o777).toBe(0o700)
  })
})
