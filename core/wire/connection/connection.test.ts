import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { DIALLER_ID, Hearer, LISTENER_ID, PeerRig, type RigKind } from "../../testing/peer-rig.js"
import { Bitfield } from "../../torrent/bitfield.js"
import { encodeHandshake } from "../codec/handshake.js"
import type { OutgoingMessage } from "../codec/messages.js"

let rig: PeerRig

/** All of this holds inside TLS as well. */
const KINDS: readonly RigKind[] = ["plain", "private"]

function onRigOf(kind: RigKind): void {
  beforeEach(() => {
    rig = new PeerRig(kind)
  })
  afterEach(() => {
    rig.close()
  })
}

function blockOf(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(new SharedArrayBuffer(length))
  for (let position = 0; position < length; position++) bytes[position] = position * seed
  return bytes
}

describe.each(KINDS)("connection (%s)", (kind) => {
  onRigOf(kind)

  it("knows both ends after the handshake", async () => {
    const { dialled, accepted } = await rig.pair()
    expect(dialled.connection).toMatchObject({ direction: "outgoing", supportsFast: true, supportsExtensions: true })
    expect(Buffer.from(dialled.connection.peerId)).toEqual(Buffer.from(LISTENER_ID))
    expect(accepted.connection).toMatchObject({ direction: "incoming", supportsFast: true })
    for (const { connection } of [dialled, accepted]) expect(connection.encrypted).toBe(kind === "private")
    expect(Buffer.from(accepted.connection.peerId)).toEqual(Buffer.from(DIALLER_ID))
    expect(accepted.connection.address).toMatch(/^127\.0\.0\.1:\d+$/)
  })

  it("carries every kind of message in both directions, in order", async () => {
    const { dialled, accepted } = await rig.pair()
    const messages: OutgoingMessage[] = [
      { type: "bitfield", bitfield: Bitfield.full(100) },
      { type: "extended", id: 0, payload: new Uint8Array(5_000).fill(7) },
      { type: "unchoke" },
      { type: "interested" },
      { type: "request", index: 1, begin: 2, length: 3 },
      { type: "have", index: 99 },
      { type: "keepAlive" },
    ]
    for (const message of messages) {
      dialled.connection.send(message)
      accepted.connection.send(message)
    }
    await accepted.until(() => accepted.messages.length === messages.length)
    await dialled.until(() => dialled.messages.length === messages.length)
    expect(accepted.messages).toEqual(messages)
    expect(dialled.messages).toEqual(messages)
  })

  it.each(["dialled", "accepted"] as const)("exchanges blocks of every size; the receiver %s", async (receiverSide) => {
    const pair = await rig.pair()
    const receiver = pair[receiverSide]
    const sender = receiverSide === "dialled" ? pair.accepted : pair.dialled
    const blocks = [1, 1_000, 16_384, 262_144, 262_144, 5].map((length, index) => blockOf(length, index + 3))
    let sentCount = 0
    for (const [index, block] of blocks.entries()) {
      sender.connection.send({ type: "have", index })
      sender.connection.sendPiece(index, 7, block, () => sentCount++)
    }
    await receiver.until(() => receiver.messages.length === 2 * blocks.length)
    expect(
      receiver.blocks.map((block) => Buffer.compare(block, blocks[receiver.blocks.indexOf(block)] ?? block)),
    ).toEqual(blocks.map(() => 0))
    expect(receiver.messages.filter(({ type }) => type === "piece")).toEqual(
      blocks.map((block, index) => ({ type: "piece", index, begin: 7, length: block.length })),
    )
    expect(receiver.progressBytes).toBe(blocks.reduce((sum, block) => sum + block.length, 0))
    expect(sentCount).toBe(blocks.length)
    expect(sender.connection.bufferedBytes).toBe(0)
    expect(sender.connection.bytesSent + 68).toBe(receiver.connection.bytesReceived)
  })

  it("delivers nothing before start, and then all of it", async () => {
    const { port } = await rig.listen()
    const socket = await rig.raw(port)
    const handshake = encodeHandshake({
      infoHash: new Uint8Array(20).fill(0x11),
      peerId: DIALLER_ID,
      supportsFast: true,
      supportsExtensions: true,
    })
    socket.write(Buffer.concat([handshake, Buffer.from([0, 0, 0, 1, 2, 0, 0, 0, 1, 1])]))
    const hearer = new Hearer(await rig.accepted())
    expect(hearer.messages).toEqual([])
    hearer.start()
    await hearer.until(() => hearer.messages.length === 2)
    expect(hearer.messages).toEqual([{ type: "interested" }, { type: "unchoke" }])
  })

  it("delivers nothing before start when it was dialled either, however much came with the handshake", async () => {
    const port = await rig.serve((peer) => {
      const infoHash = new Uint8Array(20).fill(0x11)
      const handshake = encodeHandshake({ infoHash, peerId: LISTENER_ID, supportsFast: true, supportsExtensions: true })
      const unchokes = Array.from({ length: 2_000 }, () => Buffer.from([0, 0, 0, 1, 1]))
      peer.write(Buffer.concat([handshake, ...unchokes, Buffer.from([0, 0, 0, 1, 2])]))
    })
    const hearer = new Hearer(await rig.dial(port))
    expect(hearer.messages).toEqual([])
    hearer.start()
    await hearer.until(() => hearer.messages.length === 2_001)
    expect(hearer.messages.at(-1)).toEqual({ type: "interested" })
    expect(hearer.connection.bytesReceived).toBe(68 + 2_001 * 5)
  })

  it("reads nothing while paused", async () => {
    const { dialled, accepted } = await rig.pair()
    accepted.onMessage = ({ type }) => type === "choke" && accepted.connection.pauseReading()
    dialled.connection.send({ type: "choke" })
    await accepted.until(() => accepted.messages.length === 1)
    dialled.connection.send({ type: "unchoke" })
    // A message in the other direction goes there and back, so the paused side would have heard by now.
    dialled.onMessage = () => accepted.connection.resumeReading()
    accepted.connection.send({ type: "interested" })
    await dialled.until(() => dialled.messages.length === 1)
    await accepted.until(() => accepted.messages.length === 2)
  })

  it("delivers nothing more once it is paused, not even of what was read already [S2]", async () => {
    const { port } = await rig.listen()
    const { socket, hearer } = await rig.rawPeer(port)
    hearer.onMessage = () => hearer.messages.length % 300 === 1 && hearer.connection.pauseReading()
    const unchoke = Buffer.from([0, 0, 0, 1, 1])
    socket.write(Buffer.concat(Array(1_000).fill(unchoke)))
    for (const heard of [1, 301, 601, 901]) {
      await hearer.until(() => hearer.messages.length === heard)
      await new Promise(setImmediate)
      expect(hearer.messages).toHaveLength(heard)
      hearer.connection.resumeReading()
    }
    await hearer.until(() => hearer.messages.length === 1_000)
  })

  it("continues with bytes already read when it is resumed in the same turn [S2]", async () => {
    const { dialled, accepted } = await rig.pair()
    const letGo = (hearer: Hearer) => () => {
      hearer.connection.pauseReading()
      hearer.connection.resumeReading()
    }
    for (const [from, to] of [
      [dialled, accepted],
      [accepted, dialled],
    ] as const) {
      to.onMessage = letGo(to)
      for (let index = 0; index < 1_000; index++) from.connection.send({ type: "have", index: index % 100 })
      from.connection.sendPiece(0, 0, blockOf(200_000, 3), () => {})
      await to.until(() => to.messages.length === 1_001)
      expect(to.messages.slice(0, 1_000).map((message) => message.type === "have" && message.index)).toEqual(
        Array.from({ length: 1_000 }, (_, index) => index % 100),
      )
      expect(to.blocks.map((bytes) => Buffer.from(bytes).equals(blockOf(200_000, 3)))).toEqual([true])
    }
  })

  it("is read from the start, however long this process has run [S2]", async () => {
    rig.clock.advance(1_000_000)
    const { dialled, accepted } = await rig.pair()
    dialled.connection.send({ type: "unchoke" })
    accepted.connection.send({ type: "unchoke" })
    await Promise.all([dialled, accepted].map((each) => each.until(() => each.messages.length === 1)))
    expect(rig.pulse.throttledCount).toBe(0)
  })

  it("is paused for a while when its messages take much time, and then continues [S2]", async () => {
    const { port } = await rig.listen()
    const { socket, hearer } = await rig.rawPeer(port)
    let spentMs = 0
    hearer.onMessage = () => {
      if (spentMs === 40) return
      spentMs++
      rig.clock.advance(1)
    }
    socket.write(Buffer.concat(Array(1_000).fill(Buffer.from([0, 0, 0, 1, 1]))))
    await hearer.until(() => hearer.messages.length > 0)
    await new Promise(setImmediate)
    // The first look at the clock takes the credit, the second one pauses.
    expect(hearer.messages).toHaveLength(64)
    expect(rig.pulse.throttledCount).toBe(1)
    rig.clock.advance(1_000)
    await hearer.until(() => hearer.messages.length === 1_000)
    expect(rig.pulse.throttledCount).toBe(0)
  })

  it("is not read while it takes none of our answers, and again when it does [S1, S14]", async () => {
    const { port } = await rig.listen()
    const { socket, hearer } = await rig.rawPeer(port)
    const { connection } = hearer
    socket.pause()
    hearer.onMessage = () => connection.send({ type: "reject", index: 0, begin: 0, length: 16_384 })
    const request = Buffer.from([0, 0, 0, 13, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0])
    const asked = 1_000_000
    // More than any socket between us holds.
    socket.write(Buffer.alloc(asked * request.length, request))
    const kept = () => connection.bufferedBytes
    while (kept() < 64 * 1024 || hearer.messages.length === 0) await new Promise(setImmediate)
    const heard = hearer.messages.length
    expect(heard).toBeLessThan(asked)
    expect(kept()).toBeLessThan(64 * 1024 + 2 * request.length + 200)
    socket.resume()
    await hearer.until(() => hearer.messages.length === asked)
    expect(connection.closed).toBe(false)
  })

  it("takes blocks it does not want off the wire and drops them [hostile 27]", async () => {
    const { dialled, accepted } = await rig.pair()
    dialled.place = () => undefined
    accepted.connection.sendPiece(0, 0, blockOf(200_000, 3), () => {})
    accepted.connection.send({ type: "have", index: 3 })
    await dialled.until(() => dialled.messages.length === 1)
    expect(dialled.messages).toEqual([{ type: "have", index: 3 }])
    expect(dialled.blocks).toEqual([])
  })
})
