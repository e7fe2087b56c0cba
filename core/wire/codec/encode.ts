import { LENGTH_PREFIX_BYTES, MessageId, PIECE_FIELD_BYTES, PIECE_HEADER_BYTES } from "./constants.js"
import type { OutgoingMessage } from "./messages.js"
import { writeUint32 } from "./uint32.js"

/** Bytes a message takes on the wire, its length prefix included. */
export function encodedLength(message: OutgoingMessage): number {
  switch (message.type) {
    case "keepAlive":
      return LENGTH_PREFIX_BYTES
    case "choke":
    case "unchoke":
    case "interested":
    case "notInterested":
    case "haveAll":
    case "haveNone":
      return LENGTH_PREFIX_BYTES + 1
    case "have":
    case "suggest":
    case "allowedFast":
      return LENGTH_PREFIX_BYTES + 5
    case "request":
    case "cancel":
    case "reject":
      return LENGTH_PREFIX_BYTES + 13
    case "bitfield":
      return LENGTH_PREFIX_BYTES + 1 + message.bitfield.bytes.length
    case "extended":
      return LENGTH_PREFIX_BYTES + 2 + message.payload.length
    default:
      return message satisfies never
  }
}

/**
 * Writes a message (BEP 3, 6, 10) at `offset`; the caller sees to it that `encodedLength(message)` bytes fit.
 * Returns the offset after it.
 */
export function encodeMessage(message: OutgoingMessage, target: Uint8Array, offset: number): number {
  const end = offset + encodedLength(message)
  writeUint32(target, offset, end - offset - LENGTH_PREFIX_BYTES)
  if (message.type === "keepAlive") return end
  target[offset + LENGTH_PREFIX_BYTES] = MessageId[message.type]
  encodeFields(message, target, offset + LENGTH_PREFIX_BYTES + 1)
  return end
}

function encodeFields(message: OutgoingMessage, target: Uint8Array, offset: number): void {
  switch (message.type) {
    case "have":
    case "suggest":
    case "allowedFast":
      writeUint32(target, offset, message.index)
      return
    case "request":
    case "cancel":
    case "reject":
      writeUint32(target, offset, message.index)
      writeUint32(target, offset + 4, message.begin)
      writeUint32(target, offset + 8, message.length)
      return
    case "bitfield":
      target.set(message.bitfield.bytes, offset)
      return
    case "extended":
      target[offset] = message.id
      target.set(message.payload, offset + 1)
      return
    default:
      return // The rest is nothing but its id.
  }
}

/**
 * Writes the PIECE_HEADER_BYTES bytes that stand before the payload of a `piece` (BEP 3) at `offset`; `length` is the
 * payload's, in bytes. Returns the offset after it.
 */
export function encodePieceHeader(
  index: number,
  begin: number,
  length: number,
  target: Uint8Array,
  offset: number,
): number {
  writeUint32(target, offset, PIECE_FIELD_BYTES + length)
  target[offset + LENGTH_PREFIX_BYTES] = MessageId.piece
  writeUint32(target, offset + 5, index)
  writeUint32(target, offset + 9, begin)
  return offset + PIECE_HEADER_BYTES
}
