import { once } from "node:events"
import { writeFile } from "node:fs/promises"
import { type AddressInfo, createServer, type Server, type Socket } from "node:net"
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest"
import type { Client } from "../api/client-api.js"
import { ClientRig } from "../testing/client-rig.js"
import { leakWarnings } from "../testing/leak-warnings.js"
import { untilSo } from "../testing/until-so.js"
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

/** Begins a download of which no part is here. */
async function beginDownload(): Promise<void> {
  const torrent = {
    hash: HASH,
    sizeBytes: 1,
    partSizeBytes: 1,
    partDigests: new Uint8Array(20),
    name: "a",
    secret: undefined,
  }
  await writeFile(rig.path("a.json"), serializeTorrent(torrent))
  await client.download({ torrent: rig.path("a.json") })
}

/** Begins a download whose only peer accepts connections and never sends a byte; resolves with its end of one. */
async function dialTheSilent(): Promise<Socket> {
  const dialled = once(silent, "connection") as Promise<[Socket]>
  await beginDownload()
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

it("many connections that are being opened at once cause no warning about a memory leak", async () => {
  const warnings = leakWarnings()
  const onAllAddresses = createServer().listen(0, "0.0.0.0")
  await once(onAllAddresses, "listening")
  onTestFinished(() => void onAllAddresses.close())
  const callers = new Set<string | undefined>()
  onAllAddresses.on("connection", (socket: Socket) => {
    callers.add(socket.localAddress)
    socket.on("error", () => undefined)
  })
  const { port } = onAllAddresses.address() as AddressInfo
  const peers = Array.from({ length: 12 }, (_, index) => ({ host: `127.0.0.${index + 2}`, port }))
  client = await rig.open("caller", { peers })
  await beginDownload()
  await untilSo(() => callers.size === peers.length)
  expect(warnings()).toEqual([])
})
