import { readFile } from "node:fs/promises"
import { afterEach, beforeEach, expect, it } from "vitest"
import type { Client } from "../api/client-api.js"
import { ClientRig, SAMPLE_PART_BYTES } from "../testing/client-rig.js"
import { freePort } from "../testing/free-port.js"

let rig: ClientRig

beforeEach(async () => {
  rig = await ClientRig.create()
})
afterEach(() => rig.close())

const why = (client: Client) => client.snapshot().documents[0]?.why

it("a document without a tracker is uploaded, and downloaded from a listed host, which is found by its name", async () => {
  const content = await rig.sample("a", "disc.iso", 3 * SAMPLE_PART_BYTES)
  const seeder = await rig.open("a", { trackers: [] })
  const { torrentPath } = await seeder.upload({ file: "disc.iso", torrent: "disc.json" })
  expect(seeder.snapshot().tracker).toMatchObject({ state: "none", url: "" })
  const peers = [{ host: "localhost", port: seeder.listening.port }]
  const leecher = await rig.open("b", { trackers: [], peers }, { lookup: async () => ["127.0.0.1"] })
  const { done } = await leecher.download({ torrent: torrentPath, file: "copy.iso" })
  await done
  expect(await readFile(rig.path("b", "copy.iso"))).toEqual(content)
})

it("a seed that starts calls the listed host that waits for it", async () => {
  const port = await freePort()
  const { torrentPath } = await described()
  const leecher = await rig.open("b", { trackers: [], listen: { host: "127.0.0.1", port } })
  const { done } = await leecher.download({ torrent: torrentPath, file: "copy.iso" })
  await rig.until(leecher, () => why(leecher)?.code === "no_peer_known")
  expect(why(leecher)).toMatchObject({ tracker: { state: "none" }, meeting: { listedHosts: 0, dhtOnly: false } })
  await rig.open("a", { trackers: [], peers: [{ host: "127.0.0.1", port }] })
  await done
})

it("a listed host that is not there is named, and tried again", async () => {
  const port = await freePort()
  const { torrentPath } = await described()
  const leecher = await rig.open("b", { trackers: [], peers: [{ host: "127.0.0.1", port }] })
  const { id, done } = await leecher.download({ torrent: torrentPath, file: "copy.iso" })
  await rig.until(leecher, () => why(leecher)?.code === "no_peer_connected")
  expect(leecher.detail(id)?.known).toMatchObject([{ address: `127.0.0.1:${port}`, source: "listed" }])
  await rig.open("a", { trackers: [], listen: { host: "127.0.0.1", port } })
  await done
})

it("export writes a file without an announce URL, and says so", async () => {
  const { torrentPath } = await described(true)
  const client = await rig.open("a", { trackers: [] })
  const metainfo = await client.export(torrentPath, "disc.torrent")
  expect((await readFile(metainfo, "latin1")).startsWith("d10:created by7:p2p-tui4:info")).toBe(true)
  expect(rig.events.map(({ name }) => name)).toContain("no_announce_url")
})

/** A document whose uploader has left. */
async function described(open = false) {
  await rig.sample("a", "disc.iso", SAMPLE_PART_BYTES)
  const uploader = await rig.open("a", { trackers: [] })
  const uploaded = await uploader.upload({ file: "disc.iso", torrent: "disc.json", open })
  await uploader.close()
  return uploaded
}
