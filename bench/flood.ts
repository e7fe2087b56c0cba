/**
 * A hostile process of its own, for `siege.ts`: `node flood.js peer <kind> <info hash> <part count> <port>…` floods clients as one
 * peer each, `node flood.js tracker <kind> <port> <uuid>…` floods a tracker. Runs until it is killed. It models one attacker with
 * a line of 100 Mbit/s to each client, which connects again after a disconnect, and waits as long as a tracker's Retry-After says.
 */

import { randomBytes } from "node:crypto"
import { request } from "node:http"
import { connect, type Socket } from "node:net"
import { setTimeout as delay } from "node:timers/promises"
import { Bitfield } from "../core/torrent/bitfield.js"
import { encodedLength, encodeMessage } from "../core/wire/codec/encode.js"
import { encodeHandshake } from "../core/wire/codec/handshake.js"
import type { OutgoingMessage } from "../core/wire/codec/messages.js"
import { createPeerId, PEER_ID_RANDOM_BYTES } from "../core/wire/codec/peer-id.js"
import type { PeerFlood, TrackerFlood } from "./siege.js"

/** An address of this machine that no honest program of the bench uses: budgets are counted by address. */
const FLOOD_ADDRESS = "127.66.0.1"
const WRITE_BYTES = 64 * 1024
/** What an attacker's line carries, 100 Mbit/s (our choice): beyond it the bench would measure its own share of the processors. */
const LINE_BYTES_PER_SECOND = 12_500_000
/** Least time between two connections: a disconnected client reconnects at once, ten times a second at most. */
const CONNECT_AGAIN_MS = 100
const TRACKER_CONNECTIONS = 10

const [target, kind, ...rest] = process.argv.slice(2)
if (target === "peer") {
  const [infoHash = "", partCount = "", ...ports] = rest
  for (const port of ports)
    void floodPeer(kind as PeerFlood, Buffer.from(infoHash, "hex"), Number(partCount), Number(port))
} else {
  const [port, ...uuids] = rest
  for (let index = 0; index < TRACKER_CONNECTIONS; index++)
    void floodTracker(kind as TrackerFlood, Number(port), uuids, index)
}

async function floodPeer(kind: PeerFlood, infoHash: Uint8Array, partCount: number, port: number): Promise<never> {
  const bytes = flood(kind, partCount)
  for (;;) {
    const mayCallAgain = delay(CONNECT_AGAIN_MS)
    const socket = connect({ port, host: "127.0.0.1", localAddress: FLOOD_ADDRESS })
    // What the client does to this connection is its business; the next one follows.
    socket.on("error", () => undefined)
    await new Promise<void>((resolve) => {
      socket.once("close", () => resolve())
      socket.once("connect", () => {
        const peerId = createPeerId(randomBytes(PEER_ID_RANDOM_BYTES))
        socket.write(encodeHandshake({ infoHash, peerId, supportsFast: true, supportsExtensions: true }))
        if (kind !== "requests, unread") socket.resume()
        void pump(socket, bytes)
      })
    })
    await mayCallAgain
  }
}

/** Writes as much as the other side takes and the line carries. */
async function pump(socket: Socket, bytes: Uint8Array): Promise<void> {
  const startedAtMs = performance.now()
  for (let sentBytes = 0; !socket.destroyed; sentBytes += bytes.length) {
    const dueInMs = startedAtMs + (sentBytes / LINE_BYTES_PER_SECOND) * 1_000 - performance.now()
    if (dueInMs > 0) await delay(dueInMs)
    if (socket.destroyed || socket.write(bytes)) continue
    await new Promise<void>((resolve) => {
      socket.once("drain", () => resolve())
      socket.once("close", () => resolve())
    })
  }
}

/** Some 64 KiB of messages of one kind. */
function flood(kind: PeerFlood, partCount: number): Uint8Array {
  let part = 0
  const next = () => part++ % partCount
  const message: Record<PeerFlood, () => readonly OutgoingMessage[]> = {
    "requests of 1 byte": () => [{ type: "request", index: next(), begin: 0, length: 1 }],
    "requests, unread": () => [{ type: "request", index: next(), begin: 0, length: 16_384 }],
    haveNone: () => [{ type: "haveNone" }],
    "empty bitfields": () => [{ type: "bitfield", bitfield: new Bitfield(partCount) }],
    allowedFast: () => [{ type: "allowedFast", index: next() }],
    suggest: () => [{ type: "suggest", index: next() }],
    "choke and unchoke": () => [{ type: "choke" }, { type: "unchoke" }],
    "interest flips": () => [{ type: "interested" }, { type: "notInterested" }],
    have: () => [{ type: "have", index: next() }],
    "extension handshakes": () => [
      { type: "extended", id: 0, payload: Buffer.from(`d1:v60000:${"x".repeat(60_000)}e`) },
    ],
  }
  const frames: Uint8Array[] = kind.startsWith("requests") ? [encode({ type: "interested" })] : []
  for (let byteCount = 0; byteCount < WRITE_BYTES; ) {
    for (const each of message[kind]()) {
      const frame = encode(each)
      frames.push(frame)
      byteCount += frame.length
    }
  }
  return Buffer.concat(frames)
}

function encode(message: OutgoingMessage): Uint8Array {
  const bytes = new Uint8Array(encodedLength(message))
  encodeMessage(message, bytes, 0)
  return bytes
}

/** One request after the other on one connection, each with the 150 documents that one message may name. Waits as a 429 demands. */
async function floodTracker(kind: TrackerFlood, port: number, uuids: readonly string[], index: number): Promise<never> {
  const path = kind === "alive" ? "/alive" : "/hash"
  for (let round = 0; ; round++) {
    const peer = { listening_host: FLOOD_ADDRESS, listening_port: 1 + ((index + round * TRACKER_CONNECTIONS) % 65_535) }
    const body = JSON.stringify(kind === "alive" ? { ...peer, hashes: uuids } : peer)
    const waitSeconds = await new Promise<number>((resolve) => {
      const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) }
      const call = request(
        { port, host: "127.0.0.1", localAddress: FLOOD_ADDRESS, method: "POST", path, headers },
        (answer) => {
          answer.resume().once("close", () => resolve(Number(answer.headers["retry-after"] ?? 0)))
        },
      )
      call.once("error", () => resolve(CONNECT_AGAIN_MS / 1_000))
      call.end(body)
    })
    if (waitSeconds > 0) await delay(waitSeconds * 1_000)
  }
}
