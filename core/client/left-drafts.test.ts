import { cp, mkdir, readdir, rm, writeFile } from "node:fs/promises"
import { basename } from "node:path"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { ClientRig, codeOf } from "../testing/client-rig.js"
import { untilSo } from "../testing/until-so.js"

const disk = vi.hoisted(() => ({ linking: undefined as Promise<void> | undefined, isWaiting: false }))
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>()
  const link: typeof real.link = async (from, to) => {
    if (disk.linking !== undefined && String(to).endsWith("f.json")) {
      disk.isWaiting = true
      await disk.linking
    }
    return real.link(from, to)
  }
  const rename: typeof real.rename = async (from, to) => {
    if (disk.linking !== undefined && String(to).endsWith(".part.resume")) {
      disk.isWaiting = true
      await disk.linking
    }
    return real.rename(from, to)
  }
  return { ...real, link, rename }
})

let rig: ClientRig

beforeEach(async () => {
  Object.assign(disk, { linking: undefined, isWaiting: false })
  rig = await ClientRig.create()
})

afterEach(() => rig.close())

const DRAFT = /\.[0-9a-f]{12}\.tmp$/
const draftsIn = async (name: string) =>
  (await readdir(rig.path(name), { recursive: true })).filter((path) => DRAFT.test(path)).map((path) => basename(path))

/** Left out of the copy: the list of documents may be written at any moment, and its drafts are the subject of library.test.ts. */
const NOT_COPIED = /(^|\.)lock$|^documents\.json\..*\.tmp$/

/** Leaves in `to` what is in the service folder `from` at this moment, as kill -9 does. */
async function killed(from: string, to: string): Promise<void> {
  await cp(rig.path(from), rig.path(to), { recursive: true, filter: (path) => !NOT_COPIED.test(basename(path)) })
}

/** A client starts, and ends in order: while it runs, its list of documents may be half written. */
async function startAndEnd(name: string): Promise<void> {
  await (await rig.open(name)).close()
}

describe("the draft of a torrent file, which may hold a Secret, that kill -9 leaves in the service folder", () => {
  /** What a client in folder "b" finds. `killed`: the folder above it, so that paths are as they were. */
  async function uploadIsKilled(): Promise<void> {
    let goOn = (): void => undefined
    await mkdir(rig.path("a", "below"), { recursive: true })
    await rig.sample("a", "f", 1_000)
    const client = await rig.open("a")
    disk.linking = new Promise((resolve) => {
      goOn = resolve
    })
    const uploading = codeOf(client.upload({ file: "f", torrent: "below/f.json" }))
    await untilSo(() => disk.isWaiting)
    await killed("a", "b")
    disk.linking = undefined
    goOn()
    expect(await uploading).toBe("went well")
    await client.close()
  }

  it("is deleted at the next start [A12]", async () => {
    await uploadIsKilled()
    expect(await draftsIn("b")).toEqual([expect.stringMatching(/^f\.json\./)])
    await startAndEnd("b")
    expect(await draftsIn("b")).toEqual([])
    expect((await readdir(rig.path("b", ".p2p-tui"))).filter((name) => name.startsWith("draft"))).toEqual([])
  })

  it("is not mistaken for a file of the user that is called alike, nor for a folder [A12]", async () => {
    await uploadIsKilled()
    const [draft = ""] = await draftsIn("b")
    await rm(rig.path("b", "below", draft))
    await mkdir(rig.path("b", "below", draft))
    await writeFile(rig.path("b", "below", "f.json.0123456789ab.tmp"), "mine")
    await startAndEnd("b")
    expect((await draftsIn("b")).toSorted()).toEqual([draft, "f.json.0123456789ab.tmp"].toSorted())
  })

  it("leaves no note behind when no process is killed [A12]", async () => {
    await uploadIsKilled()
    expect(await draftsIn("a")).toEqual([])
    expect((await readdir(rig.path("a", ".p2p-tui"))).filter((name) => name.startsWith("draft"))).toEqual([])
  })
})

it("the draft of a resume record that kill -9 leaves beside a target is deleted at the next start [A12]", async () => {
  const { torrentPath } = await rig.seeder("a", 1)
  const leecher = await rig.open("b")
  let goOn = (): void => undefined
  disk.linking = new Promise((resolve) => {
    goOn = resolve
  })
  const downloading = leecher.download({ torrent: torrentPath, file: "copy" })
  await untilSo(() => disk.isWaiting)
  await killed("b", "c")
  disk.linking = undefined
  goOn()
  await (await downloading).durable
  await leecher.close()
  expect(await draftsIn("b")).toEqual([])
  expect(await draftsIn("c")).toEqual([expect.stringMatching(/^copy\.part\.resume\./)])
  await startAndEnd("c")
  expect(await draftsIn("c")).toEqual([])
})

it("the draft of a copy of a torrent file that kill -9 leaves in the state folder is deleted at the next start [A12]", async () => {
  const torrents = rig.path("a", ".p2p-tui", "torrents")
  await mkdir(torrents, { recursive: true })
  const draft = "0b5f9c34-5b3e-4c7a-9d4e-2f1d6a7b8c90.0123456789ab.tmp"
  for (const name of [draft, "notes.0123456789ab.tmp"]) await writeFile(`${torrents}/${name}`, "")
  await startAndEnd("a")
  expect(await readdir(torrents)).toEqual(["notes.0123456789ab.tmp"])
})
