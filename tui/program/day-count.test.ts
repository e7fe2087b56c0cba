import { execFileSync } from "node:child_process"
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { beforeEach, describe, expect, it } from "vitest"
import { inTemporaryFolder } from "../../core/testing/temporary-folder.js"
import { fakeDocument, fakeSnapshot } from "../testing/fake-client.js"
import { DayCount } from "./day-count.js"

let folder: string
/** Local time. */
let now: Date

inTemporaryFolder((path) => {
  folder = path
})
beforeEach(() => {
  now = new Date(2026, 10, 26, 23, 50)
})

const open = (lost = new AbortController().signal, stateFolder = folder): DayCount =>
  new DayCount({ stateFolder, lost }, () => now)
const moved = (downloadedBytes: number, uploadedBytes = 0, id = "1") =>
  fakeSnapshot({ documents: [fakeDocument({ id, downloadedBytes, uploadedBytes })] })
const written = (): unknown => JSON.parse(readFileSync(join(folder, "today.json"), "utf8"))

describe("the bytes of the day", () => {
  it("are those of all documents of the session, also of one that is removed and taken up again", () => {
    const count = open()
    expect(count.take(moved(100, 7))).toEqual({ downloadedBytes: 100, uploadedBytes: 7 })
    expect(count.take(moved(150, 7))).toEqual({ downloadedBytes: 150, uploadedBytes: 7 })
    expect(count.take(fakeSnapshot())).toEqual({ downloadedBytes: 150, uploadedBytes: 7 })
    expect(count.take(moved(30, 0, "2"))).toEqual({ downloadedBytes: 180, uploadedBytes: 7 })
    expect(count.take(moved(10, 0))).toEqual({ downloadedBytes: 190, uploadedBytes: 7 })
  })

  it("are not written into a folder that is another client's by now [E16]", () => {
    const losing = new AbortController()
    const lost = open(losing.signal)
    lost.take(moved(100))
    const theirs = open()
    theirs.take(moved(7))
    theirs.write()
    losing.abort()
    lost.write()
    expect(written()).toMatchObject({ downloadedBytes: 7 })
  })

  it("go on after a restart of the client, and begin anew at midnight", () => {
    const count = open()
    count.take(moved(100))
    count.write()
    const again = open()
    expect(again.take(moved(5))).toEqual({ downloadedBytes: 105, uploadedBytes: 0 })
    now = new Date(2026, 10, 27, 0, 1)
    expect(again.take(moved(5))).toEqual({ downloadedBytes: 0, uploadedBytes: 0 })
    expect(again.take(moved(9))).toEqual({ downloadedBytes: 4, uploadedBytes: 0 })
    // It was written, since minutes have passed.
    expect(open().take(moved(0))).toEqual({ downloadedBytes: 4, uploadedBytes: 0 })
  })

  it("are written at most once a minute, and at the end", () => {
    const count = open()
    let onChange = (): void => {}
    let snapshot = moved(1)
    const end = count.follow({
      snapshot: () => snapshot,
      onChange: (listener) => {
        onChange = listener
        return () => {}
      },
    })
    count.take(snapshot)
    expect(written).toThrow()
    now = new Date(now.getTime() + 60_000)
    snapshot = moved(2)
    count.take(snapshot)
    expect(written()).toMatchObject({ day: "2026-11-26", downloadedBytes: 2 })
    snapshot = moved(3)
    onChange()
    end()
    expect(written()).toMatchObject({ downloadedBytes: 3 })
  })

  it("begin anew with a file that is damaged, and cost nothing else where none can be written", () => {
    writeFileSync(join(folder, "today.json"), "{")
    expect(open().take(moved(5))).toEqual({ downloadedBytes: 5, uploadedBytes: 0 })
    const nowhere = open(undefined, join(folder, "absent"))
    nowhere.take(moved(5))
    expect(() => nowhere.write()).not.toThrow()
  })

  it("begin anew where the file is a fifo, or too long to be one of ours", () => {
    execFileSync("mkfifo", [join(folder, "today.json")])
    const count = open()
    expect(count.take(moved(5))).toEqual({ downloadedBytes: 5, uploadedBytes: 0 })
    count.write()
    rmSync(join(folder, "today.json"))
    const text = JSON.stringify({ day: "2026-11-26", downloadedBytes: 7, uploadedBytes: 0 })
    writeFileSync(join(folder, "today.json"), text)
    expect(open().take(moved(5))).toEqual({ downloadedBytes: 12, uploadedBytes: 0 })
    writeFileSync(join(folder, "today.json"), text + " ".repeat(4_096))
    expect(open().take(moved(5))).toEqual({ downloadedBytes: 5, uploadedBytes: 0 })
  })
})
