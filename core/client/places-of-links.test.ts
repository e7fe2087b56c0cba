import { randomBytes } from "node:crypto"
import { readFile, writeFile } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { encodeBencode } from "../base/encode-bencode.js"
import { ClientRig, sha1Hex } from "../testing/client-rig.js"
import { ScriptedUdpTracker } from "../testing/scripted-udp-tracker.js"

let rig: ClientRig
let udp: ScriptedUdpTracker | undefined

beforeEach(async () => {
  rig = await ClientRig.create()
})
afterEach(async () => {
  await rig.close()
  udp?.close()
  udp = undefined
})

const NOWHERE = `magnet:?xt=urn:btih:${"ab".repeat(20)}`

describe("a download that has neither a tracker nor a peer", () => {
  it.each([
    ["of a magnet link is said to be left to DHT, which is not supported", NOWHERE, true],
    [
      "of a private link is not, for other programs know none",
      `p2p-tui:${crypto.randomUUID()}#${Buffer.alloc(52, 5).toString("base64url")}`,
      false,
    ],
  ])("%s [L7]", async (_, torrent, dhtOnly) => {
    const client = await rig.open("b", { trackers: [] })
    await client.download({ torrent })
    await rig.until(client, () => client.snapshot().documents[0]?.why?.code === "no_peer_known")
    const meeting = { listedHosts: 0, dhtOnly }
    expect(client.snapshot().documents[0]?.why).toMatchObject({ tracker: { state: "none" }, meeting })
  })

  it("of a .torrent is said so too [L7]", async () => {
    const info = { length: 5, name: "a.iso", "piece length": 16_384, pieces: randomBytes(20) }
    await writeFile(rig.path("a.torrent"), encodeBencode({ info }))
    const client = await rig.open("b", { trackers: [] })
    await client.download({ torrent: rig.path("a.torrent") })
    await rig.until(client, () => client.snapshot().documents[0]?.why?.code === "no_peer_known")
    expect(client.snapshot().documents[0]?.why).toMatchObject({ meeting: { dhtOnly: true } })
  })
})

it("a magnet link with a UDP tracker leads to the peers that it knows", async () => {
  udp = await ScriptedUdpTracker.start()
  const { client, link, content } = await rig.seeder("a", 2)
  udp.peers = Uint8Array.from([127, 0, 0, 1, client.listening.port >> 8, client.listening.port & 255])
  const [hash = ""] = /urn:btih:[0-9a-f]{40}/.exec(link) ?? []
  const leecher = await rig.open("b", { trackers: [] })
  const tracker = encodeURIComponent(`udp://127.0.0.1:${udp.port}/announce`)
  await (await leecher.download({ torrent: `magnet:?xt=${hash}&tr=${tracker}`, file: "copy.iso" })).done
  expect(sha1Hex(await readFile(rig.path("b", "copy.iso")))).toBe(sha1Hex(content))
  expect(udp.announces.length).toBeGreaterThan(0)
})
