import { execFileSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { appendFile, chmod, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { ClientRig, codeOf, SAMPLE_PART_BYTES } from "../testing/client-rig.js"
import { parseTorrent } from "../torrent/parse-torrent.js"

let rig: ClientRig

beforeEach(async () => {
  rig = await ClientRig.create()
})

afterEach(() => rig.close())

async function put(path: string, content: string | Uint8Array): Promise<void> {
  const whole = rig.path("a", "tree", path)
  await mkdir(dirname(whole), { recursive: true })
  await writeFile(whole, content)
}

/** Hidden and empty files, one of several parts, one that needs padding before it, an executable one, names that are not ASCII. */
async function tree(): Promise<void> {
  await put(".git/HEAD", "ref: main")
  await put("a/small.txt", randomBytes(1_000))
  await put("large.bin", randomBytes(2 * SAMPLE_PART_BYTES + 77))
  await put("z/größe/😀.txt", "names")
  await put("z/empty", "")
  await put("bin/run", "#!/bin/sh\n")
  await chmod(rig.path("a", "tree", "bin/run"), 0o755)
}

/** Every file with its executable bit and its bytes. */
async function contentOf(...names: readonly string[]): Promise<Record<string, string>> {
  const root = rig.path(...names)
  const content: Record<string, string> = {}
  for (const entry of await readdir(root, { withFileTypes: true, recursive: true })) {
    if (entry.isDirectory()) continue
    const path = join(entry.parentPath, entry.name)
    const { mode } = await stat(path)
    content[path.slice(root.length)] = `${mode & 0o100} ${await rig.digest(path.slice(rig.root.length))}`
  }
  return content
}

describe("a folder", () => {
  it.each([
    ["private", false],
    ["open", true],
  ])("goes from one client to another, file by file: %s", async (_, open) => {
    await tree()
    await mkdir(rig.path("a", "tree", "nothing/here"), { recursive: true })
    const seeder = await rig.open("a")
    const uploaded = await seeder.upload({ file: "tree/", torrent: "tree.json", open })
    expect(uploaded).toMatchObject({ isNew: true, open, emptyFolders: 1 })
    expect(seeder.snapshot().documents[0]).toMatchObject({
      isFolder: true,
      fileCount: 6,
      name: "tree",
      state: "seeding",
    })
    const leecher = await rig.open("b")
    const handle = await leecher.download({ torrent: uploaded.torrentPath })
    expect((await handle.done).filePath).toBe(rig.path("b", "tree"))
    await handle.durable
    expect(await contentOf("b", "tree")).toEqual(await contentOf("a", "tree"))
    execFileSync("diff", ["-r", "--exclude=nothing", rig.path("a", "tree"), rig.path("b", "tree")])
  })

  it("says how far the hashing is, in bytes and files", async () => {
    await tree()
    const client = await rig.open("a")
    const seen: unknown[] = []
    client.onChange(() => seen.push(...client.snapshot().jobs))
    await client.upload({ file: "tree", torrent: "tree.json" })
    expect(seen).toContainEqual(expect.objectContaining({ name: "tree", totalFiles: 6 }))
  })

  it("is shared again by a torrent file that describes just it, and nothing is written or registered", async () => {
    await tree()
    const client = await rig.open("a")
    const first = await client.upload({ file: "tree", torrent: "tree.json" })
    const text = await rig.text("a", "tree.json")
    const again = await client.upload({ file: "tree", torrent: "tree.json" })
    expect(again).toMatchObject({ id: first.id, isNew: false })
    await client.remove(first.id)
    expect(await client.upload({ file: "tree", torrent: "tree.json" })).toMatchObject({ id: first.id, isNew: false })
    expect(await rig.text("a", "tree.json")).toBe(text)
  })

  it.each<[string, () => Promise<void>]>([
    ["another file", () => put("new", "x")],
    ["a file less", () => rm(rig.path("a", "tree", "a/small.txt"))],
    ["a file of another size", () => appendFile(rig.path("a", "tree", "bin/run"), "x")],
    ["other bytes", () => writeFile(rig.path("a", "tree", "z/größe/😀.txt"), "eman!")],
    ["another mode", () => chmod(rig.path("a", "tree", "bin/run"), 0o644)],
  ])("is not what a torrent file describes with %s, and that is not replaced", async (_, change) => {
    await tree()
    const client = await rig.open("a")
    const { id } = await client.upload({ file: "tree", torrent: "tree.json" })
    await client.remove(id)
    await change()
    const text = await rig.text("a", "tree.json")
    expect(await codeOf(client.upload({ file: "tree", torrent: "tree.json" }))).toBe("target_exists")
    expect(await rig.text("a", "tree.json")).toBe(text)
    expect((await client.upload({ file: "tree", torrent: "tree2.json" })).isNew).toBe(true)
  })

  it("is not what the torrent file of a file describes, nor the other way round", async () => {
    await tree()
    await rig.sample("a", "disc.iso", 100)
    const client = await rig.open("a")
    await client.upload({ file: "tree", torrent: "tree.json" })
    await client.upload({ file: "disc.iso", torrent: "disc.json" })
    expect(await codeOf(client.upload({ file: "disc.iso", torrent: "tree.json" }))).toBe("target_exists")
    expect(await codeOf(client.upload({ file: "tree", torrent: "disc.json" }))).toBe("target_exists")
  })

  it("that can't be carried is named before anything is registered or written", async () => {
    await tree()
    await symlink("nowhere", rig.path("a", "tree", "dangling"))
    const client = await rig.open("a")
    const upload = client.upload({ file: "tree", torrent: "tree.json" })
    await expect(upload).rejects.toMatchObject({
      message: expect.stringContaining("tree/dangling: it is a link that leads nowhere"),
    })
    expect(await rig.exists("a", "tree.json")).toBe(false)
    expect(client.snapshot()).toMatchObject({ documents: [], jobs: [] })
    expect(await codeOf(client.upload({ file: ".", torrent: "../x.json" }))).toBe("bad_path")
  })

  it("is found beside its torrent file at the start, and seeded without a word", async () => {
    await tree()
    const client = await rig.open("a")
    const { id } = await client.upload({ file: "tree", torrent: "tree.json" })
    await client.close()
    await rm(rig.path("a", ".p2p-tui"), { recursive: true })
    const again = await rig.open("a")
    await rig.until(again, () => again.snapshot().documents[0]?.state === "seeding")
    expect(again.snapshot().documents).toMatchObject([{ id, isFolder: true, filePath: rig.path("a", "tree") }])
  })

  it("holds torrent files that are no word of this user: they are not taken up [G7]", async () => {
    const { client: other, torrentPath } = await rig.seeder("c", 1)
    const seeder = await rig.open("a")
    await tree()
    await put("disc.json", await readFile(torrentPath))
    await put("disc.iso", await readFile(rig.path("c", "disc.iso")))
    const { id } = await seeder.upload({ file: "tree", torrent: "tree.json" })
    await seeder.close()
    for (const known of [true, false]) {
      if (!known) await rm(rig.path("a", ".p2p-tui"), { recursive: true })
      const again = await rig.open("a")
      await rig.until(again, () => again.snapshot().documents[0]?.state === "seeding")
      expect(
        again.snapshot().documents.map((document) => document.id),
        String(known),
      ).toEqual([id])
      await again.close()
    }
    await other.close()
  })

  it("gets a name that stays in the service folder, whatever its torrent file says [G1]", async () => {
    await tree()
    const seeder = await rig.open("a")
    const { torrentPath } = await seeder.upload({ file: "tree", torrent: "tree.json", open: true })
    const { FileInfo } = JSON.parse(await readFile(torrentPath, "utf8"))
    await writeFile(rig.path("evil.json"), JSON.stringify({ FileInfo: { ...FileInfo, Name: "../../evil" } }))
    expect(parseTorrent(await readFile(rig.path("evil.json"))).name).toBe("../../evil")
    const leecher = await rig.open("b")
    const { id } = await leecher.download({ torrent: rig.path("evil.json") })
    expect(leecher.find(id).filePath).toBe(rig.path("b", "evil"))
    await leecher.remove(id, { discardUnfinished: true })
  })

  it("may be downloaded to a name with a trailing separator, unlike a file", async () => {
    await tree()
    await rig.sample("a", "disc.iso", 100)
    const seeder = await rig.open("a")
    const folder = await seeder.upload({ file: "tree", torrent: "tree.json" })
    const file = await seeder.upload({ file: "disc.iso", torrent: "disc.json" })
    const leecher = await rig.open("b")
    await (await leecher.download({ torrent: folder.torrentPath, file: "copy/" })).done
    expect(await contentOf("b", "copy")).toEqual(await contentOf("a", "tree"))
    expect(await codeOf(leecher.download({ torrent: file.torrentPath, file: "copy2/" }))).toBe("no_such_folder")
  })

  it("that moved with its torrent file is found where it is now", async () => {
    await tree()
    const client = await rig.open("a")
    const { id } = await client.upload({ file: "tree", torrent: "tree.json" })
    await client.close()
    await mkdir(rig.path("a", "sub"))
    await rename(rig.path("a", "tree"), rig.path("a", "sub/tree"))
    await rename(rig.path("a", "tree.json"), rig.path("a", "sub/tree.json"))
    const again = await rig.open("a")
    await rig.until(again, () => again.snapshot().documents[0]?.state === "seeding")
    expect(again.snapshot().documents).toMatchObject([{ id, filePath: rig.path("a", "sub/tree") }])
  })
})
