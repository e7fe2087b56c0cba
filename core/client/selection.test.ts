import { randomBytes } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { Client, UploadResult } from "../api/client-api.js"
import { ClientRig, codeOf, SAMPLE_PART_BYTES } from "../testing/client-rig.js"

/** Small files share parts with their neighbours; "big.bin" begins one and ends within one. */
const FILES: Readonly<Record<string, number>> = {
  "a/1.txt": 1_000,
  "a/2.txt": 2_000,
  "b/3.txt": 3_000,
  "b/empty": 0,
  "big.bin": 5 * SAMPLE_PART_BYTES + 10,
  "c/last.txt": 4_000,
}

let rig: ClientRig
let seeder: Client
let uploaded: UploadResult
const contents = new Map<string, Buffer>()

beforeEach(async () => {
  rig = await ClientRig.create()
  for (const [path, sizeBytes] of Object.entries(FILES)) {
    const content = randomBytes(sizeBytes)
    contents.set(path, content)
    const whole = rig.path("a", "tree", path)
    mkdirSync(dirname(whole), { recursive: true })
    writeFileSync(whole, content)
  }
  seeder = await rig.open("a")
  uploaded = await seeder.upload({ file: "tree", torrent: "tree.json" })
})
afterEach(() => rig.close())

const tree = (client = "b") => rig.path(client, "tree")
/** The files of the download, each with its right bytes. */
function filesOf(folder = tree()): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = entries.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort()
  for (const path of paths)
    expect(readFileSync(join(folder, path)).equals(contents.get(path) ?? Buffer.alloc(1))).toBe(true)
  return paths
}
async function download(client: Client, only?: readonly string[]) {
  return client.download({ torrent: uploaded.torrentPath, ...(only && { only }) })
}
const documentOf = (client: Client) => client.snapshot().documents[0]
const seeding = (client: Client) => rig.until(client, () => documentOf(client)?.state === "seeding")

describe("a download of some files", () => {
  it("fetches their parts only, and is complete with them", async () => {
    const client = await rig.open("b")
    const { done, found } = await download(client, ["b/**"])
    expect(await done).toMatchObject({ sizeBytes: 3_000, selected: { files: 2, ofFiles: 6 } })
    expect(found).toMatchObject({ reusedParts: 0, partCount: 1 })
    expect(filesOf()).toEqual(["b/3.txt", "b/empty"])
    expect(documentOf(client)).toMatchObject({
      state: "seeding",
      etaSeconds: undefined,
      selection: { only: ["b/**"], wantedFiles: 2, wantedBytes: 3_000, partCount: 1, haveCount: 1 },
    })
    const { partBytes, haveBytes } = documentOf(client)?.selection ?? {}
    expect(haveBytes).toBe(partBytes)
    expect(client.files(uploaded.id, { sort: "path", from: 0, count: 2 })).toMatchObject({
      ...{ total: 6, matching: 6, wantedFiles: 2, wantedBytes: 3_000 },
      rows: [
        { path: "a/1.txt", wanted: false },
        { path: "a/2.txt", wanted: false },
      ],
    })
  })

  it("is no copy to the tracker: what is not wanted is left too, until it is fetched", async () => {
    rig.tracker.intervalSeconds = 0.05
    const client = await rig.open("b")
    const { durable } = await download(client, ["a/1.txt"])
    await durable
    const { port } = client.listening
    const told = () =>
      rig.tracker.asked
        .filter(({ path, body }) => path === "/peers" && body["listening_port"] === port)
        .map(({ body }) => `${body["left"]} ${body["event"] ?? "-"}`)
    const { haveBytes = 0, sizeBytes = 0 } = documentOf(client) ?? {}
    expect(sizeBytes).toBeGreaterThan(haveBytes)
    await expect.poll(told).toContain(`${sizeBytes - haveBytes} -`)
    expect(told().filter((each) => /completed|^0 /.test(each))).toEqual([])
    expect((await client.status(uploaded.id)).complete).toBe(1)
    await client.select(uploaded.id, undefined)
    await expect.poll(told).toContain("0 completed")
    await expect.poll(async () => (await client.status(uploaded.id)).complete).toBe(2)
  })

  it("keeps its selection over a restart, and is served without hashing", async () => {
    const first = await rig.open("b")
    await (await download(first, ["a/*.txt"])).durable
    rig.forget(first)
    await first.close()
    const next = await rig.open("b")
    await seeding(next)
    expect(documentOf(next)).toMatchObject({
      selection: { only: ["a/*.txt"], wantedFiles: 2, haveCount: 1 },
      haveCount: 1,
    })
    expect(filesOf()).toEqual(["a/1.txt", "a/2.txt"])
  })

  it("gives its parts to others", async () => {
    const client = await rig.open("b")
    await (await download(client, ["big.bin"])).durable
    rig.forget(seeder)
    await seeder.close()
    const third = await rig.open("c")
    const { done } = await third.download({ torrent: uploaded.torrentPath, only: ["big.bin"] })
    await done
    expect(filesOf(tree("c"))).toEqual(["big.bin"])
  })
})

