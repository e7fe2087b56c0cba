import { link, mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { Client } from "../api/client-api.js"
import { ClientRig, SAMPLE_PART_BYTES } from "../testing/client-rig.js"
import { parseTorrent } from "../torrent/parse-torrent.js"

let rig: ClientRig
let client: Client

beforeEach(async () => {
  rig = await ClientRig.create()
  client = await rig.open("a")
})

afterEach(() => rig.close())

const refused = (code: string) => ({ name: "CommandError", code })

/** Runs a command that must be refused, and holds every file to the bytes it had. */
async function keeps(names: readonly string[], command: () => Promise<unknown>, code = "target_exists"): Promise<void> {
  const before = await Promise.all(names.map((name) => readFile(rig.path("a", name))))
  await expect(command()).rejects.toMatchObject(refused(code))
  const after = await Promise.all(names.map((name) => readFile(rig.path("a", name))))
  expect(after.map((bytes, index) => before[index]?.equals(bytes))).toEqual(names.map(() => true))
}

describe("an upload writes its torrent file in place of nothing", () => {
  beforeEach(async () => {
    await rig.sample("a", "f", 300_000)
    await rig.sample("a", "g", 200_000)
  })

  it("that is some other file [A1]", async () => {
    await writeFile(rig.path("a", "thesis.txt"), "years of work")
    await keeps(["thesis.txt"], () => client.upload({ file: "f", torrent: "thesis.txt" }))
  })

  it("that is another document's torrent file, which holds its Secret [A1]", async () => {
    await client.upload({ file: "f", torrent: "f.json" })
    await keeps(["f.json"], () => client.upload({ file: "g", torrent: "f.json" }))
    await rig.sample("a", "same size", 300_000)
    await keeps(["f.json"], () => client.upload({ file: "same size", torrent: "f.json" }))
  })

  it("that is a shared file [A1]", async () => {
    await client.upload({ file: "f", torrent: "f.json" })
    await keeps(["f"], () => client.upload({ file: "g", torrent: "f" }))
  })

  it("that is the uploaded file itself, however its path is spelt [A1]", async () => {
    await symlink("f", rig.path("a", "soft"))
    await link(rig.path("a", "f"), rig.path("a", "hard"))
    for (const torrent of ["f", `${rig.path("a")}/../a/f`, "soft", "hard"])
      await keeps(["f"], () => client.upload({ file: "f", torrent }), "bad_path")
    await keeps(["f"], () => client.upload({ file: "soft", torrent: "f" }), "bad_path")
  })

  it("and blames the file that is missing, not the torrent file [W2]", async () => {
    await client.upload({ file: "f", torrent: "f.json" })
    await keeps(["f.json"], () => client.upload({ file: "missing", torrent: "f.json" }), "no_such_file")
  })

  it("that is a link to nowhere [A1]", async () => {
    await symlink("nowhere", rig.path("a", "dangling"))
    await expect(client.upload({ file: "f", torrent: "dangling" })).rejects.toMatchObject(refused("target_exists"))
  })

  it("that came to be there while the file was hashed [A1]", async () => {
    const uploading = client.upload({ file: "f", torrent: "late.json" })
    const writing = writeFile(rig.path("a", "late.json"), "mine", { flag: "wx" })
    await expect(uploading).rejects.toMatchObject(refused("target_exists"))
    await writing
    expect(await readFile(rig.path("a", "late.json"), "utf8")).toBe("mine")
  })

  it("that describes the file as a document of the other kind [A1]", async () => {
    await client.upload({ file: "f", torrent: "f.json" })
    await keeps(["f.json"], () => client.upload({ file: "f", torrent: "f.json", open: true }))
  })
})

describe("an upload whose torrent file is there already", () => {
  it("shares that document again, and writes nothing [A2]", async () => {
    await rig.sample("a", "f", 300_000)
    const first = await client.upload({ file: "f", torrent: "f.json" })
    const text = await readFile(rig.path("a", "f.json"))
    expect(await client.upload({ file: "f", torrent: "f.json" })).toEqual({ ...first, isNew: false })
    expect(first.isNew).toBe(true)
    expect((await readFile(rig.path("a", "f.json"))).equals(text)).toBe(true)
    expect(client.snapshot().documents).toMatchObject([{ id: first.id, state: "seeding" }])
  })

  it("is that document again in another client and after it was removed, too [A2]", async () => {
    const content = await rig.sample("a", "f", 300_000)
    const { id, torrentPath } = await client.upload({ file: "f", torrent: "f.json" })
    await client.remove(id)
    expect(await client.upload({ file: "f", torrent: "f.json" })).toMatchObject({ id, isNew: false })
    const other = await rig.open("b")
    await writeFile(rig.path("b", "copy"), content)
    expect(await other.upload({ file: "copy", torrent: torrentPath })).toMatchObject({ id, isNew: false })
    expect(other.snapshot().documents).toMatchObject([{ id, state: "seeding" }])
  })

  it("is refused once the file has changed [A2]", async () => {
    const content = await rig.sample("a", "f", 300_000)
    await client.upload({ file: "f", torrent: "f.json" })
    await writeFile(rig.path("a", "f"), content.fill(0, 5, 10))
    await keeps(["f", "f.json"], () => client.upload({ file: "f", torrent: "f.json" }))
  })
})

describe("an export writes in place of nothing", () => {
  beforeEach(async () => {
    await rig.sample("a", "o", 1_000)
    await client.upload({ file: "o", torrent: "o.json", open: true })
  })

  it("that is its own torrent file, the shared file or any other [A1]", async () => {
    await writeFile(rig.path("a", "thesis.txt"), "years of work")
    for (const target of ["o.json", "o", "thesis.txt"]) await keeps([target], () => client.export("o.json", target))
  })

  it("and is content with the same bytes [A1]", async () => {
    const written = await client.export("o.json", "o.torrent")
    const before = await stat(written)
    expect(await client.export("o.json", "o.torrent")).toBe(written)
    expect((await stat(written)).ino).toBe(before.ino)
  })

  it("reports that its folder does not exist [E12]", async () => {
    await expect(client.export("o.json", "no/o.torrent")).rejects.toMatchObject(refused("not_writable"))
  })
})

describe("a folder where a file is to be written", () => {
  it.each(["sub", "sub/", "./sub/."])("gets it under its own name: %s", async (typed) => {
    await mkdir(rig.path("a", "sub"))
    await rig.sample("a", "o", 1_000)
    const { torrentPath } = await client.upload({ file: "o", torrent: typed, open: true })
    expect(torrentPath).toBe(rig.path("a", "sub", "o.torrent.json"))
    expect(await client.upload({ file: "o", torrent: typed, open: true })).toMatchObject({ torrentPath, isNew: false })
    expect(await client.export(torrentPath, typed)).toBe(rig.path("a", "sub", "o.torrent"))
  })

  it("keeps a file that has this name there", async () => {
    await mkdir(rig.path("a", "sub"))
    await rig.sample("a", "o", 1_000)
    await writeFile(rig.path("a", "sub", "o.torrent.json"), "mine")
    await keeps(["sub/o.torrent.json"], () => client.upload({ file: "o", torrent: "sub" }))
  })
})

describe("a name that the user did not type", () => {
  it("is a name in the service folder, a lone tilde too [A5]", async () => {
    await rig.sample("a", "~", SAMPLE_PART_BYTES)
    const { torrentPath } = await client.upload({ file: "./~", torrent: "t.json" })
    expect(parseTorrent(await readFile(torrentPath)).name).toBe("~")
    const leecher = await rig.open("b")
    const handle = await leecher.download({ torrent: torrentPath })
    expect((await handle.done).filePath).toBe(rig.path("b", "~"))
  })

  it("does not end as the files of unfinished downloads do [A3]", async () => {
    await rig.sample("a", "x.part", 1_000)
    const { torrentPath } = await client.upload({ file: "x.part", torrent: "x.json" })
    const leecher = await rig.open("b")
    expect((await (await leecher.download({ torrent: torrentPath })).done).filePath).toBe(rig.path("b", "x.part_"))
  })
})

describe("a typed target of a download", () => {
  it.each(["x.part", "x.PART.resume", "sub/../x.part.lock"])(
    "is refused when it ends as our own files do: %s [A3]",
    async (file) => {
      await rig.sample("a", "f", 1_000)
      const { torrentPath } = await client.upload({ file: "f", torrent: "f.json" })
      const leecher = await rig.open("b")
      await expect(leecher.download({ torrent: torrentPath, file })).rejects.toMatchObject(refused("bad_path"))
      expect(leecher.snapshot().documents).toEqual([])
    },
  )
})

describe("what a client remembers", () => {
  it("can be read by its user alone [A14]", async () => {
    await rig.sample("a", "f", 1_000)
    await client.upload({ file: "f", torrent: "f.json" })
    await client.close()
    const state = rig.path("a", ".p2p-tui")
    expect((await stat(state)).mode & 0o777).toBe(0o700)
    expect((await stat(join(state, "documents.json"))).mode & 0o777).toBe(0o600)
  })

  it("is made unreadable for other users where it was readable before [A14]", async () => {
    const state = rig.path("b", ".p2p-tui")
    await mkdir(state, { recursive: true, mode: 0o755 })
    await rig.open("b")
    expect((await stat(state)).mode & 0o777).toBe(0o700)
  })
})
