import { once } from "node:events"
import { writeFile } from "node:fs/promises"
import { type AddressInfo, createServer, type Server, type Socket } from "node:net"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { Client } from "../api/client-api.js"
import { ClientRig } from "../testing/client-rig.js"
import { serializeTorrent } from "../torrent/serialize-torrent.js"

const HASH = "123e4567-e89b-12d3-a456-426614174000"

let rig: ClientRig
let silent: Server
let client: Client

beforeEach(async () => {
  rig = await ClientRig.create()
  silent = createServer().listen(0, "127.0.0.1")
  await once(silent, "listening")
  rig.tracker.register(HASH, (silent.address() as AddressInfo).port)
  client = await rig.open("service")
})

afterEach(async () => {
  await rig.close()
  silent.close()
})

/** Begins a download whose only peer accepts connections and never sends a byte; resolves with its end of one. */
async function dialTheSilent(): Promise<Socket> {
  const torrent = {
    hash: HASH,
    sizeBytes: 1,
    partSizeBytes: 1,
    partDigests: new Uint8Array(20),
    name: "a",
    secret: undefined,
  }
  await writeFile(rig.path("a.json"), serializeTorrent(torrent))
  const dialled = once(silent, "connection") as Promise<[Socket]>
  await client.download({ torrent: rig.path("a.json") })
  const [socket] = await dialled
  socket.resume()
  return socket
}

describe("a connection that is being opened", () => {
  it.each([
    ["the client leaves", () => client.close()],
    ["its document is paused", () => client.pause(HASH)],
    ["its document is removed", () => client.remove(HASH, { discardUnfinished: true })],
  ])("is given up when %s", async (_, leave) => {
    const socket = await dialTheSilent()
    const closed = once(socket, "close")
    await leave()
    await closed
    expect(socket.destroyed).toBe(true)
  })
})
