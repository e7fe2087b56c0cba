import { type BencodeDictionary, decodeBencode, isBencodeDictionary } from "../../base/bencode.js"
import { displayText } from "../../base/display.js"
import { encodeBencode } from "../../base/encode-bencode.js"
import { P2pError, ProtocolError } from "../../base/errors.js"
import { EXTENDED_LIMITS } from "./constants.js"
import { LARGE_BLOCK_BYTES, STANDARD_BLOCK_BYTES } from "./messages.js"

/** The `extended` id of the extension handshake itself (BEP 10). */
export const EXTENSION_HANDSHAKE_ID = 0

/** Longest client name that is kept, characters. */
const MAX_CLIENT_NAME = 40

/** Most extension names that are kept of one peer; we know a handful. */
const MAX_EXTENSIONS = 64

/** A client's extension handshake (BEP 10). */
export interface ExtensionHandshake {
  /** `v`: name and version, fit to show. */
  readonly client: string | undefined
  /** `p`: the port it listens on, 1..65535. */
  readonly listeningPort: number | undefined
  /** `reqq`: requests it lets wait, at least 1. */
  readonly maxRequests: number | undefined
  /**
   * `pt_block`, a key of this project: bytes of the largest block it serves and takes in one request. Between
   * STANDARD_BLOCK_BYTES, which is also what its absence means, and LARGE_BLOCK_BYTES.
   */
  readonly maxBlockBytes: number
  /** `metadata_size` (BEP 9): bytes of the info dictionary, at least 1. */
  readonly metadataBytes?: number | undefined
  /** `m`: the `extended` id, 1..255, under which it wants each extension it knows ("ut_pex"). */
  readonly extensionIds: ReadonlyMap<string, number>
}

/** Encodes the payload of the `extended` message with id EXTENSION_HANDSHAKE_ID. */
export function encodeExtensionHandshake(handshake: ExtensionHandshake): Uint8Array {
  return encodeBencode({
    m: Object.fromEntries(handshake.extensionIds),
    metadata_size: handshake.metadataBytes,
    p: handshake.listeningPort,
    pt_block: handshake.maxBlockBytes,
    reqq: handshake.maxRequests,
    v: handshake.client,
  })
}

/**
 * Decodes that payload. A field that is missing or makes no sense is left out, as BEP 10 asks; unknown ones are ignored.
 * @throws ProtocolError "bad_extension_handshake" when the payload is no bencoded dictionary
 */
export function decodeExtensionHandshake(payload: Uint8Array): ExtensionHandshake {
  const entries = decodeEntries(payload)
  return {
    client: clientName(entries),
    listeningPort: integerWithin(entries["p"], 1, 65_535),
    maxRequests: integerWithin(entries["reqq"], 1, Number.MAX_SAFE_INTEGER),
    maxBlockBytes: blockBytes(entries),
    ...metadataBytes(entries),
    extensionIds: extensionIds(entries),
  }
}

function decodeEntries(payload: Uint8Array): BencodeDictionary {
  try {
    const value = decodeBencode(payload, EXTENDED_LIMITS)
    if (isBencodeDictionary(value)) return value
  } catch (error) {
    if (!(error instanceof P2pError)) throw error
    throw new ProtocolError("bad_extension_handshake", "the extension handshake is not bencoded", { cause: error })
  }
  throw new ProtocolError("bad_extension_handshake", "the extension handshake is not a dictionary")
}

function clientName(entries: BencodeDictionary): string | undefined {
  const name = entries["v"]
  if (!(name instanceof Uint8Array) || name.length === 0) return undefined
  return displayText(new TextDecoder().decode(name), MAX_CLIENT_NAME)
}

function blockBytes(entries: BencodeDictionary): number {
  const offered = integerWithin(entries["pt_block"], STANDARD_BLOCK_BYTES, Number.MAX_SAFE_INTEGER)
  return Math.min(offered ?? STANDARD_BLOCK_BYTES, LARGE_BLOCK_BYTES)
}

function metadataBytes(entries: BencodeDictionary): Pick<ExtensionHandshake, "metadataBytes"> {
  const byteCount = integerWithin(entries["metadata_size"], 1, Number.MAX_SAFE_INTEGER)
  return byteCount === undefined ? {} : { metadataBytes: byteCount }
}

function extensionIds(entries: BencodeDictionary): ReadonlyMap<string, number> {
  const ids = new Map<string, number>()
  const offered = entries["m"]
  if (!isBencodeDictionary(offered)) return ids
  for (const [name, value] of Object.entries(offered)) {
    const id = integerWithin(value, 1, 255)
    if (id !== undefined && ids.size < MAX_EXTENSIONS) ids.set(name, id)
  }
  return ids
}

function integerWithin(value: unknown, min: number, max: number): number | undefined {
  return typeof value === "number" && value >= min && value <= max ? value : undefined
}
