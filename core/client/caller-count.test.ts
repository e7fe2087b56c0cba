import { once } from "node:events"
import { connect } from "node:net"
import { afterEach, beforeEach, expect, it } from "vitest"
import { readTorrentFile } from "../store/torrent-on-disk.js"
import { ClientRig } from "../testing/client-rig.js"
import { infoHash } from "../torrent/info-hash.js"
import { encodeHandshake } from "../wire/codec/handshake.js"

let rig: ClientRig

beforeEach(async () => {
  rig = await ClientRig.create()
})
afterEach(() => rig.close())

it("a caller that does not say where it listens is a known peer too: never more are connected than known", async () => {
  const { client, torrentPath } = await rig.seeder("a", 1)
  const caller = connect(client.listening.port, "127.0.0.1")
  try {
    await once(caller, "connect")
    const greeting = { infoHash: infoHash(await readTorrentFile(torrentPath)), peerId: new Uint8Array(20).fill(1) }
    caller.write(encodeHandshake({ ...greeting, supportsFast: true, supportsExtensions: false }))
    await rig.until(client, () => client.snapshot().documents[0]?.connectedPeers === 1)
    expect(client.snapshot().documents[0]?.knownPeers).toBe(1)
  } finally {
    caller.destroy()
  }
})
