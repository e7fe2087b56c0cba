import { ProtocolError } from "../../base/errors.js"
import type { ByteTarget } from "./byte-target.js"
import { HANDSHAKE_BYTES, HANDSHAKE_FIRST_BYTE, INFO_HASH_BYTES, PEER_ID_BYTES } from "./constants.js"

/** The first message of each side (BEP 3). */
export interface Handshake {
  /** Uint8Array, 20 bytes. */
  readonly infoHash: Uint8Array
  /** Uint8Array, 20 bytes. */
  readonly peerId: Uint8Array
  /** Offers the fast extension (BEP 6). */
  readonly supportsFast: boolean
  /** Offers the extension protocol (BEP 10). */
  readonly supportsExtensions: boolean
}

const PROTOCOL_NAME = "BitTorrent protocol"
const PREFIX = Uint8Array.of(HANDSHAKE_FIRST_BYTE, ...Buffer.from(PROTOCOL_NAME, "latin1"))
const RESERVED_OFFSET = PREFIX.length
const INFO_HASH_OFFSET = RESERVED_OFFSET + 8
const PEER_ID_OFFSET = INFO_HASH_OFFSET + INFO_HASH_BYTES

/** Reserved bits: BEP 10 has byte 5 bit 0x10, BEP 6 has byte 7 bit 0x04 (0-based bytes). */
const EXTENSIONS_OFFSET = RESERVED_OFFSET + 5
const EXTENSIONS_BIT = 0x10
const FAST_OFFSET = RESERVED_OFFSET + 7
const FAST_BIT = 0x04

/** Encodes a handshake: Uint8Array, 68 bytes. */
export function encodeHandshake(handshake: Handshake): Uint8Array {
  const bytes = new Uint8Array(HANDSHAKE_BYTES)
  bytes.set(PREFIX)
  if (handshake.supportsExtensions) bytes[EXTENSIONS_OFFSET] = EXTENSIONS_BIT
  if (handshake.supportsFast) bytes[FAST_OFFSET] = FAST_BIT
  bytes.set(handshake.infoHash, INFO_HASH_OFFSET)
  bytes.set(handshake.peerId, PEER_ID_OFFSET)
  return bytes
}

/**
 * Decodes a handshake of exactly 68 bytes; reserved bits we don't know are ignored. The fields are copies.
 * @throws ProtocolError "not_bittorrent"
 */
export function decodeHandshake(bytes: Uint8Array): Handshake {
  checkPrefix(bytes, 0, PREFIX.length)
  return {
    infoHash: bytes.slice(INFO_HASH_OFFSET, PEER_ID_OFFSET),
    peerId: bytes.slice(PEER_ID_OFFSET, PEER_ID_OFFSET + PEER_ID_BYTES),
    supportsFast: ((bytes[FAST_OFFSET] ?? 0) & FAST_BIT) !== 0,
    supportsExtensions: ((bytes[EXTENSIONS_OFFSET] ?? 0) & EXTENSIONS_BIT) !== 0,
  }
}

/** Collects exactly the 68 bytes of a handshake; another protocol is refused at its first wrong byte. */
export class HandshakeDecoder implements ByteTarget {
  readonly #bytes = new Uint8Array(HANDSHAKE_BYTES)
  readonly #onHandshake: (handshake: Handshake) => void
  #filled = 0

  constructor(onHandshake: (handshake: Handshake) => void) {
    this.#onHandshake = onHandshake
  }

  target(): Uint8Array {
    return this.#bytes.subarray(this.#filled)
  }

  /** @throws ProtocolError "not_bittorrent" */
  advance(byteCount: number): void {
    const before = this.#filled
    this.#filled += byteCount
    checkPrefix(this.#bytes, before, this.#filled)
    if (this.#filled === HANDSHAKE_BYTES) this.#onHandshake(decodeHandshake(this.#bytes))
  }
}

/** Compares bytes [from, to) with the fixed beginning of every handshake, as far as that reaches. */
function checkPrefix(bytes: Uint8Array, from: number, to: number): void {
  for (let offset = from; offset < Math.min(to, PREFIX.length); offset++)
    if (bytes[offset] !== PREFIX[offset])
      throw new ProtocolError("not_bittorrent", `byte ${offset} of the handshake is not BitTorrent's`)
}
