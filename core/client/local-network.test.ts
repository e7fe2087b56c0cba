import { afterEach, beforeEach, expect, it } from "vitest"
import { readTorrentFile } from "../store/torrent-on-disk.js"
import { ClientRig, SAMPLE_PART_BYTES } from "../testing/client-rig.js"
import { SimulatedLan } from "../testing/simulated-lan.js"
import { infoDigest, infoHash } from "../torrent/info-hash.js"

let rig: ClientRig
let lan: SimulatedLan

beforeEach(async () => {
  rig = await ClientRig.create()
  lan = new SimulatedLan()
})
afterEach(() => rig.close())

/** Listens on every address, so that it may announce itself; what it sends stays in memory. */
const everywhere = { trackers: [], listen: { host: "0.0.0.0", port: 0 } }

it.each([
  ["a private document is never named by its info hash, or by its info digest [M3]", false],
  ["an open document is named by its info hash", true],
])("%s", async (_, open) => {
  await rig.sample("a", "disc.iso", SAMPLE_PART_BYTES)
  const uploader = await rig.open("a", everywhere, { lan: lan.addHost("10.0.0.1") })
  const { torrentPath } = await uploader.upload({ file: "disc.iso", torrent: "disc.json", open })
  await expect.poll(() => lan.sent.length).toBeGreaterThan(0)
  const torrent = await readTorrentFile(torrentPath)
  const said = lan.sent.map(({ text }) => text.toLowerCase()).join()
  const [hash, digest] = [infoHash(torrent), infoDigest(torrent)].map((bytes) => Buffer.from(bytes).toString("hex"))
  expect(said.includes(String(hash))).toBe(open)
  expect(said).not.toContain(digest)
  expect(said).not.toContain(torrent.hash)
})

it("a client that listens on loopback, or whose config turns the local network off, opens no port for its neighbours", async () => {
  const host = lan.addHost("10.0.0.1")
  await rig.sample("a", "disc.iso", SAMPLE_PART_BYTES)
  const local = await rig.open("a", { trackers: [] }, { lan: host })
  await local.upload({ file: "disc.iso", torrent: "disc.json" })
  await rig.sample("b", "disc.iso", SAMPLE_PART_BYTES)
  const silent = await rig.open("b", { ...everywhere, lan: false }, { lan: host })
  await silent.upload({ file: "disc.iso", torrent: "disc.json" })
  expect(host.openPorts).toBe(0)
})
