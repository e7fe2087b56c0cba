import { readdir, rm, stat } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import type { Client } from "../api/client-api.js"
import { ClientRig, codeOf, SAMPLE_PART_BYTES } from "../testing/client-rig.js"
import { untilSo } from "../testing/until-so.js"

/** Changes of the folder under the name `name` wait until `goOn` is called. */
const disk = vi.hoisted(() => ({
  name: undefined as string | undefined,
  goOn: (): void => undefined,
  waiting: 0,
  async pass(path: unknown): Promise<void> {
    if (disk.name === undefined || !String(path).endsWith(disk.name)) return
    disk.waiting++
    await new Promise<void>((resolve) => {
      disk.goOn = resolve
    })
  },
}))
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>()
  const slow =
    <Args extends unknown[], R>(call: (...args: Args) => Promise<R>) =>
    async (...args: Args): Promise<R> => {
      await disk.pass(args.at(-1))
      return call(...args)
    }
  return { ...real, link: slow(real.link), rename: slow(real.rename), unlink: slow(real.unlink) }
})

let rig: ClientRig

beforeEach(async () => {
  Object.assign(disk, { name: undefined, goOn: () => undefined, waiting: 0 })
  rig = await ClientRig.create()
})

afterEach(async () => {
  disk.name = undefined
  disk.goOn()
  await rig.close()
})

const copies = () => readdir(rig.path("a", ".p2p-tui", "torrents"))

/** Long enough for a client that waits for nothing to close: its end takes some dozen turns of the disk, one after the other. */
async function manyTurns(): Promise<void> {
  for (let turn = 0; turn < 500; turn++) await stat(rig.root)
}

/** The client closes while the write waits that `begin` has begun. Resolves to what came first: the end of the client, or of the write. */
async function closedDuring(name: string, client: Client, begin: () => unknown): Promise<string[]> {
  const order: string[] = []
  disk.name = name
  begin()
  await untilSo(() => disk.waiting > 0)
  disk.name = undefined
  const closing = client.close().then(() => order.push("closed"))
  await Promise.race([closing, manyTurns()])
  order.push("written")
  disk.goOn()
  await closing
  return order
}

describe("a client that is closed while it writes, and nothing waits for that any more, ends after it", () => {
  async function shared() {
    await rig.sample("a", "disc.iso", SAMPLE_PART_BYTES)
    const client = await rig.open("a")
    return { client, ...(await client.upload({ file: "disc.iso", torrent: "disc.json", open: true })) }
  }

  it("a standard torrent file that is exported", async () => {
    const { client, torrentPath, id } = await shared()
    await client.remove(id)
    const order = await closedDuring("disc.torrent", client, () => codeOf(client.export(torrentPath, "disc.torrent")))
    expect(order).toEqual(["written", "closed"])
    expect(await rig.exists("a", "disc.torrent")).toBe(true)
  })

  it("the copy of a torrent file whose document is added", async () => {
    const { client, torrentPath, id } = await shared()
    await client.remove(id)
    const order = await closedDuring(id, client, () => codeOf(client.download({ torrent: torrentPath })))
    expect(order).toEqual(["written", "closed"])
    expect(await copies()).toEqual([id])
  })

  it("the copy of a torrent file whose document is restored", async () => {
    const { client, id } = await shared()
    await client.close()
    await rm(rig.path("a", ".p2p-tui", "torrents"), { recursive: true })
    disk.name = id
    const again = await rig.open("a")
    const order = await closedDuring(id, again, () => undefined)
    expect(order).toEqual(["written", "closed"])
    expect(await copies()).toEqual([id])
  })

  it("the end of a copy whose document is removed", async () => {
    const { client, id } = await shared()
    const order = await closedDuring(id, client, () => codeOf(client.remove(id)))
    expect(order).toEqual(["written", "closed"])
    expect(await copies()).toEqual([])
  })

  it("and takes no command that would write later", async () => {
    const { client, torrentPath } = await shared()
    const closing = client.close()
    expect(await codeOf(client.export(torrentPath, "late.torrent"))).toBe("closed")
    await closing
    expect(await rig.exists("a", "late.torrent")).toBe(false)
  })
})
