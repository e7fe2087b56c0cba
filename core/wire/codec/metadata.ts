import { type BencodeDictionary, decodeLeading, isBencodeDictionary } from "../../base/bencode.js"
import { encodeBencode } from "../../base/encode-bencode.js"
import { P2pError, ProtocolError } from "../../base/errors.js"
import { EXTENDED_LIMITS } from "./constants.js"

/** Name of the extension in BEP 10's `m` (BEP 9). */
export const METADATA = "ut_metadata"

/** The `extended` id under which we want it; any of 1..255 would do. */
export const METADATA_ID = 2

/** Bytes of each piece of the info dictionary but the last (BEP 9). */
export const METADATA_PIECE_BYTES = 16 * 1024

/** Largest info dictionary that is served and fetched (our choice: the cap on torrent files). */
export const MAX_METADATA_BYTES = 64 * 1024 * 1024

/** `piece`: 0-based, below MAX_METADATA_BYTES / METADATA_PIECE_BYTES. */
export type MetadataMessage =
  | { readonly type: "request"; readonly piece: number }
  /** `totalBytes`: of the dictionary, where the sender names it. */
  | {
      readonly type: "data"
      readonly piece: number
      readonly totalBytes: number | undefined
      readonly bytes: Uint8Array
    }
  | { readonly type: "reject"; readonly piece: number }

/** BEP 9's `msg_type`. */
const TYPES = { request: 0, data: 1, reject: 2 } as const

export function encodeMetadata(message: MetadataMessage): Uint8Array {
  const { type, piece } = message
  const total = message.type === "data" ? message.totalBytes : undefined
  const head = encodeBencode({ msg_type: TYPES[type], piece, total_size: total })
  return message.type === "data" ? Buffer.concat([head, message.bytes]) : head
}

/**
 * Decodes the payload of an `extended` message; undefined for a type that BEP 9 does not know, which it asks to ignore. `bytes` is a view.
 * @throws ProtocolError "bad_metadata" when the payload begins with no dictionary, or names a piece that can't be.
 */
export function decodeMetadata(payload: Uint8Array): MetadataMessage | undefined {
  const { entries, rest } = decodeEntries(payload)
  const { piece, msg_type: type, total_size: total } = entries
  if (typeof piece !== "number" || piece < 0 || piece >= MAX_METADATA_BYTES / METADATA_PIECE_BYTES)
    throw new ProtocolError("bad_metadata", "it names no piece of an info dictionary")
  switch (type) {
    case TYPES.request:
      return { type: "request", piece }
    case TYPES.data:
      return { type: "data", piece, totalBytes: typeof total === "number" ? total : undefined, bytes: rest }
    case TYPES.reject:
      return { type: "reject", piece }
    default:
      return undefined
  }
}

function decodeEntries(payload: Uint8Array): { readonly entries: BencodeDictionary; readonly rest: Uint8Array } {
  try {
    const { value, rest } = decodeLeading(payload, EXTENDED_LIMITS)
    if (isBencodeDictionary(value)) return { entries: value, rest }
  } catch (error) {
    if (!(error instanceof P2pError)) throw error
    throw new ProtocolError("bad_metadata", "it is not bencoded", { cause: error })
  }
  throw new ProtocolError("bad_metadata", "it is not a dictionary")
}

/** Bytes of a piece of a dictionary of `totalBytes`; 0 for a piece that it does not have. */
export function metadataPieceBytes(totalBytes: number, piece: number): number {
  return Math.max(0, Math.min(METADATA_PIECE_BYTES, totalBytes - piece * METADATA_PIECE_BYTES))
}
