import { mkdir, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import type { ClientEvent } from "../api/events.js"
import { StoreError } from "../base/errors.js"
import { FakeClock } from "../testing/fake-clock.js"
import { inTemporaryFolder } from "../testing/temporary-folder.js"
import { Library } from "./library.js"
import type { LibraryEntry } from "./library-entry.js"
import type { OwnedFolder } from "./take-folder.js"

let folder: string

inTemporaryFolder((path) => {
  folder = path
})

const entry: LibraryEntry = {
  id: "aaaa",
  torrentPath: "/srv/a.torrent.json",
  filePath: "/srv/a.iso",
  download: true,
  paused: false,
  removed: false,
}

function stateFolder(lost = new AbortController().signal): OwnedFolder {
  return { stateFolder: join(folder, "state"), lost, confirm: async () => lost.throwIfAborted() }
}

async function opened(): Promise<{ library: Library; events: ClientEvent[] }> {
  const events: ClientEvent[] = []
  const library = new Library(stateFolder(), (event) => events.push(event), folder)
  await library.load()
  return { library, events }
}

describe("Library", () => {
  it("starts empty without a file, and writes nothing unasked", async () => {
    const { library, events } = await opened()
    await library.flush()
    expect(library.all()).toEqual([])
    expect(events).toEqual([])
    expect(await readdir(folder)).toEqual([])
  })

  it("remembers documents and changes from one run to the next", async () => {
    const identity = { sizeBytes: 5, mtimeNs: "1", ctimeNs: "2", inode: "3" }
    const { library } = await opened()
    library.put(entry)
    library.put({ ...entry, id: "bbbb" })
    library.update("aaaa", { download: false, identity })
    library.delete("bbbb")
    library.update("never seen", { paused: true })
    await library.flush()
    const { library: next } = await opened()
    expect(next.all()).toEqual([{ ...entry, download: false, identity }])
    expect(next.get("bbbb")).toBeUndefined()
  })

  it("is not written again for what it knows already", async () => {
    const identity = { sizeBytes: 5, mtimeNs: "1", ctimeNs: "2", inode: "3" }
    const { library } = await opened()
    library.put({ ...entry, identity })
    await library.flush()
    const written = async () => (await stat(join(folder, "state", "documents.json"))).ino
    const before = await written()
    library.put({ ...entry, identity: { ...identity } })
    library.update(entry.id, { paused: false, identity: { ...identity } })
    await library.flush()
    expect(await written()).toBe(before)
    library.update(entry.id, { paused: true })
    await library.flush()
    expect(await written()).not.toBe(before)
  })

  it("writes changes that come while it writes together, and all of them", async () => {
    const { library } = await opened()
    for (let turn = 0; turn < 500; turn++) library.put({ ...entry, id: `id-${turn}` })
    await library.flush()
    const { library: next } = await opened()
    expect(next.all()).toHaveLength(500)
    expect(await readdir(join(folder, "state"))).toEqual(["documents.json"])
  })

  it("is not written once its folder is another client's, neither by a write that has begun before [E16]", async () => {
    const losing = new AbortController()
    const library = new Library(stateFolder(losing.signal), () => {}, folder)
    library.put(entry)
    losing.abort(new StoreError("lock_lost", "another has it now"))
    library.put({ ...entry, id: "bbbb" })
    await library.flush()
    expect(await readdir(join(folder, "state"))).toEqual([])
  })

  it("asks before it takes the place of the list whether that is still its own [E16]", async () => {
    const { library } = await opened()
    library.put(entry)
    await library.flush()
    const losing = new AbortController()
    const confirm = async () => {
      losing.abort(new StoreError("lock_lost", "another has it now"))
      throw losing.signal.reason
    }
    const slept = new Library({ ...stateFolder(losing.signal), confirm }, () => {}, folder)
    await slept.load()
    slept.put({ ...entry, id: "bbbb" })
    await slept.flush()
    expect((await opened()).library.all()).toEqual([entry])
  })

  it("is not written any more once it is closed, for the folder is free then", async () => {
    const { library } = await opened()
    library.put(entry)
    await library.close()
    library.put({ ...entry, id: "bbbb" })
    await library.flush()
    expect((await opened()).library.all()).toEqual([entry])
  })

  it("is read where what a killed client left can't be deleted [W11]", async () => {
    await mkdir(join(folder, "state", "documents.json.0123456789ab.tmp"), { recursive: true })
    const { library } = await opened()
    expect(library.all()).toEqual([])
  })

  it("reports a failed write once, continues, and is written when possible [hostile 10, 17]", async () => {
    const clock = new FakeClock()
    const state = join(folder, "state")
    const events: ClientEvent[] = []
    let report = () => {}
    const reported = new Promise<void>((resolve) => (report = resolve))
    const library = new Library(stateFolder(), (event) => void (events.push(event) && report()), folder, clock)
    await writeFile(state, "")
    library.put(entry)
    await reported
    expect(clock.timerCount).toBe(1)
    library.put({ ...entry, id: "bbbb" })
    await library.flush()
    expect(events.map(({ name, level }) => [name, level])).toEqual([["library_not_written", "warn"]])
    await rm(state)
    await library.flush()
    expect((await opened()).library.all().map(({ id }) => id)).toEqual(["aaaa", "bbbb"])
    expect(clock.timerCount).toBe(0)
  })

  it.each([
    ["no JSON", "{"],
    ["empty", ""],
    ["of another shape", '{"version":1,"documents":[{"id":7}]}'],
  ])("sets a file aside that is %s, reports it once, and continues [hostile 15]", async (_, text) => {
    const { library } = await opened()
    library.put(entry)
    await library.flush()
    await writeFile(join(folder, "state", "documents.json"), text)
    const { library: next, events } = await opened()
    expect(next.all()).toEqual([])
    expect(events.map(({ name }) => name)).toEqual(["library_damaged"])
    expect(await readFile(join(folder, "state", "documents.json.damaged"), "utf8")).toBe(text)
    next.put(entry)
    await next.flush()
    expect((await opened()).library.all()).toEqual([entry])
  })

  it("sets a list aside that is longer than any text can be [V1]", async () => {
    await mkdir(join(folder, "state"))
    const list = join(folder, "state", "documents.json")
    await writeFile(list, "")
    await truncate(list, 600 * 1024 * 1024)
    const { library, events } = await opened()
    expect(library.all()).toEqual([])
    expect(events.map(({ name }) => name)).toEqual(["library_damaged"])
    expect((await stat(`${list}.damaged`)).size).toBe(600 * 1024 * 1024)
  })

  it("keeps a list of a later version for that version, and says how it comes back [V3]", async () => {
    await mkdir(join(folder, "state"))
    const list = join(folder, "state", "documents.json")
    const text = '{"version":2,"documents":[],"folders":[]}'
    await writeFile(list, text)
    const { library, events } = await opened()
    expect(library.all()).toEqual([])
    expect(events).toMatchObject([
      {
        name: "library_of_later_version",
        message: expect.stringMatching(/later version .*format 2.*documents\.json\.later/),
      },
    ])
    expect(await readFile(`${list}.later`, "utf8")).toBe(text)
  })

  it("deletes what one that was killed left half written, and nothing else [A12]", async () => {
    await mkdir(join(folder, "state"))
    const drafts = ["documents.json.0123456789ab.tmp", "documents.json.ffffffffffff.tmp"]
    const others = ["documents.json.notes.tmp", "documents.json.damaged", "other.json.0123456789ab.tmp"]
    for (const name of [...drafts, ...others]) await writeFile(join(folder, "state", name), "")
    await opened()
    expect((await readdir(join(folder, "state"))).sort()).toEqual(others.sort())
  })

  it("sets a damaged file aside without replacing an earlier one [A1]", async () => {
    await mkdir(join(folder, "state"))
    for (const text of ["first", "second"]) {
      await writeFile(join(folder, "state", "documents.json"), text)
      await opened()
    }
    expect(await readFile(join(folder, "state", "documents.json.damaged"), "utf8")).toBe("first")
    expect(await readFile(join(folder, "state", "documents.json.damaged-2"), "utf8")).toBe("second")
  })
})
