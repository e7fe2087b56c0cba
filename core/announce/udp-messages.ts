import { COMPACT4_BYTES, COMPACT6_BYTES, compactHost, compactPort, splitCompact } from "../address/compact-peers.js"
import { displayText } from "../base/display.js"
import { MAX_PEERS_PER_ANSWER } from "./peer-filter.js"
import type { AnnounceEvent, PeerShape } from "./shapes.js"
import { MAX_SHOWN_CHARACTERS } from "./tracker-client.js"

/** The datagrams of a UDP tracker (BEP 15, 41). All numbers are big-endian. */

/** BEP 15: what a connect request begins with. */
const PROTOCOL_ID = 0x41727101980n

const ACTION = { connect: 0, announce: 1, error: 3 } as const
const EVENT: Readonly<Record<AnnounceEvent, number>> = { completed: 1, started: 2, stopped: 3 }

const CONNECT_MESSAGE_BYTES = 16
const ANNOUNCE_MESSAGE_BYTES = 98
const ANSWER_HEADER_BYTES = 20

/** BEP 41: an option that carries the path and query of the URL, in pieces. */
const URL_DATA_ID = 2
const OPTION_FIELD_BYTES = 255

export interface UdpAnnounce {
  /** 8 bytes, of the tracker's answer to a connect request. */
  readonly connectionId: Uint8Array
  readonly transactionId: number
  /** 20 bytes each. */
  readonly infoHash: Uint8Array
  readonly peerId: Uint8Array
  readonly downloaded: number
  readonly left: number
  readonly uploaded: number
  readonly event: AnnounceEvent | undefined
  /** 4 bytes: where others reach us over IPv4; undefined: where the datagram comes from. */
  readonly ip: Uint8Array | undefined
  /** 32 bits, the same for a run: by which a tracker knows us when our address changes. */
  readonly key: number
  readonly limit: number
  readonly port: number
  /** Path and query of the announce URL, or empty. */
  readonly urlData: string
}

export type UdpAnswer =
  | { readonly type: "connect"; readonly connectionId: Uint8Array }
  | { readonly type: "announce"; readonly intervalSeconds: number; readonly peers: readonly PeerShape[] }
  /** `message`: the tracker's own words, fit to show. */
  | { readonly type: "error"; readonly message: string }

export function encodeConnect(transactionId: number): Uint8Array {
  const bytes = Buffer.alloc(CONNECT_MESSAGE_BYTES)
  bytes.writeBigUInt64BE(PROTOCOL_ID, 0)
  bytes.writeUInt32BE(ACTION.connect, 8)
  bytes.writeUInt32BE(transactionId, 12)
  return bytes
}

export function encodeAnnounce(announce: UdpAnnounce): Uint8Array {
  const bytes = Buffer.alloc(ANNOUNCE_MESSAGE_BYTES)
  bytes.set(announce.connectionId, 0)
  bytes.writeUInt32BE(ACTION.announce, 8)
  bytes.writeUInt32BE(announce.transactionId, 12)
  bytes.set(announce.infoHash, 16)
  bytes.set(announce.peerId, 36)
  bytes.writeBigUInt64BE(BigInt(announce.downloaded), 56)
  bytes.writeBigUInt64BE(BigInt(announce.left), 64)
  bytes.writeBigUInt64BE(BigInt(announce.uploaded), 72)
  bytes.writeUInt32BE(announce.event === undefined ? 0 : EVENT[announce.event], 80)
  if (announce.ip !== undefined) bytes.set(announce.ip, 84)
  bytes.writeUInt32BE(announce.key, 88)
  bytes.writeInt32BE(announce.limit, 92)
  bytes.writeUInt16BE(announce.port, 96)
  return Buffer.concat([bytes, ...optionsOf(announce.urlData)])
}

function optionsOf(urlData: string): readonly Uint8Array[] {
  const data = Buffer.from(urlData, "latin1")
  const options: Uint8Array[] = []
  for (let start = 0; start < data.length; start += OPTION_FIELD_BYTES) {
    const piece = data.subarray(start, start + OPTION_FIELD_BYTES)
    options.push(Uint8Array.from([URL_DATA_ID, piece.length]), piece)
  }
  return options
}

/**
 * Reads an answer to `request`. Undefined for what is none: another transaction, another action, too few bytes. `family`: that of the address
 * the tracker was asked at, which decides how its peers are written.
 */
export function readUdpAnswer(
  answer: Uint8Array,
  request: { readonly type: "connect" | "announce"; readonly transactionId: number; readonly family: 4 | 6 },
): UdpAnswer | undefined {
  const bytes = Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength)
  if (bytes.length < 8 || bytes.readUInt32BE(4) !== request.transactionId) return undefined
  const action = bytes.readUInt32BE(0)
  if (action === ACTION.error) return { type: "error", message: shownText(bytes.subarray(8)) }
  if (action !== ACTION[request.type]) return undefined
  if (request.type === "connect")
    return bytes.length < CONNECT_MESSAGE_BYTES
      ? undefined
      : { type: "connect", connectionId: Uint8Array.from(bytes.subarray(8, 16)) }
  if (bytes.length < ANSWER_HEADER_BYTES) return undefined
  const peerBytes = request.family === 4 ? COMPACT4_BYTES : COMPACT6_BYTES
  const list = bytes.subarray(ANSWER_HEADER_BYTES).subarray(0, MAX_PEERS_PER_ANSWER * peerBytes)
  const peers = splitCompact(list, peerBytes).map((peer) => ({
    listening_host: compactHost(peer),
    listening_port: compactPort(peer),
  }))
  return { type: "announce", intervalSeconds: bytes.readInt32BE(8), peers }
}

function shownText(bytes: Uint8Array): string {
  return displayText(new TextDecoder().decode(bytes).replace(/\0+$/, ""), MAX_SHOWN_CHARACTERS)
}
