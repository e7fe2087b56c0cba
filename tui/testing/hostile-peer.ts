import { randomBytes } from "node:crypto"
import type { Random } from "../../core/base/clock.js"
import { Bitfield } from "../../core/torrent/bitfield.js"
import { encodedLength, encodeMessage, encodePieceHeader } from "../../core/wire/codec/encode.js"
import { encodeExtensionHandshake } from "../../core/wire/codec/extension-handshake.js"
import { encodeHandshake } from "../../core/wire/codec/handshake.js"
import type { OutgoingMessage } from "../../core/wire/codec/messages.js"
import { encodePeerExchange } from "../../core/wire/codec/peer-exchange.js"
import { type Attack, anyLeaving, drop, inPieces, pickOne } from "./attack.js"
import { edited } from "./edited.js"

/** What a hostile peer knows of its target: it holds the torrent file. */
export interface PeerTarget {
  readonly infoHash: Uint8Array
  readonly partCount: number
}

/** Something that no honest peer does to a listening port. */
export function peerAttack(target: PeerTarget, random: Random): Attack {
  const kind = pickOne([edit, edit, edit, edit, noise, slow, tinyFrames, unreadRequests, knock, junkBlocks], random)
  return kind(target, random)
}

/** A real conversation with a few mistakes in it. */
function edit(target: PeerTarget, random: Random): Attack {
  const conversation = Buffer.concat([handshake(target), ...greeting(target), ...talk(target, random)])
  // Mostly behind the handshake, which would be refused at once.
  const from = random() < 0.8 ? 68 : 0
  const bytes = Buffer.concat([conversation.subarray(0, from), edited(conversation.subarray(from), random)])
  return { steps: inPieces(bytes, random), leaving: anyLeaving(random) }
}

/** Random bytes, at once or where messages should be; the first one promises BitTorrent, TLS or nothing. */
function noise(target: PeerTarget, random: Random): Attack {
  const bytes = randomBytes(1 + Math.floor(random() * 4_000))
  bytes[0] = pickOne([0x13, 0x16, 0x47, bytes[0] ?? 0], random)
  const steps = random() < 0.5 ? [{ send: handshake(target) }, { send: bytes }] : inPieces(bytes, random)
  return { steps, leaving: anyLeaving(random) }
}

/** Slowloris, in the handshake or in the middle of a message. */
function slow(target: PeerTarget, random: Random): Attack {
  if (random() < 0.5) return { steps: drop(handshake(target), 1_000), leaving: "stay" }
  const frame = encode({ type: "extended", id: 0, payload: new Uint8Array(500) })
  return { steps: [{ send: handshake(target) }, ...drop(frame.subarray(0, 60), 1_000)], leaving: "stay" }
}

/** 10,000 messages in one go. */
function tinyFrames(target: PeerTarget, random: Random): Attack {
  const frame = encode({ type: pickOne(["keepAlive", "interested", "choke"] as const, random) })
  const flood = Buffer.alloc(10_000 * frame.length, frame)
  return { steps: [{ send: handshake(target) }, { send: flood }], leaving: anyLeaving(random) }
}

/** Asks for everything and reads none of it. */
function unreadRequests(target: PeerTarget, random: Random): Attack {
  const requests = Array.from({ length: 3_000 }, () => {
    const index = Math.floor(random() * target.partCount)
    return encode({ type: "request", index, begin: 0, length: 16_384 })
  })
  const steps = [{ send: handshake(target) }, { stopReading: true } as const, { send: encode({ type: "interested" }) }]
  return { steps: [...steps, { send: Buffer.concat(requests) }, { waitMs: 5_000 }], leaving: "reset" }
}

/** Comes and goes, several times what is allowed. */
function knock(): Attack {
  return { steps: [], leaving: "reset" }
}

/** Blocks that were not requested. */
function junkBlocks(target: PeerTarget, random: Random): Attack {
  const blocks = Array.from({ length: 20 }, () => {
    const header = new Uint8Array(13)
    encodePieceHeader(Math.floor(random() * target.partCount), 0, 16_384, header, 0)
    return Buffer.concat([header, randomBytes(16_384)])
  })
  return { steps: [{ send: handshake(target) }, { send: Buffer.concat(blocks) }], leaving: anyLeaving(random) }
}

function handshake({ infoHash }: PeerTarget): Uint8Array {
  return encodeHandshake({ infoHash, peerId: randomBytes(20), supportsFast: true, supportsExtensions: true })
}

function greeting({ partCount }: PeerTarget): Uint8Array[] {
  const ids = new Map([["ut_pex", 1]])
  const said = { client: "hostile", listeningPort: 6881, maxRequests: 250, maxBlockBytes: 16_384, extensionIds: ids }
  return [
    encode({ type: "extended", id: 0, payload: encodeExtensionHandshake(said) }),
    encode({ type: "bitfield", bitfield: Bitfield.full(partCount) }),
  ]
}

function talk({ partCount }: PeerTarget, random: Random): Uint8Array[] {
  const index = () => Math.floor(random() * partCount)
  const peers = [{ host: "192.0.2.1", port: 6881, isSeed: true, isReachable: true }]
  const messages: readonly [OutgoingMessage, ...OutgoingMessage[]] = [
    { type: "interested" },
    { type: "unchoke" },
    { type: "have", index: index() },
    { type: "request", index: index(), begin: 0, length: 16_384 },
    { type: "cancel", index: index(), begin: 0, length: 16_384 },
    { type: "suggest", index: index() },
    { type: "allowedFast", index: index() },
    { type: "reject", index: index(), begin: 0, length: 16_384 },
    { type: "extended", id: 1, payload: encodePeerExchange(peers, []) },
  ]
  return Array.from({ length: 1 + Math.floor(random() * 30) }, () => encode(pickOne(messages, random)))
}

function encode(message: OutgoingMessage): Uint8Array {
  const bytes = new Uint8Array(encodedLength(message))
  encodeMessage(message, bytes, 0)
  return bytes
}
