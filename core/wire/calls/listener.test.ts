import { once } from "node:events"
import type { Socket } from "node:net"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { ConfigError } from "../../base/errors.js"
import { DIALLER_ID, Hearer, INFO_HASH, PeerRig } from "../../testing/peer-rig.js"
import { encodeHandshake } from "../codec/handshake.js"

let rig: PeerRig

beforeEach(() => {
  rig = new PeerRig()
})

afterEach(() => {
  rig.close()
})

const greeting = encodeHandshake({
  infoHash: INFO_HASH,
  peerId: DIALLER_ID,
  supportsFast: true,
  supportsExtensions: true,
})

async function refusalOf(listening: Promise<unknown>): Promise<ConfigError> {
  const error = await listening.then(
    () => expect.unreachable("it listens"),
    (reason: unknown) => reason,
  )
  if (!(error instanceof ConfigError)) throw error
  return error
}

describe("listener", () => {
  it("reports its actual port [hostile 34]", async () => {
    const { host, port } = await rig.listen()
    expect(host).toBe("127.0.0.1")
    expect(port).toBeGreaterThan(1023)
  })

  it("says in a sentence that a port is taken [hostile 34]", async () => {
    const { port } = await rig.listen()
    const error = await refusalOf(rig.listen({ port }))
    expect(error.code).toBe("port_in_use")
    expect(error.message).toContain(`port ${port} on 127.0.0.1 is taken`)
  })

  it.each(["192.0.2.1", "fe80::1%none"])(
    "says in a sentence that an address is not this machine's: %s [W9]",
    async (host) => {
      expect((await refusalOf(rig.listen({ host }))).code).toBe("bad_listen_host")
    },
  )

  it("frees its port at once, and may be closed twice [hostile 34]", async () => {
    const listener = await rig.listen()
    listener.close()
    listener.close()
    const { port } = listener
    expect((await rig.listen({ port })).port).toBe(port)
  })

  it("serves IPv4 callers of an IPv6 listener under their own address [hostile 35]", async () => {
    const { port } = await rig.listen({ host: "::" })
    const connection = await rig.dial(port)
    expect((await rig.accepted()).remote.host).toBe("127.0.0.1")
    connection.close("done", "done")
  })

  it("keeps connections that are in when it closes", async () => {
    const listener = await rig.listen()
    const { hearer } = await rig.rawPeer(listener.port)
    const dialled = await rig.dial(listener.port)
    listener.close()
    const accepted = new Hearer(await rig.accepted()).start()
    dialled.send({ type: "interested" })
    await accepted.until(() => accepted.messages.length === 1)
    expect(hearer.connection.closed).toBe(false)
  })

  it("closes on a caller that is silent, whole stage 10 s [hostile 19]", async () => {
    const { port } = await rig.listen()
    const socket = await rig.raw(port)
    socket.resume()
    socket.write(greeting.subarray(0, 1))
    // The answer on a second socket shows that the listener has seen the first.
    await rig.rawPeer(port)
    rig.pass(9_999)
    expect(rig.refusals).toEqual([])
    rig.pass(1)
    expect(rig.refusals).toEqual(["timed_out"])
    await once(socket, "close")
  })

  it("closes on a caller that sends a byte now and then, too [hostile 19]", async () => {
    const { port } = await rig.listen()
    const socket = await rig.raw(port)
    for (let byte = 0; byte < 3; byte++) {
      socket.write(greeting.subarray(byte, byte + 1))
      await rig.rawPeer(port)
      rig.pass(4_000)
    }
    expect(rig.refusals).toEqual(["timed_out"])
  })

  it("refuses another protocol at its first byte", async () => {
    const { port } = await rig.listen()
    const socket = await rig.raw(port)
    socket.write("G")
    await rig.refused()
    expect(rig.refusals).toEqual(["not_bittorrent"])
    await once(socket.resume(), "close")
  })

  it("names callers that probably want an encrypted connection (MSE), and no others", async () => {
    const { port } = await rig.listen()
    const key = Buffer.from(Array.from({ length: 200 }, (_, index) => (index * 37 + 1) % 256))
    for (const bytes of [key, Buffer.alloc(200, "GET / ")]) {
      const socket = await rig.raw(port)
      socket.write(bytes)
      await once(socket.resume(), "close")
    }
    await rig.refused(2)
    expect(rig.refusals).toEqual(["probably_mse", "not_bittorrent"])
  })

  it("survives callers that are gone before, in and after their handshake [hostile 31]", async () => {
    const { port } = await rig.listen()
    for (const bytes of [0, 30]) {
      const socket = await rig.raw(port)
      socket.write(greeting.subarray(0, bytes), () => socket.resetAndDestroy())
    }
    await rig.refused(2)
    expect(rig.refusals).toEqual(["hung_up", "hung_up"])
    expect((await rig.rawPeer(port)).hearer.connection.closed).toBe(false)
  })

  it("lets one address have only so many handshakes at once [hostile 33]", async () => {
    const { port } = await rig.listen({ limits: { maxPendingPerHost: 2 } })
    await Promise.all([rig.raw(port), rig.raw(port), rig.raw(port)])
    await rig.refused()
    expect(rig.refusals).toEqual(["too_many"])
  })

  it("makes room for a network with few connections when a few networks hold every place: the oldest of the largest is closed [S6]", async () => {
    const { port } = await rig.listen({ limits: { maxPending: 4, maxPendingPerHost: 3 } })
    const held: Socket[] = []
    for (const from of ["127.0.0.2", "127.0.0.2", "127.0.0.2", "127.0.0.3"]) {
      const socket = await rig.plainSocket(port, from)
      held.push(socket.resume())
    }
    const [oldest] = held
    const gone = once(oldest ?? expect.unreachable(), "close")
    const { hearer } = await rig.rawPeer(port)
    expect(hearer.connection.closed).toBe(false)
    await gone
    expect(rig.refusals).toEqual(["too_many"])
    expect(held.filter((socket) => socket.closed)).toHaveLength(1)
  })

  it("makes no room for a network with as many connections as any other [S6]", async () => {
    const { port } = await rig.listen({ limits: { maxPending: 2, maxPendingPerHost: 2 } })
    await rig.plainSocket(port, "127.0.0.2")
    await rig.plainSocket(port, "127.0.0.3")
    const socket = await rig.plainSocket(port, "127.0.0.2")
    await once(socket.resume(), "close")
    expect(rig.refusals).toEqual(["too_many"])
  })

  it("reads nothing from a banned caller", async () => {
    const { port } = await rig.listen({ isBanned: (host) => host === "127.0.0.1" })
    const socket = await rig.raw(port)
    await once(socket.resume(), "close")
    expect(rig.refusals).toEqual(["banned"])
  })

  it("answers a handshake with its own, and only one for a document it has", async () => {
    const { port } = await rig.listen()
    const socket = await rig.raw(port)
    const answer = once(socket, "data")
    socket.write(greeting)
    const [bytes] = (await answer) as [Buffer]
    expect(bytes.length).toBe(68)
    expect(bytes.subarray(28, 48)).toEqual(Buffer.from(INFO_HASH))
  })
})
