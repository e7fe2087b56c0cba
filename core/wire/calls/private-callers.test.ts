import { once } from "node:events"
import type { Socket } from "node:net"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { DIALLER_ID, failureOf, INFO_HASH, PART_COUNT, PeerRig, PRE_SHARED_KEY } from "../../testing/peer-rig.js"
import { encodeHandshake } from "../codec/handshake.js"

let rig: PeerRig

beforeEach(() => {
  rig = new PeerRig("private")
})

afterEach(() => {
  vi.unstubAllEnvs()
  rig.close()
  expect(rig.pulse.watchCount).toBe(0)
})

const greeting = encodeHandshake({
  infoHash: INFO_HASH,
  peerId: DIALLER_ID,
  supportsFast: true,
  supportsExtensions: true,
})

describe("what a caller may do to the TLS of the listener", () => {
  it("one plain line sent to the port ends nothing but its own connection [hostile tls]", async () => {
    const { port } = await rig.listen()
    for (const line of [
      "GET / HTTP/1.1\r\n\r\n",
      "\x16GET / HTTP/1.1\r\n\r\n",
      "\x16\x03\x01\xff\xff\x01",
      "\x16\x03",
    ]) {
      const socket = await rig.plainSocket(port)
      const closed = once(socket.resume(), "close")
      socket.end(line, "latin1")
      await closed
    }
    await rig.refused(4)
    expect(rig.refusals).toEqual(["not_bittorrent", "not_bittorrent", "not_bittorrent", "hung_up"])
    expect((await rig.dial(port)).encrypted).toBe(true)
  })

  it.each([
    ["in its hello", async (port: number) => beginHello(port)],
    ["inside TLS", async (port: number) => (await rig.tlsTo(port)).resume()],
    ["in its handshake inside TLS", async (port: number) => withPart(await rig.tlsTo(port))],
  ])(
    "silent %s: its socket is destroyed 10 s after it came, whatever came since [hostile 19, tls]",
    async (_, begin) => {
      const { port } = await rig.listen()
      // Another one has come first, so the listener has begun with this one when that one is settled.
      const socket = await begin(port)
      await rig.rawPeer(port)
      rig.pass(9_999)
      expect(rig.refusals).toEqual([])
      const closed = once(socket, "close")
      rig.pass(1)
      expect(rig.refusals).toEqual(["timed_out"])
      await closed
    },
  )

  it("a dialled peer that never answers the hello is given up after 10 s [hostile tls]", async () => {
    const port = await rig.servePlain((peer) => peer.once("data", () => rig.pass(10_000)))
    expect(await failureOf(rig.dial(port))).toBe("timed_out")
  })

  it("gone in the middle of its TLS handshake, in order or not [hostile 31]", async () => {
    const { port } = await rig.listen()
    for (const leave of ["end", "resetAndDestroy"] as const) {
      const socket = await beginHello(port)
      await rig.rawPeer(port)
      socket[leave]()
    }
    await rig.refused(2)
    expect(rig.refusals).toEqual(["hung_up", "hung_up"])
  })

  it("a lookup that throws refuses the caller and is reported, and the listener continues [hostile tls]", async () => {
    const problems: string[] = []
    let failing = true
    const ours = { key: PRE_SHARED_KEY.key, infoHash: INFO_HASH, partCount: PART_COUNT }
    const { port } = await rig.listen({
      lookupPrivate: () => {
        if (failing) throw new Error("a bug of ours")
        return ours
      },
      onProblem: (error) => problems.push(error.message),
    })
    expect(await failureOf(rig.dial(port))).toBe("wrong_key")
    await rig.refused()
    expect(rig.refusals).toEqual(["unknown_document"])
    expect(problems).toEqual(["a bug of ours"])
    failing = false
    expect((await rig.dial(port)).encrypted).toBe(true)
  })

  it("counts in its address's budget until it is settled [hostile 33]", async () => {
    const { port } = await rig.listen({ limits: { maxPendingPerHost: 2 } })
    const waiting = [await beginHello(port), await rig.tlsTo(port)]
    await rig.plainSocket(port)
    await rig.refused()
    expect(rig.refusals).toEqual(["too_many"])
    const closed = Promise.all(waiting.map((socket) => once(socket.resume(), "close")))
    rig.pass(10_000)
    await closed
    expect((await rig.dial(port)).encrypted).toBe(true)
  })

  it("is over when the listener closes", async () => {
    const listener = await rig.listen()
    const sockets = [await beginHello(listener.port), await rig.tlsTo(listener.port)]
    await rig.rawPeer(listener.port)
    const closed = Promise.all(sockets.map((socket) => once(socket.resume(), "close")))
    listener.close()
    await closed
    expect(rig.refusals).toEqual(["listener_closed", "listener_closed"])
  })
})

/** A caller that has sent the beginning of a TLS record. */
async function beginHello(port: number): Promise<Socket> {
  const socket = await rig.plainSocket(port)
  socket.resume().write(Uint8Array.of(0x16, 3, 1))
  return socket
}

/** A caller that has sent the beginning of its handshake. */
function withPart(socket: Socket): Socket {
  socket.resume().write(greeting.subarray(0, 30))
  return socket
}