describe("another selection", () => {
  it("widens a finished download, which goes on from there", async () => {
    const client = await rig.open("b")
    await (await download(client, ["b/3.txt"])).durable
    await client.select(uploaded.id, { only: ["b/3.txt", "c/**"] })
    await seeding(client)
    expect(filesOf()).toEqual(["b/3.txt", "c/last.txt"])
    await client.select(uploaded.id, undefined)
    await seeding(client)
    expect(filesOf()).toEqual(Object.keys(FILES).sort())
    expect(documentOf(client)?.selection).toBeUndefined()
    await expect.poll(() => readdirSync(rig.path("b")).filter((name) => name.startsWith("tree"))).toEqual(["tree"])
  })

  it("comes with a repeated download", async () => {
    const client = await rig.open("b")
    await (await download(client, ["b/3.txt"])).durable
    const again = await download(client, ["c/**"])
    expect(await again.done).toMatchObject({ selected: { files: 1, ofFiles: 6 } })
    expect(filesOf()).toEqual(["b/3.txt", "c/last.txt"])
    await client.remove(uploaded.id)
    const { torrentPath: torrent } = uploaded
    await (await client.download({ torrent, file: "elsewhere", only: ["a/1.txt"] })).durable
    await (await download(client, ["a/2.txt"])).durable
    expect(filesOf(rig.path("b", "elsewhere"))).toEqual(["a/1.txt", "a/2.txt"])
  })

  it("is remembered by a repeated download without patterns, and forgotten with the document", async () => {
    const client = await rig.open("b")
    await (await download(client, ["c/**"])).durable
    const same = await download(client)
    expect(await same.done).toMatchObject({ selected: { files: 1, ofFiles: 6 } })
  })

  it("is taken while the download runs, and narrows it to what is there", async () => {
    seeder.setLimits({ upBytesPerSecond: SAMPLE_PART_BYTES })
    const client = await rig.open("b")
    const { done } = await download(client)
    await rig.until(client, () => (documentOf(client)?.haveCount ?? 0) > 0)
    await client.select(uploaded.id, { only: ["a/1.txt"] })
    expect(await done).toMatchObject({ selected: { files: 1, ofFiles: 6 } })
    expect(filesOf()).toContain("a/1.txt")
    expect(existsSync(`${tree()}.part`)).toBe(false)
  })

  it("is taken while the download runs, and widens it", async () => {
    seeder.setLimits({ upBytesPerSecond: SAMPLE_PART_BYTES })
    const client = await rig.open("b")
    const { done } = await download(client, ["big.bin"])
    await rig.until(client, () => (documentOf(client)?.haveCount ?? 0) > 0)
    seeder.setLimits({ upBytesPerSecond: null })
    await client.select(uploaded.id, undefined)
    expect(await done).not.toHaveProperty("selected")
    expect(filesOf()).toEqual(Object.keys(FILES).sort())
  })

  it("is remembered while the document is paused", async () => {
    const client = await rig.open("b")
    await (await download(client, ["b/3.txt"])).durable
    await client.pause(uploaded.id)
    await client.select(uploaded.id, { only: ["c/**"] })
    expect(documentOf(client)).toMatchObject({ state: "paused" })
    rig.forget(client)
    await client.close()
    const next = await rig.open("b")
    await next.resume(uploaded.id)
    await seeding(next)
    expect(filesOf()).toEqual(["b/3.txt", "c/last.txt"])
  })

  it("is made of single files, added and dropped", async () => {
    const client = await rig.open("b")
    await (await download(client, ["a/1.txt"])).durable
    const { rows } = client.files(uploaded.id, { sort: "path", from: 0, count: 10 }) ?? { rows: [] }
    const indexOf = (path: string) => rows.find((row) => row.path === path)?.index ?? -1
    await client.select(uploaded.id, { add: [indexOf("c/last.txt"), indexOf("b/empty")] })
    await seeding(client)
    await client.select(uploaded.id, { drop: [indexOf("a/1.txt")] })
    expect(filesOf()).toEqual(["a/1.txt", "b/empty", "c/last.txt"])
    expect(documentOf(client)?.selection).toMatchObject({ only: [], wantedFiles: 2 })
  })

  it("adds and drops files by pattern, by path and by a text in their paths", async () => {
    const client = await rig.open("b")
    await (await download(client, ["a/1.txt"])).durable
    const wanted = () =>
      client
        .files(uploaded.id, { sort: "path", from: 0, count: 10 })
        ?.rows.flatMap((row) => (row.wanted ? row.path : []))
    await client.select(uploaded.id, { add: { names: ["b", "c/last.txt"], isLiteral: true } })
    expect(wanted()).toEqual(["a/1.txt", "b/3.txt", "b/empty", "c/last.txt"])
    await client.select(uploaded.id, { drop: { names: ["**"], holding: ".TXT" } })
    expect(wanted()).toEqual(["b/empty"])
    await client.select(uploaded.id, { add: { names: ["a/*"] } })
    await client.select(uploaded.id, { drop: { names: ["b/*"] } })
    expect(wanted()).toEqual(["a/1.txt", "a/2.txt"])
  })

  it("after the whole download leaves the files where they are", async () => {
    const client = await rig.open("b")
    await (await download(client)).durable
    await client.select(uploaded.id, { only: ["a/1.txt"] })
    expect(documentOf(client)).toMatchObject({ state: "seeding", selection: { wantedFiles: 1 } })
    expect(filesOf()).toEqual(Object.keys(FILES).sort())
    rig.forget(client)
    await client.close()
    const next = await rig.open("b")
    await seeding(next)
    expect(documentOf(next)).toMatchObject({ haveCount: documentOf(next)?.partCount })
  })
})

