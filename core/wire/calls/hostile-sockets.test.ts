import { once } from "node:events"
import { existsSync, readFileSync } from "node:fs"
import type { Socket } from "node:net"
import { Duplex } from "node:stream"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { footprint, untilBackAt } from "../../testing/footprint.js"
import { DIALLER_ID, Hearer, INFO_HASH, LISTENER_ID, PART_COUNT, PeerRig } from "../../testing/peer-rig.js"
import { untilSo } from "../../testing/until-so.js"
import { FrameDecoder } from "../codec/decode.js"
import { encodeHandshake } from "../codec/handshake.js"
import { LARGE_BLOCK_BYTES } from "../codec/messages.js"
import { PeerConnection } from "../connection/connection.js"
import { SocketReader } from "../connection/socket-reader.js"

let rig: PeerRig

beforeEach(() => {
  rig = new PeerRig()
})

afterEach(() => rig.close())

const handshake = { infoHash: INFO_HASH, peerId: DIALLER_ID, supportsFast: true, supportsExtensions: true }

describe("callers that never name a document", () => {
  it("are all closed when their time is over, and hold nothing afterwards [hostile 19]", async () => {
    const { port } = await rig.listen()
    const base = footprint()
    const callers: Socket[] = []
    // Silent ones, and ones that stop in the middle of their handshake.
    for (let caller = 0; caller < 20; caller++) {
      const socket = await rig.raw(port)
      socket.resume()
      socket.write(encodeHandshake(handshake).subarray(0, caller % 2 === 0 ? 0 : 30))
      callers.push(socket)
    }
    // A caller admitted after them shows that the listener has handled all of them.
    const { hearer } = await rig.rawPeer(port)
    const closed = Promise.all(callers.map((socket) => once(socket, "close")))
    rig.pass(10_000)
    expect(rig.refusals).toEqual(Array.from({ length: 20 }, () => "timed_out"))
    await closed
    hearer.connection.close("done", "done")
    await hearer.closing()
    await untilBackAt(base)
  })

  it("but begin with a message instead are turned away at the first byte [hostile 21]", async () => {
    const { port } = await rig.listen()
    const socket = await rig.raw(port)
    const piece = Buffer.concat([Buffer.from([0, 0, 0, 10, 7, 0, 0, 0, 0, 0, 0, 0, 0]), Buffer.from("x")])
    socket.write(piece)
    await rig.refused()
    expect(rig.refusals).toEqual(["not_bittorrent"])
    await once(socket.resume(), "close")
  })

  it("are no more than 32 of one host at a time, and others come in beside 500 that knock [hostile 33]", async () => {
    const { port } = await rig.listen()
    const pending = await Promise.all(Array.from({ length: 32 }, () => rig.raw(port)))
    let knocks = 0
    while (knocks < 500) {
      await Promise.all(Array.from({ length: 50 }, () => rig.raw(port)))
      knocks += 50
      await rig.refused(knocks)
    }
    expect(new Set(rig.refusals)).toEqual(new Set(["too_many"]))
    pending[0]?.destroy()
    await rig.refused(501)
    // Time has stood still: what is left of the host's budget is its burst.
    const { hearer } = await rig.rawPeer(port)
    expect(hearer.connection.closed).toBe(false)
  })
})

it("a dialled port receives our handshake and nothing else before it has proved to be a peer [hostile 38]", async () => {
  const heard: Buffer[] = []
  let ended: Promise<unknown> | undefined
  const port = await rig.serve((socket) => {
    socket.on("data", (bytes) => heard.push(bytes))
    socket.once("data", () => socket.write("220 mail.example ESMTP\r\n"))
    ended = once(socket, "close")
  })
  await expect(rig.dial(port)).rejects.toMatchObject({ code: "not_bittorrent" })
  await ended
  expect(Buffer.compare(Buffer.concat(heard), encodeHandshake(handshake))).toBe(0)
})

