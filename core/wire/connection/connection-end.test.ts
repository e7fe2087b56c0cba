import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { Hearer, LISTENER_ID, PeerRig, type RigKind } from "../../testing/peer-rig.js"

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

describe.each(KINDS)("connection (%s) ends", (kind) => {
  onRigOf(kind)

  it("for a reason of ours once, even if closed twice; the other side sees it closed", async () => {
    const { dialled, accepted } = await rig.pair()
    dialled.connection.close("banned", "part 9 failed its check twice")
    dialled.connection.close("other", "other")
    expect(dialled.connection.closed).toBe(true)
    expect(await dialled.closing()).toEqual({ kind: "local", code: "banned", message: "part 9 failed its check twice" })
    expect((await accepted.closing())?.kind).toBe("remote")
  })

  it("and gives every block back exactly once, also those never sent", async () => {
    const { dialled, accepted } = await rig.pair()
    dialled.connection.pauseReading()
    const returned = new Map<number, number>()
    const sent = (block: number) => () => void returned.set(block, (returned.get(block) ?? 0) + 1)
    for (let block = 0; block < 100; block++) accepted.connection.sendPiece(0, 0, blockOf(262_144, 1), sent(block))
    accepted.onMessage = () => expect.unreachable()
    dialled.connection.close("done", "done")
    await accepted.closing()
    let late = 0
    accepted.connection.sendPiece(0, 0, blockOf(1, 1), () => late++)
    await Promise.resolve()
    expect(late).toBe(1)
    expect([...returned.values()]).toEqual(Array.from({ length: 100 }, () => 1))
  })

  it("when the peer resets it in mid-block [hostile 31]", async () => {
    const { port } = await rig.listen()
    const { socket, hearer } = await rig.rawPeer(port)
    socket.write(Buffer.concat([Buffer.from([0, 0, 0x40, 9, 7, 0, 0, 0, 0, 0, 0, 0, 0]), new Uint8Array(1_000)]))
    await hearer.until(() => hearer.progressBytes === 1_000)
    rig.reset(socket)
    expect(await hearer.closing()).toMatchObject({ kind: "remote", code: "reset" })
    expect(hearer.messages).toEqual([])
  })

  it("when the peer hangs up in mid-message [hostile 31]", async () => {
    const { port } = await rig.listen()
    const { socket, hearer } = await rig.rawPeer(port)
    socket.end(Buffer.from([0, 0, 0, 5, 4, 0]))
    expect(await hearer.closing()).toMatchObject({ kind: "remote", code: "ended" })
  })

  it("when a dialled peer hangs up", async () => {
    const { dialled, accepted } = await rig.pair()
    accepted.connection.close("done", "done")
    expect((await dialled.closing())?.kind).toBe("remote")
  })

  it("after four bytes of an impossible length, incoming or outgoing [hostile 20]", async () => {
    const { port } = await rig.listen()
    const { socket, hearer } = await rig.rawPeer(port)
    socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff]))
    expect(await hearer.closing()).toMatchObject({ kind: "protocol", code: "frame_too_long" })

    const hostilePort = await rig.serve((peer) => {
      peer.once("data", (bytes: Buffer) =>
        peer.write(Buffer.concat([bytes.subarray(0, 48), LISTENER_ID, Buffer.alloc(4, 0xff)])),
      )
    })
    const dialled = new Hearer(await rig.dial(hostilePort)).start()
    expect(await dialled.closing()).toMatchObject({ kind: "protocol", code: "frame_too_long" })
  })

  it("when a message trickles in byte by byte [hostile 19]", async () => {
    const { port } = await rig.listen()
    const { socket, hearer } = await rig.rawPeer(port)
    const trickle = Buffer.concat([Buffer.from([0, 0, 0, 200, 20]), Buffer.alloc(100)])
    let sentBytes = 0
    for (const byte of trickle) {
      if (hearer.connection.closed) break
      sentBytes++
      const before = hearer.connection.bytesReceived
      socket.write(Uint8Array.of(byte))
      while (hearer.connection.bytesReceived === before) await new Promise(setImmediate)
      rig.pass(9_000)
    }
    expect(sentBytes).toBeLessThan(10)
    expect(await hearer.closing()).toMatchObject({ kind: "deadline", code: "frame_stalled" })
    expect(rig.pulse.watchCount).toBe(0)
  })

  it("when the peer is silent for 120 s, having sent it a keep-alive at 100 s [hostile 30]", async () => {
    const { dialled, accepted } = await rig.pair()
    rig.pass(100_000)
    await accepted.until(() => accepted.messages.length === 1)
    await dialled.until(() => dialled.messages.length === 1)
    expect(accepted.messages).toEqual([{ type: "keepAlive" }])
    // TLS reports sent bytes in a later turn of the event loop.
    while (accepted.connection.bufferedBytes > 0) await new Promise(setImmediate)
    rig.pass(1_000)
    dialled.connection.pauseReading()
    rig.pass(60_000)
    rig.pass(60_000)
    expect(await accepted.closing()).toMatchObject({ kind: "deadline", code: "idle" })
  })

  it("when the peer makes us answer and reads none of it [hostile 28]", async () => {
    const { dialled, accepted } = await rig.pair()
    dialled.connection.pauseReading()
    for (let sent = 0; sent < 200 && !accepted.connection.closed; sent++)
      accepted.connection.send({ type: "extended", id: 1, payload: new Uint8Array(60_000) })
    expect(await accepted.closing()).toMatchObject({ kind: "protocol", code: "send_overflow" })
  })

  it("quietly when it did before it was started", async () => {
    const { port } = await rig.listen()
    const [dialled, accepted] = await Promise.all([rig.dial(port), rig.accepted()])
    dialled.close("not_needed", "was not needed")
    const hearer = new Hearer(dialled).start()
    expect(await hearer.closing()).toMatchObject({ code: "not_needed" })
    const other = new Hearer(accepted).start()
    expect((await other.closing())?.kind).toBe("remote")
  })

  it("and delivers nothing after it, not even bytes already read", async () => {
    const { port } = await rig.listen()
    const { socket, hearer } = await rig.rawPeer(port)
    hearer.onMessage = () => hearer.connection.close("enough", "enough")
    socket.write(Buffer.from([0, 0, 0, 1, 2, 0, 0, 0, 1, 3, 0, 0, 0, 1, 2]))
    await hearer.closing()
    expect(hearer.messages).toEqual([{ type: "interested" }])
  })

  it("without leaving a socket or a watch behind [hostile 31]", async () => {
    const { dialled, accepted } = await rig.pair()
    dialled.connection.close("done", "done")
    await Promise.all([dialled.closing(), accepted.closing()])
    rig.close()
    expect(rig.pulse.watchCount).toBe(0)
    await expect.poll(() => process.getActiveResourcesInfo().filter((kind) => /TCP/.test(kind))).toEqual([])
  })
})
