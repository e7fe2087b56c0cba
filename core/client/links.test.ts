import { readFile, stat } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { Client } from "../api/client-api.js"
import { ClientRig, codeOf, SAMPLE_PART_BYTES, sha1Hex } from "../testing/client-rig.js"
import { untilSo } from "../testing/until-so.js"
import { parseLink } from "../torrent/parse-link.js"
import { parseTorrent } from "../torrent/parse-torrent.js"

let rig: ClientRig

beforeEach(async () => {
  rig = await ClientRig.create()
})

afterEach(() => rig.close())

/** A client that seeds "disc.iso", and the document's link. */
async function seeder(open: boolean, partCount = 4) {
  const content = await rig.sample("a", "disc.iso", partCount * SAMPLE_PART_BYTES)
  const client = await rig.open("a")
  return { client, content, ...(await client.upload({ file: "disc.iso", open })) }
}

function documentOf(client: Client) {
  return client.snapshot().documents[0]
}

describe.each([
  ["open", true],
  ["private", false],
] as const)("the link of a document: %s", (_, open) => {
  it("is enough to download it, and leaves a torrent file as any other download", async () => {
    const { content, link, id } = await seeder(open)
    const leecher = await rig.open("b")
    const handle = await leecher.download({ torrent: link })
    expect(handle).toMatchObject({ id, found: undefined })
    const order: string[] = []
    const found = handle.foundLater?.finally(() => order.push("found"))
    await handle.done.finally(() => order.push("done"))
    expect(await found).toEqual({ reusedParts: 0, partCount: 4, sizeBytes: 4 * SAMPLE_PART_BYTES })
    expect(order).toEqual(["found", "done"])
    expect(await rig.digest("b", "disc.iso")).toBe(sha1Hex(content))
    const torrent = parseTorrent(await readFile(rig.path("b", "disc.iso.torrent.json")))
    const original = parseTorrent(await readFile(rig.path("a", "disc.iso.torrent.json")))
    expect({ ...torrent, trackers: undefined }).toEqual({ ...original, trackers: undefined })
    expect((await stat(rig.path("b", "disc.iso.torrent.json"))).mode & 0o777).toBe(open ? 0o644 : 0o600)
    expect(leecher.snapshot().documents).toHaveLength(1)
    expect(documentOf(leecher)).toMatchObject({ id, open, state: "seeding" })
  })

  it("goes where the user wants it, and is the same link again for others", async () => {
    const { content, link } = await seeder(open)
    const leecher = await rig.open("b")
    const { id, done } = await leecher.download({ torrent: `<${link}>\n`, file: "sub.iso" })
    await done
    expect(await rig.digest("b", "sub.iso")).toBe(sha1Hex(content))
    const [one, other] = [parseLink(link), parseLink(leecher.link(id))]
    expect({ ...other, peers: [] }).toEqual({ ...one, peers: [] })
    expect(other.peers).toEqual([`127.0.0.1:${leecher.listening.port}`])
  })

  it("waits for peers across restarts, with a reason, and is downloaded when one is there", async () => {
    const { client, content, link, id } = await seeder(open)
    const { port } = client.listening
    await client.close()
    const first = await rig.open("b")
    const handle = await first.download({ torrent: link })
    await rig.until(first, () => documentOf(first)?.why?.code === "no_peer_connected")
    expect(documentOf(first)).toMatchObject({ id, name: "disc.iso", state: "downloading", isDescribed: false })
    await first.close()
    await expect(codeOf(handle.done)).resolves.toBe("interrupted")
    expect((await stat(rig.path("b", ".p2p-tui", "documents.json"))).mode & 0o777).toBe(0o600)

    const again = await rig.open("b")
    expect(documentOf(again)).toMatchObject({ id, isDescribed: false })
    await rig.open("a", { listen: { host: "127.0.0.1", port } })
    await rig.until(again, () => documentOf(again)?.state === "seeding")
    expect(await rig.digest("b", "disc.iso")).toBe(sha1Hex(content))
    await untilSo(async () => !(await rig.text("b", ".p2p-tui", "documents.json")).includes("awaited"))
  })

  it("can be paused, resumed and removed while it waits", async () => {
    const { client, link, id } = await seeder(open)
    await client.close()
    const leecher = await rig.open("b")
    await leecher.download({ torrent: link })
    await leecher.pause(id)
    expect(documentOf(leecher)).toMatchObject({ state: "paused" })
    await leecher.close()
    const again = await rig.open("b")
    expect(documentOf(again)).toMatchObject({ state: "paused" })
    await again.resume(id)
    expect(documentOf(again)).toMatchObject({ state: "downloading" })
    expect(await codeOf(again.recheck(id))).toBe("no_description")
    expect(await again.remove(id)).toEqual({ discarded: false })
    expect(again.snapshot().documents).toEqual([])
    await again.close()
    expect(await readFile(rig.path("b", ".p2p-tui", "documents.json"), "utf8")).not.toContain(id)
  })
})
