import { afterEach, beforeEach, expect, it } from "vitest"
import type { PeerAddress } from "../address/address.js"
import { DIALLER_ID, INFO_HASH, PeerRig } from "../testing/peer-rig.js"
import { encodedLength, encodeMessage } from "../wire/codec/encode.js"
import { type ExtensionHandshake, encodeExtensionHandshake } from "../wire/codec/extension-handshake.js"
import { encodeHandshake } from "../wire/codec/handshake.js"
import type { OutgoingMessage, PeerMessage } from "../wire/codec/messages.js"
import { encodePeerExchange, PEER_EXCHANGE_ID } from "../wire/codec/peer-exchange.js"
import { PeerLink } from "./peer-link.js"

let rig: PeerRig

beforeEach(() => {
  rig = new PeerRig()
})

afterEach(() => {
  rig.close()
})

const GREETING: ExtensionHandshake = {
  client: "test",
  listeningPort: 7001,
  maxRequests: 500,
  maxBlockBytes: 16_384,
  extensionIds: new Map(),
}
const UNREADABLE = ["", "le", "i5e", "d1:a", "garbage", "l".repeat(60_000)]

function bytesOf(message: OutgoingMessage): Uint8Array {
  const bytes = new Uint8Array(encodedLength(message))
  encodeMessage(message, bytes, 0)
  return bytes
}

/** A peer that sends these messages and an unchoke; what its link reported until then. */
async function heardOf(said: readonly OutgoingMessage[], exchanges: boolean) {
  const { port } = await rig.listen()
  const socket = await rig.raw(port)
  socket.write(
    encodeHandshake({ infoHash: INFO_HASH, peerId: DIALLER_ID, supportsFast: true, supportsExtensions: true }),
  )
  const connection = await rig.accepted()
  const greetings: ExtensionHandshake[] = []
  const named: PeerAddress[] = []
  await new Promise<void>((resolve, reject) => {
    const link = new PeerLink(1, connection, "incoming", {
      onMessage: (_: PeerLink, message: PeerMessage) => message.type === "unchoke" && resolve(),
      onExtended: (_, greeting) => void greetings.push(greeting),
      listensToPeers: () => exchanges,
      onPeersReceived: (_, peers) => void named.push(...peers),
      onBytes: () => {},
      onClosed: (_, reason) => reject(new Error(reason.message)),
      reserveBlock: () => undefined,
    })
    link.start(GREETING)
    for (const message of [...said, { type: "unchoke" } as const]) socket.write(bytesOf(message))
  })
  return { greetings, named }
}

it.each([0, PEER_EXCHANGE_ID])(
  "what can't be read of an extension (id %i) is left aside, the peer stays [E11]",
  async (id) => {
    const said = UNREADABLE.map((text) => ({ type: "extended", id, payload: Buffer.from(text) }) as const)
    const greeting = { type: "extended", id: 0, payload: encodeExtensionHandshake(GREETING) } as const
    expect((await heardOf([...said, greeting], true)).greetings).toEqual([GREETING])
  },
)

it("a peer exchange is not decoded where peers are not exchanged [S2]", async () => {
  const payload = encodePeerExchange([{ host: "10.0.0.1", port: 1, isSeed: false, isReachable: false }], [])
  const said = { type: "extended", id: PEER_EXCHANGE_ID, payload } as const
  expect((await heardOf([said], true)).named).toHaveLength(1)
  expect((await heardOf([said], false)).named).toEqual([])
})

it("reports that it was held: once, or as long as it is held [E6]", async () => {
  const { port } = await rig.listen()
  const [, connection] = await Promise.all([rig.dial(port), rig.accepted()])
  const link = new PeerLink(1, connection, "incoming", {
    onMessage: () => {},
    onExtended: () => {},
    listensToPeers: () => false,
    onPeersReceived: () => {},
    onBytes: () => {},
    onClosed: () => {},
    reserveBlock: () => undefined,
  })
  link.start(GREETING)
  expect(link.takeHeld()).toBe(false)
  const letGo = [link.hold(), link.hold()]
  expect([link.takeHeld(), link.takeHeld()]).toEqual([true, true])
  for (const each of letGo) each()
  expect([link.takeHeld(), link.takeHeld()]).toEqual([true, false])
})
