import { cp, mkdir, rm, symlink, writeFile } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { Client } from "../api/client-api.js"
import { ClientRig, codeOf, SAMPLE_PART_BYTES, sha1Hex } from "../testing/client-rig.js"
import { untilSo } from "../testing/until-so.js"

let rig: ClientRig

beforeEach(async () => {
  rig = await ClientRig.create()
})

afterEach(() => rig.close())

/** Where the download ends. */
async function ended(client: Client, torrent: string, file: string, more: { readonly repair?: boolean } = {}) {
  return (await (await client.download({ torrent, file, ...more })).done).filePath
}

function placed(client: Client): readonly string[] {
  return client.snapshot().documents.map(({ filePath }) => filePath)
}

describe.each(["torrent", "link"] as const)("a file downloaded by its %s into a folder", (by) => {
  let content: Buffer
  let source: string
  let client: Client

  beforeEach(async () => {
    const seeded = await rig.seeder("a", 2)
    content = seeded.content
    source = by === "link" ? seeded.link : seeded.torrentPath
    client = await rig.open("b")
    await mkdir(rig.path("b", "dir"))
  })

  it.each(["dir", "dir/", "dir//", "dir/.", "./dir/", "dir/../dir/"])(
    "has its own name there: %s [U11]",
    async (typed) => {
      expect(await ended(client, source, typed)).toBe(rig.path("b", "dir", "disc.iso"))
      expect(await rig.digest("b", "dir", "disc.iso")).toBe(sha1Hex(content))
    },
  )

  it("that a link leads to has its own name there [U11]", async () => {
    await symlink("dir", rig.path("b", "soft"))
    expect(await ended(client, source, "soft")).toBe(rig.path("b", "soft", "disc.iso"))
    expect(await rig.digest("b", "dir", "disc.iso")).toBe(sha1Hex(content))
  })

  it("is complete when the command is repeated, and resumed after a restart [U11]", async () => {
    await ended(client, source, "dir")
    expect(await ended(client, source, "dir/")).toBe(rig.path("b", "dir", "disc.iso"))
    expect(await ended(client, source, "dir/disc.iso")).toBe(rig.path("b", "dir", "disc.iso"))
    await client.close()
    const again = await rig.open("b")
    expect(await ended(again, source, "dir")).toBe(rig.path("b", "dir", "disc.iso"))
  })

  it("is refused where its name is taken by other content, which stays, or by a folder [U11]", async () => {
    await writeFile(rig.path("b", "dir", "disc.iso"), "mine")
    await refused("target_exists", "dir")
    expect(await rig.text("b", "dir", "disc.iso")).toBe("mine")
    await rm(rig.path("b", "dir", "disc.iso"))
    await mkdir(rig.path("b", "dir", "disc.iso"))
    await refused("target_exists", "dir/")
  })

  it("is repaired there [U11]", async () => {
    await writeFile(rig.path("b", "dir", "disc.iso"), Buffer.from(content).fill(0, 0, 10))
    expect(await ended(client, source, "dir", { repair: true })).toBe(rig.path("b", "dir", "disc.iso"))
    expect(await rig.digest("b", "dir", "disc.iso")).toBe(sha1Hex(content))
  })

  it("that is not there is refused [U11]", () => refused("no_such_folder", "nowhere/"))

  /** The description of a link comes after its command. */
  async function refused(code: string, file: string): Promise<void> {
    const { id } = client.snapshot().documents[0] ?? {}
    if (id !== undefined) await client.remove(id)
    if (by === "torrent") return expect(await codeOf(client.download({ torrent: source, file }))).toBe(code)
    const { done } = await client.download({ torrent: source, file })
    done.catch(() => undefined)
    await untilSo(() => {
      const why = client.snapshot().documents[0]?.why
      return why?.code === "failed" && why.error.code === code
    })
  }
})

describe.each(["torrent", "link"] as const)("a folder downloaded by its %s", (by) => {
  let source: string
  let client: Client

  beforeEach(async () => {
    await mkdir(rig.path("a", "tree"), { recursive: true })
    await rig.sample("a", "tree/large", SAMPLE_PART_BYTES + 7)
    await writeFile(rig.path("a", "tree", "README.md"), "of the tree")
    await writeFile(rig.path("a", "tree", "empty"), "")
    const { torrentPath, link } = await (await rig.open("a")).upload({ file: "tree" })
    source = by === "link" ? link : torrentPath
    client = await rig.open("b")
  })

  it("goes into a folder that is there, under its own name [U11]", async () => {
    await mkdir(rig.path("b", "dir"))
    await writeFile(rig.path("b", "dir", "README.md"), "of the user of dir")
    await writeFile(rig.path("b", "dir", "empty"), "")
    expect(await ended(client, source, "dir")).toBe(rig.path("b", "dir", "tree"))
    expect(await rig.text("b", "dir", "tree", "README.md")).toBe("of the tree")
    expect(await rig.text("b", "dir", "README.md")).toBe("of the user of dir")
    expect(await ended(client, source, "dir/")).toBe(rig.path("b", "dir", "tree"))
    expect(placed(client)).toEqual([rig.path("b", "dir", "tree")])
  })

  it.each(["new", "new/"])(
    "gets the name of a folder that is not there, also when the command is repeated: %s [U11]",
    async (typed) => {
      expect(await ended(client, source, typed)).toBe(rig.path("b", "new"))
      expect(await ended(client, source, typed)).toBe(rig.path("b", "new"))
      const [{ id } = { id: "" }] = client.snapshot().documents
      await client.remove(id)
      expect(await ended(client, source, typed)).toBe(rig.path("b", "new"))
      expect(await rig.exists("b", "new", "tree")).toBe(false)
    },
  )

  it("is repaired in a folder that is nearly it, and in one of its name within another [U11]", async () => {
    await ended(client, source, "new")
    const [{ id } = { id: "" }] = client.snapshot().documents
    await client.remove(id)
    await writeFile(rig.path("b", "new", "README.md"), "changed by the user")
    expect(await ended(client, source, "new/", { repair: true })).toBe(rig.path("b", "new"))
    await client.remove(id)
    await cp(rig.path("b", "new"), rig.path("b", "dir", "tree"), { recursive: true })
    await writeFile(rig.path("b", "dir", "tree", "README.md"), "OF THE TREE")
    expect(await ended(client, source, "dir", { repair: true })).toBe(rig.path("b", "dir", "tree"))
    expect(await rig.text("b", "dir", "tree", "README.md")).toBe("of the tree")
  })
})