describe("a selection is refused", () => {
  it.each([
    ["that matches nothing", { only: ["nothing/**"] }, "no_such_file"],
    ["without a pattern", { only: [] }, "bad_argument"],
    ["with an empty pattern", { only: [""] }, "bad_argument"],
    ["with a number of no file", { add: [99] }, "bad_argument"],
    ["with a number that is none", { drop: [0.5] }, "bad_argument"],
    ["by a path of nothing", { add: { names: ["a/*"], isLiteral: true } }, "no_such_file"],
    ["by a text in no path", { add: { names: ["**"], holding: "nothing" } }, "no_such_file"],
    ["without a name", { drop: { names: [] } }, "bad_argument"],
    ["that wants nothing by name", { drop: { names: ["."], isLiteral: true } }, "bad_argument"],
    ["that wants nothing", { drop: [0, 1, 2, 3, 4, 5, 6] }, "bad_argument"],
  ])("%s", async (_, choice, code) => {
    const client = await rig.open("b")
    await (await download(client, ["a/1.txt"])).durable
    expect(await codeOf(client.select(uploaded.id, choice))).toBe(code)
    expect(documentOf(client)?.selection?.only).toEqual(["a/1.txt"])
  })

  it("of a folder of the user's, of a single file, and of no document", async () => {
    expect(await codeOf(seeder.select(uploaded.id, { only: ["a/1.txt"] }))).toBe("not_downloaded")
    await rig.sample("a", "disc.iso", 1_000)
    const file = await seeder.upload({ file: "disc.iso", torrent: "disc.json" })
    expect(await codeOf(seeder.select(file.id, undefined))).toBe("not_a_folder")
    expect(await codeOf(seeder.download({ torrent: file.torrentPath, only: ["x"] }))).toBe("not_a_folder")
    expect(await codeOf(seeder.select("none", undefined))).toBe("no_such_document")
    expect(await codeOf(seeder.select(uploaded.id, undefined, { signal: AbortSignal.abort() }))).toBe("interrupted")
  })
})
