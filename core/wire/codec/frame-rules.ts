import { ProtocolError } from "../../base/errors.js"
import { MAX_PART_COUNT } from "../../torrent/parse-torrent.js"
import { MAX_EXTENDED_BYTES, MAX_UNKNOWN_BYTES, MessageId, PIECE_FIELD_BYTES } from "./constants.js"

/** The messages that a connection may receive. Fixed by the handshake and the document. */
export interface FrameRules {
  /** Parts of the document; undefined while its description is not known: then messages about parts are skipped. */
  readonly partCount: number | undefined
  /** Largest payload of one `piece`, bytes. */
  readonly maxBlockBytes: number
  /** Both sides offered BEP 6: without it its messages are an error. */
  readonly supportsFast: boolean
  /** Both sides offered BEP 10: without it `extended` is an error. */
  readonly supportsExtensions: boolean
}

/** Of as many parts as any document may have. */
const MAX_BITFIELD_BYTES = Math.ceil(MAX_PART_COUNT / 8)

/** The largest length prefix that any message may have under these rules. */
export function maxFrameBytes(rules: FrameRules): number {
  return Math.max(
    PIECE_FIELD_BYTES + rules.maxBlockBytes,
    1 + bitfieldBytes(rules.partCount),
    1 + MAX_EXTENDED_BYTES,
    1 + MAX_UNKNOWN_BYTES,
  )
}

/**
 * Refuses a message by its id and length (the length prefix, which counts the id), before a byte of its body is read.
 * @throws ProtocolError "bad_length", "bad_bitfield", "frame_too_long", "fast_not_negotiated", "extensions_not_negotiated"
 */
export function checkFrame(id: number, length: number, rules: FrameRules): void {
  checkNegotiated(id, rules)
  switch (id) {
    case MessageId.bitfield:
      if (rules.partCount === undefined) return checkRange("bitfield", length, 1, 1 + MAX_BITFIELD_BYTES)
      if (length !== 1 + bitfieldBytes(rules.partCount))
        throw new ProtocolError(
          "bad_bitfield",
          `bitfield of ${length - 1} bytes, ${rules.partCount} parts need ${bitfieldBytes(rules.partCount)}`,
        )
      return
    case MessageId.piece:
      checkRange("piece", length, PIECE_FIELD_BYTES + 1, PIECE_FIELD_BYTES + rules.maxBlockBytes)
      return
    case MessageId.extended:
      checkRange("extended", length, 2, 1 + MAX_EXTENDED_BYTES)
      return
    default:
      checkFixedLength(id, length)
  }
}

function checkNegotiated(id: number, rules: FrameRules): void {
  if (!rules.supportsFast && id >= MessageId.suggest && id <= MessageId.allowedFast)
    throw new ProtocolError("fast_not_negotiated", `message ${id} belongs to BEP 6, which was not agreed on`)
  if (!rules.supportsExtensions && id === MessageId.extended)
    throw new ProtocolError("extensions_not_negotiated", `message ${id} belongs to BEP 10, which was not agreed on`)
}

function checkFixedLength(id: number, length: number): void {
  const expected = fixedLength(id)
  if (expected === undefined) checkRange(`message ${id}`, length, 1, 1 + MAX_UNKNOWN_BYTES)
  else if (length !== expected)
    throw new ProtocolError("bad_length", `message ${id} of ${length} bytes, it always has ${expected}`)
}

function checkRange(what: string, length: number, min: number, max: number): void {
  if (length < min) throw new ProtocolError("bad_length", `${what} of ${length} bytes, at least ${min} are needed`)
  if (length > max) throw new ProtocolError("frame_too_long", `${what} of ${length} bytes, at most ${max} are allowed`)
}

/** Length prefix of a message whose size never varies, or undefined for the others and for unknown ids. */
function fixedLength(id: number): number | undefined {
  switch (id) {
    case MessageId.choke:
    case MessageId.unchoke:
    case MessageId.interested:
    case MessageId.notInterested:
    case MessageId.haveAll:
    case MessageId.haveNone:
      return 1
    case MessageId.have:
    case MessageId.suggest:
    case MessageId.allowedFast:
      return 5
    case MessageId.request:
    case MessageId.cancel:
    case MessageId.reject:
      return 13
    default:
      return undefined
  }
}

function bitfieldBytes(partCount: number | undefined): number {
  return partCount === undefined ? MAX_BITFIELD_BYTES : Math.ceil(partCount / 8)
}
