/**
 * Many peers in one process, for `many-connections.ts`: `callers <port> <calls> <part count> <info hash>…` keeps so many calls to a client
 * going, spread over the documents, each with an interested peer that asks for 16 KiB once a second. Prints once a second how many are open.
 */
import { randomBytes } from "node:crypto"
import { connect } from "node:net"
import { setTimeout as delay } from "node:timers/promises"
import { encodedLength, encodeMessage } from "../core/wire/codec/encode.js"
import { encodeHandshake } from "../core/wire/codec/handshake.js"
import { type OutgoingMessage, STANDARD_BLOCK_BYTES } from "../core/wire/codec/messages.js"
import { createPeerId, PEER_ID_RANDOM_BYTES } from "../core/wire/codec/peer-id.js"

const ASK_MS = 1_000
/** A peer that is turned away calls again after this time, as the hastiest clients do. */
const CALL_AGAIN_MS = 1_000

const [port = "", calls = "", partCount = "", ...infoHashes] = process.argv.slice(2)
let openCount = 0
let callCount = 0

for (let index = 0; index < Number(calls); index++) void callOnAndOn(infoHashes[index % infoHashes.length] ?? "")
setInterval(() => process.stdout.write(`open ${openCount}, called ${callCount}\n`), 1_000)

async function callOnAndOn(infoHash: string): Promise<never> {
  for (;;) {
    await call(Buffer.from(infoHash, "hex"))
    await delay(CALL_AGAIN_MS)
  }
}

/** Resolves when the connection is closed. */
function call(infoHash: Uint8Array): Promise<void> {
  const socket = connect({ host: "127.0.0.1", port: Number(port) })
  callCount++
  let asking: NodeJS.Timeout | undefined
  socket.on("error", () => undefined)
  socket.once("data", () => {
    openCount++
    socket.once("close", () => openCount--)
  })
  socket.resume()
  socket.once("connect", () => {
    const peerId = createPeerId(randomBytes(PEER_ID_RANDOM_BYTES))
    socket.write(encodeHandshake({ infoHash, peerId, supportsFast: true, supportsExtensions: true }))
    for (const type of ["haveNone", "interested"] as const) socket.write(encode({ type }))
    asking = setInterval(() => {
      const index = Math.floor(Math.random() * Number(partCount))
      socket.write(encode({ type: "request", index, begin: 0, length: STANDARD_BLOCK_BYTES }))
    }, ASK_MS)
  })
  return new Promise((resolve) =>
    socket.once("close", () => {
      clearInterval(asking)
      resolve()
    }),
  )
}

function encode(message: OutgoingMessage): Uint8Array {
  const bytes = new Uint8Array(encodedLength(message))
  encodeMessage(message, bytes, 0)
  return bytes
}