describe("messages that make no sense", () => {
  it("of 4 GiB each cost no memory, however many peers say so [hostile 20]", () => {
    const rules = {
      partCount: 1_000_000,
      maxBlockBytes: LARGE_BLOCK_BYTES,
      supportsFast: true,
      supportsExtensions: true,
    }
    const decoders = Array.from(
      { length: 200 },
      () => new FrameDecoder(rules, { message: () => undefined, placeBlock: () => undefined }),
    )
    const before = process.memoryUsage().arrayBuffers
    for (const decoder of decoders)
      expect(() => decoder.feed(Uint8Array.of(0xff, 0xff, 0xff, 0xff))).toThrow(
        expect.objectContaining({ code: "frame_too_long" }),
      )
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024)
  })

  it("of length zero are keep-alives, as many as come, and nothing else [hostile 21]", async () => {
    const { port } = await rig.listen()
    const { socket, hearer } = await rig.rawPeer(port)
    socket.write(Buffer.concat([Buffer.alloc(4 * 10_000), Buffer.from([0, 0, 0, 1, 2])]))
    await hearer.until(() => hearer.messages.length === 10_001)
    expect(hearer.messages.filter(({ type }) => type !== "keepAlive")).toEqual([{ type: "interested" }])
    expect(hearer.connection.bufferedBytes).toBe(0)
  })

  it("of an unknown type are skipped, and what follows is heard [hostile 21]", async () => {
    const { port } = await rig.listen()
    const { socket, hearer } = await rig.rawPeer(port)
    socket.write(Buffer.from([0, 0, 0, 3, 9, 0x1a, 0xe1, 0, 0, 0, 1, 255, 0, 0, 0, 1, 2]))
    await hearer.until(() => hearer.messages.length === 1)
    expect(hearer.messages).toEqual([{ type: "interested" }])
  })
})

describe("a connection", () => {
  it("is probed by the kernel while it is silent, incoming or outgoing [hostile 30]", async (context) => {
    if (!existsSync("/proc/net/tcp")) return context.skip("needs /proc/net/tcp")
    const { dialled, accepted } = await rig.pair()
    const port = Number(dialled.connection.address.split(":")[1])
    // Both ends have the listener's port, one as its own and one as the other's; timer 02 is keep-alive (proc(5)).
    await untilSo(() => timersOf(port).join() === "02,02", 10)
    expect([dialled.connection.closed, accepted.connection.closed]).toEqual([false, false])
  })

  it("survives an error of its socket after it was closed, and a second one [hostile 31]", async () => {
    const socket = new Duplex({ read: () => undefined, write: (_bytes, _encoding, done) => done() })
    const connection = connectionOver(socket)
    const hearer = new Hearer(connection).start()
    connection.close("done", "done")
    socket.emit("error", Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }))
    expect(await hearer.closing()).toMatchObject({ kind: "local", code: "done" })
    socket.emit("error", Object.assign(new Error("write EPIPE"), { code: "EPIPE" }))
    expect(hearer.closeReason).toMatchObject({ code: "done" })
  })

  it("that ends in an error reports it once, whatever its socket does after that [hostile 31]", async () => {
    const socket = new Duplex({ read: () => undefined, write: (_bytes, _encoding, done) => done() })
    let closings = 0
    const hearer = new Hearer(connectionOver(socket))
    hearer.onMessage = () => expect.unreachable()
    hearer.start()
    socket.once("close", () => closings++)
    socket.destroy(Object.assign(new Error("read ETIMEDOUT"), { code: "ETIMEDOUT" }))
    expect(await hearer.closing()).toMatchObject({ kind: "remote", code: "timed_out" })
    socket.emit("end")
    socket.emit("error", new Error("late"))
    expect(closings).toBe(1)
    expect(hearer.connection.closed).toBe(true)
  })
})

function connectionOver(socket: Duplex): PeerConnection {
  const unwanted = { target: () => new Uint8Array(1), advance: () => undefined }
  return new PeerConnection({
    socket,
    reader: new SocketReader(unwanted, () => undefined),
    remote: { host: "10.0.0.1", port: 7_001 },
    direction: "incoming",
    handshake: { ...handshake, peerId: LISTENER_ID },
    partCount: PART_COUNT,
    encrypted: false,
    pulse: rig.pulse,
  })
}

/** The kernel's timer of each established connection of this port on 127.0.0.1. */
function timersOf(port: number): string[] {
  const hex = `:${port.toString(16).toUpperCase().padStart(4, "0")}`
  const lines = readFileSync("/proc/net/tcp", "utf8").split("\n").slice(1)
  return lines.flatMap((line) => {
    const [, local = "", remote = "", state, , timer = ""] = line.trim().split(/\s+/)
    const isOurs = state === "01" && (local.endsWith(hex) || remote.endsWith(hex))
    return isOurs ? [timer.slice(0, 2)] : []
  })
}
