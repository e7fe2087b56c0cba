import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import type { ClientEvent } from "../api/events.js"
import { StoreError } from "../base/errors.js"
import { inTemporaryFolder } from "../testing/temporary-folder.js"
import { untilSo } from "../testing/until-so.js"
import { TorrentCopies } from "./torrent-copies.js"

/** More than are synced one by one. */
const MANY = 40

let folder: string
let events: ClientEvent[]
let copies: TorrentCopies
let losing: AbortController

inTemporaryFolder((path) => {
  folder = path
  events = []
  losing = new AbortController()
  const place = {
    stateFolder: join(folder, "state"),
    lost: losing.signal,
    confirm: async () => losing.signal.throwIfAborted(),
  }
  copies = new TorrentCopies(place, (event) => events.push(event))
})

afterEach(() => copies.close())

const idOf = (index: number) => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`
const kept = () => readdir(join(folder, "state", "torrents")).catch((): string[] => [])

async function torrentFile(index: number, text = `torrent ${index}`): Promise<string> {
  const path = join(folder, `${index}.json`)
  await writeFile(path, text)
  return path
}

describe("copies of the torrent files of a start", () => {
  it("are made together, each whole and for its owner alone, and leave no draft", async () => {
    const large = "x".repeat(100_000)
    for (let index = 0; index < MANY; index++)
      copies.keepSoon(idOf(index), await torrentFile(index, index === 7 ? large : undefined))
    await untilSo(async () => (await kept()).length === MANY)
    await copies.close()
    const names = Array.from({ length: MANY }, (_, index) => idOf(index))
    expect((await kept()).sort()).toEqual(names)
    for (const [index, name] of names.entries()) {
      const path = join(join(folder, "state", "torrents"), name)
      expect(await readFile(path, "utf8")).toBe(index === 7 ? large : `torrent ${index}`)
      expect((await stat(path)).mode & 0o777).toBe(0o600)
    }
    expect(events).toEqual([])
  })

  it("are made although some can't be read, which is reported", async () => {
    const paths = await Promise.all(Array.from({ length: MANY }, (_, index) => torrentFile(index)))
    await rm(String(paths[3]))
    await rm(String(paths[4]))
    await mkdir(String(paths[4]))
    for (const [index, path] of paths.entries()) copies.keepSoon(idOf(index), path)
    await untilSo(async () => (await kept()).length === MANY - 2 && events.length === 2)
    await copies.close()
    expect(await kept()).not.toContain(idOf(3))
    expect(events.map(({ name }) => name)).toEqual(["torrent_not_copied", "torrent_not_copied"])
    expect(events.map(({ message }) => message).sort()).toEqual([
      expect.stringContaining(`${paths[3]}: not copied`),
      expect.stringContaining(`${paths[4]}: not copied`),
    ])
  })

  it("are not made again where they are found, and drafts of a killed client go", async () => {
    const torrents = join(folder, "state", "torrents")
    await mkdir(torrents, { recursive: true })
    await writeFile(join(torrents, idOf(0)), "of the run before")
    await writeFile(join(torrents, `${idOf(1)}.0123456789ab.tmp`), "a draft")
    await copies.find()
    copies.keepSoon(idOf(0), await torrentFile(0))
    await copies.keep(idOf(0), await torrentFile(0))
    await copies.close()
    expect(await kept()).toEqual([idOf(0)])
    expect(await readFile(join(torrents, idOf(0)), "utf8")).toBe("of the run before")
  })

  it("are made again after they were dropped", async () => {
    await copies.keep(idOf(0), await torrentFile(0))
    await copies.drop(idOf(0))
    expect(await kept()).toEqual([])
    await copies.keep(idOf(0), await torrentFile(0, "another"))
    expect(await readFile(copies.pathOf(idOf(0)), "utf8")).toBe("another")
  })

  it("wait for none that was not begun when the client closes", async () => {
    copies.keepSoon(idOf(0), await torrentFile(0))
    copies.keepSoon(idOf(1), await torrentFile(1))
    await copies.close()
    expect(await kept()).toEqual([idOf(0)])
  })

  it("report a folder that can't be written to once for all", async () => {
    await writeFile(join(folder, "state"), "in the way")
    const paths = await Promise.all(Array.from({ length: MANY }, (_, index) => torrentFile(index)))
    for (const [index, path] of paths.entries()) copies.keepSoon(idOf(index), path)
    await untilSo(() => events.length === 2)
    await copies.close()
    expect(events.map(({ message }) => message)).toEqual([
      expect.stringContaining(`${paths[0]}: not copied`),
      expect.stringContaining(`${MANY - 1} torrent files: not copied`),
    ])
  })

  it("are neither made nor deleted where another client has the folder by now, nor by what was under way [E16]", async () => {
    await copies.keep(idOf(0), await torrentFile(0))
    const path = await torrentFile(1)
    for (const index of [1, 2]) copies.keepSoon(idOf(index), path)
    const keeping = copies.keep(idOf(3), path)
    losing.abort(new StoreError("lock_lost", "another has it now"))
    copies.keepSoon(idOf(4), path)
    await keeping
    await copies.drop(idOf(0))
    await copies.close()
    expect(await kept()).toEqual([idOf(0)])
    expect(events).toEqual([])
  })
})
