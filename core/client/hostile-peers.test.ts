import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { readTorrentFile } from "../store/torrent-on-disk.js"
import { ClientRig, SAMPLE_PART_BYTES, sha1Hex } from "../testing/client-rig.js"
import { ScriptedSeeder } from "../testing/scripted-seeder.js"

let rig: ClientRig
let liar: ScriptedSeeder | undefined

beforeEach(async () => {
  rig = await ClientRig.create()
})

afterEach(async () => {
  liar?.close()
  await rig.close()
})

/** A peer that answers every request at once, with bytes of its own making. */
async function startLiar(torrentPath: string): Promise<ScriptedSeeder> {
  liar = await ScriptedSeeder.listen(await readTorrentFile(torrentPath), ({ length }) => new Uint8Array(length).fill(7))
  return liar
}

describe("a seeder that sends wrong bytes", () => {
  it("is banned at its second part, and the download ends exact from the others [hostile 25]", async () => {
    const { client: seeder, content, torrentPath, id } = await rig.seeder("a", 12)
    const { port } = await startLiar(torrentPath)
    const leecher = await rig.open("b")
    // The liar is met first, and alone.
    await seeder.close()
    rig.tracker.register(id, port)
    const handle = await leecher.download({ torrent: torrentPath, file: "copy.iso" })
    const { peer, facts } = await rig.event("peer_banned")
    expect(peer).toBe(`127.0.0.1:${port}`)
    await rig.until(leecher, () => leecher.snapshot().documents[0]?.why?.code === "no_valid_source")
    await rig.open("a")
    expect(await handle.done).toMatchObject({ sizeBytes: content.length })
    expect(await rig.digest("b", "copy.iso")).toBe(sha1Hex(content))
    const known = leecher.detail(id)?.known.find(({ address }) => address === peer)
    expect(known?.why).toEqual({ code: "banned", ...facts })
    expect(facts).toMatchObject({ earlierParts: 1 })
  })

  it("and is the only one is asked for no part twice, and not dialled again: its document says why it stands still [hostile 26]", async () => {
    const { client: seeder, torrentPath, id } = await rig.seeder("a", 12)
    await seeder.close()
    const { port, requests } = await startLiar(torrentPath)
    rig.tracker.register(id, port)
    const leecher = await rig.open("b")
    await leecher.download({ torrent: torrentPath, file: "copy.iso" })
    await rig.until(leecher, () => leecher.snapshot().documents[0]?.why?.code === "no_valid_source")
    expect(new Set(requests.map(({ index, begin }) => `${index}:${begin}`)).size).toBe(requests.length)
    expect(rig.events.filter(({ name }) => name === "peer_banned")).toHaveLength(1)
    await rig.tracker.nextRequest("/peers")
    expect(leecher.detail(id)).toMatchObject({ peers: [], known: [{ address: `127.0.0.1:${port}` }] })
  })
})

it("a seeder of which only part of a document is right brings that part, and nothing wrong reaches the disk [hostile 25]", async () => {
  const { client: seeder, content, torrentPath, id } = await rig.seeder("a", 2)
  await seeder.close()
  const partly = await ScriptedSeeder.listen(await readTorrentFile(torrentPath), ({ index, begin, length }) =>
    index === 0 ? content.subarray(begin, begin + length) : new Uint8Array(length),
  )
  liar = partly
  rig.tracker.register(id, partly.port)
  const leecher = await rig.open("b")
  await leecher.download({ torrent: torrentPath, file: "copy.iso" })
  await rig.event("part_failed")
  await rig.until(leecher, () => leecher.snapshot().documents[0]?.haveCount === 1)
  await leecher.close()
  const again = await rig.open("b")
  await rig.until(again, () => again.snapshot().documents[0]?.reusedCount === 1)
  expect(again.snapshot().documents[0]).toMatchObject({ haveCount: 1, haveBytes: SAMPLE_PART_BYTES })
})
