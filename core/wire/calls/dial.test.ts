import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { DIALLER_ID, failureOf, INFO_HASH, LISTENER_ID, PeerRig } from "../../testing/peer-rig.js"
import { encodeHandshake } from "../codec/handshake.js"

let rig: PeerRig

beforeEach(() => {
  rig = new PeerRig()
})

afterEach(() => {
  rig.close()
  expect(rig.pulse.watchCount).toBe(0)
})

const answer = { infoHash: INFO_HASH, peerId: LISTENER_ID, supportsFast: false, supportsExtensions: false }

describe("dial", () => {
  it("accepts a foreign client without extensions", async () => {
    const port = await rig.serve((peer) => peer.write(encodeHandshake(answer)))
    expect(await rig.dial(port)).toMatchObject({ supportsFast: false, supportsExtensions: false })
  })

  it("measures how long the answer to its handshake takes", async () => {
    const port = await rig.serve((peer) =>
      peer.once("data", () => {
        rig.pass(30)
        peer.write(encodeHandshake(answer))
      }),
    )
    const { handshakeMs } = await rig.dial(port)
    expect(handshakeMs).toBe(30)
  })

  it("fails as refused without a listener", async () => {
    const listener = await rig.listen()
    listener.close()
    expect(await failureOf(rig.dial(listener.port))).toBe("refused")
  })

  it("gives up on a connection that does not come about in 10 s", async () => {
    // The answer to the SYN can only be handled in a later turn of the event loop.
    const dialling = failureOf(rig.dial((await rig.listen()).port))
    rig.pass(10_000)
    expect(await dialling).toBe("timed_out")
  })

  it("gives up after 5 s at the first try of an address, in the handshake too [E1]", async () => {
    const dialling = failureOf(rig.dial((await rig.listen()).port, { firstTry: true }))
    rig.pass(5_000)
    expect(await dialling).toBe("timed_out")
    const silent = await rig.serve((peer) => peer.once("data", () => rig.pass(5_000)))
    expect(await failureOf(rig.dial(silent, { firstTry: true }))).toBe("timed_out")
  })

  it("dials from the configured address [F9]", async () => {
    const { port } = await rig.listen()
    const connection = await rig.dial(port, { localAddress: "127.0.0.77" })
    expect((await rig.accepted()).remote.host).toBe("127.0.0.77")
    connection.close("done", "done")
  })

  it("names what a peer may want that ends a handshake in plain: encryption it is set to demand [F8]", async () => {
    const port = await rig.serve((peer) => peer.once("data", () => peer.resetAndDestroy()))
    await expect(rig.dial(port)).rejects.toThrow(/demands encryption \(MSE\)/)
    const ending = await rig.serve((peer) => peer.end())
    await expect(rig.dial(ending)).rejects.toThrow(/demands encryption \(MSE\)/)
  })

  it("gives up on a handshake that trickles in for more than 10 s [hostile 19]", async () => {
    const bytes = encodeHandshake(answer)
    let sent = 0
    const port = await rig.serve((peer) => {
      peer.setNoDelay(true)
      const timer = setInterval(() => {
        peer.write(bytes.subarray(sent, ++sent))
        rig.pass(3_000)
      }, 1)
      peer.once("close", () => clearInterval(timer))
    })
    expect(await failureOf(rig.dial(port))).toBe("timed_out")
    expect(sent).toBeLessThan(10)
  })

  it("says hung up when the peer does not answer our handshake [hostile 31]", async () => {
    const port = await rig.serve((peer) => peer.end())
    expect(await failureOf(rig.dial(port))).toBe("hung_up")
    const resetting = await rig.serve((peer) => peer.once("data", () => peer.resetAndDestroy()))
    expect(await failureOf(rig.dial(resetting))).toBe("hung_up")
  })

  it("says hung up when the listener does not have the document", async () => {
    const { port } = await rig.listen()
    expect(await failureOf(rig.dial(port, { infoHash: new Uint8Array(20) }))).toBe("hung_up")
    await rig.refused()
    expect(rig.refusals).toEqual(["unknown_document"])
  })

  it("wants the document it asked for", async () => {
    const port = await rig.serve((peer) => peer.write(encodeHandshake({ ...answer, infoHash: new Uint8Array(20) })))
    expect(await failureOf(rig.dial(port))).toBe("wrong_info_hash")
  })

  it("wants BitTorrent", async () => {
    const port = await rig.serve((peer) => peer.write("HTTP/1.1 400 Bad Request\r\n\r\n"))
    expect(await failureOf(rig.dial(port))).toBe("not_bittorrent")
  })

  it("notices that it called itself, and so does the listener [hostile 32]", async () => {
    const { port } = await rig.listen({ peerId: DIALLER_ID })
    expect(await failureOf(rig.dial(port))).toBe("self")
    await rig.refused()
    expect(rig.refusals).toEqual(["self"])
  })

  it("stops when it is not needed any more", async () => {
    const aborted = AbortSignal.abort()
    const port = await rig.serve(() => {})
    expect(await failureOf(rig.dial(port, { signal: aborted }))).toBe("aborted")
    const controller = new AbortController()
    const called = new Promise<void>((resolve) => {
      void rig
        .serve(() => resolve())
        .then((later) => {
          dialling = failureOf(rig.dial(later, { signal: controller.signal }))
        })
    })
    let dialling: Promise<string> | undefined
    await called
    controller.abort()
    expect(await dialling).toBe("aborted")
  })

  it("reaches peers over IPv6 [hostile 35]", async () => {
    const { port } = await rig.listen({ host: "::1" })
    const connection = await rig.dial(port, { address: { host: "::1", port } })
    expect(connection.address).toBe(`[::1]:${port}`)
    expect((await rig.accepted()).remote.host).toBe("::1")
    connection.close("done", "done")
  })
})
