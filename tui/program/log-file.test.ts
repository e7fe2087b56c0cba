import { readFile, stat } from "node:fs/promises"
import { join } from "node:path"
import { beforeEach, describe, expect, it, vi } from "vitest"
import { inTemporaryFolder } from "../../core/testing/temporary-folder.js"
import { untilSo } from "../../core/testing/until-so.js"
import { Journal } from "../commands/journal.js"
import { type LogFile, openLogFile } from "./log-file.js"

const ENDLESS = Number.POSITIVE_INFINITY
const disk = vi.hoisted(() => ({ roomForLines: 0, refusedCount: 0, closedCount: 0, closes: Promise.resolve() }))
vi.mock("rotating-file-stream", async (importOriginal) => {
  const real = await importOriginal<typeof import("rotating-file-stream")>()
  const createStream: typeof real.createStream = (...given) => {
    const stream = real.createStream(...given)
    const write = stream._writev.bind(stream)
    const destroy = stream._destroy.bind(stream)
    stream._destroy = (error, done) => void disk.closes.then(() => destroy(error, done))
    stream.once("close", () => disk.closedCount++)
    stream._write = (chunk, encoding, done) => stream._writev([{ chunk, encoding }], done)
    stream._writev = (chunks, done) => {
      if (disk.roomForLines >= chunks.length) {
        disk.roomForLines -= chunks.length
        return write(chunks, done)
      }
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
  disk.roomForLines = ENDLESS
  disk.refusedCount = 0
  disk.closedCount = 0
  disk.closes = Promise.resolve()
})

async function linesOf(log: LogFile): Promise<readonly Record<string, unknown>[]> {
  const text = await readFile(log.path, "utf8")
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

/** Waits for a text in the log, which the stream may not have opened yet. */
const untilLogged = (log: LogFile, text: string) =>
  untilSo(async () => (await readFile(log.path, "utf8").catch(() => "")).includes(text))

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
    disk.roomForLines = 0
    for (const [index, message] of ["first", "second"].entries()) {
      say(message)
      await untilSo(() => disk.closedCount === index + 1)
      pass(10_000)
    }
    disk.roomForLines = ENDLESS
    pass(4_000)
    say("third")
    await untilLogged(log, "log_resumed")
    say("fourth")
    await log.close()
    expect(reported).toEqual(["no space left"])
    const lines = await linesOf(log)
    expect(lines.map(({ msg }) => msg)).toEqual(["third", "2 lines were lost: the disk did not take them", "fourth"])
  })

  it("counts a failure once when the failed file is closed only after the disk has room again [S5]", async () => {
    const { log, reported, say, pass } = await openWatched()
    let close = () => {}
    disk.closes = new Promise((resolve) => {
      close = resolve
    })
    disk.roomForLines = 0
    say("lost")
    await untilSo(() => reported.length === 1)
    pass(4_000)
    say("too soon for the disk")
    expect(disk.refusedCount).toBe(1)
    disk.roomForLines = ENDLESS
    pass(4_000)
    say("kept")
    await untilLogged(log, "2 lines were lost")
    close()
    await untilSo(() => disk.closedCount === 1)
    say("fourth")
    await log.close()
    expect(reported).toEqual(["no space left"])
    const lines = await linesOf(log)
    expect(lines.map(({ msg }) => msg)).toEqual(["kept", "2 lines were lost: the disk did not take them", "fourth"])
  })

  it("keeps the count of lost lines when the line that says it is lost too [S5]", async () => {
    const { log, reported, say, pass } = await openWatched()
    disk.roomForLines = 0
    say("lost")
    await untilSo(() => disk.closedCount === 1)
    pass(10_000)
    disk.roomForLines = 1
    say("kept")
    await untilSo(() => disk.closedCount === 2)
    pass(10_000)
    disk.roomForLines = ENDLESS
    say("kept too")
    await untilLogged(log, "log_resumed")
    await log.close()
    const lines = await linesOf(log)
    expect(lines.map(({ msg }) => msg)).toEqual(["kept", "kept too", "1 lines were lost: the disk did not take them"])
    expect(reported).toEqual(["no space left", "no space left"])
  })

  it("takes the end of the program while the disk is full [S5]", async () => {
    const { log, reported, say } = await openWatched()
    disk.roomForLines = 0
    say("lost")
    await log.close()
    expect(reported).toEqual(["no space left"])
  })

  it("takes the end of the program while a line is under way to a disk that has room again [S5]", async () => {
    const { log, reported, say, pass } = await openWatched()
    disk.roomForLines = 0
    say("lost")
    await untilSo(() => reported.length === 1)
    disk.roomForLines = ENDLESS
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
