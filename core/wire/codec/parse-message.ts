import { ProtocolError } from "../../base/errors.js"
import { Bitfield } from "../../torrent/bitfield.js"
import { MessageId } from "./constants.js"
import type { PeerMessage } from "./messages.js"
import { readUint32 } from "./uint32.js"

/**
 * Makes a message of its id and `body` (the bytes after the id, whose length `checkFrame` has accepted). Nothing of
 * `body` is kept. Undefined for ids we don't know: BEP 3 clients skip those. `piece` never comes here.
 *
 * `have`, `suggest` and `allowedFast` are range-checked. `request`, `cancel` and `reject` are not: an impossible request
 * is answered with a reject (BEP 6), so the server of blocks has to see it.
 * `partCount`: undefined while it is not known; then only `extended` messages are read.
 * @throws ProtocolError "bad_index", "bad_bitfield"
 */
export function parseMessage(id: number, body: Uint8Array, partCount: number | undefined): PeerMessage | undefined {
  if (partCount === undefined) return parseWithoutParts(id, body)
  switch (id) {
    case MessageId.choke:
      return { type: "choke" }
    case MessageId.unchoke:
      return { type: "unchoke" }
    case MessageId.interested:
      return { type: "interested" }
    case MessageId.notInterested:
      return { type: "notInterested" }
    case MessageId.have:
      return { type: "have", index: partIndex(body, partCount) }
    case MessageId.bitfield:
      return { type: "bitfield", bitfield: parseBitfield(body, partCount) }
    case MessageId.request:
      return { type: "request", ...parseBlock(body) }
    case MessageId.cancel:
      return { type: "cancel", ...parseBlock(body) }
    case MessageId.suggest:
      return { type: "suggest", index: partIndex(body, partCount) }
    case MessageId.haveAll:
      return { type: "haveAll" }
    case MessageId.haveNone:
      return { type: "haveNone" }
    case MessageId.reject:
      return { type: "reject", ...parseBlock(body) }
    case MessageId.allowedFast:
      return { type: "allowedFast", index: partIndex(body, partCount) }
    case MessageId.extended:
      return { type: "extended", id: body[0] ?? 0, payload: body.slice(1) }
    default:
      return undefined
  }
}

/** While the description of the document is not known only its own extension has a meaning. */
function parseWithoutParts(id: number, body: Uint8Array): PeerMessage | undefined {
  return id === MessageId.extended ? { type: "extended", id: body[0] ?? 0, payload: body.slice(1) } : undefined
}

function parseBlock(body: Uint8Array): { index: number; begin: number; length: number } {
  return { index: readUint32(body, 0), begin: readUint32(body, 4), length: readUint32(body, 8) }
}

function partIndex(body: Uint8Array, partCount: number): number {
  const index = readUint32(body, 0)
  if (index >= partCount)
    throw new ProtocolError("bad_index", `part ${index} does not exist, the document has ${partCount}`)
  return index
}

function parseBitfield(body: Uint8Array, partCount: number): Bitfield {
  const bitfield = Bitfield.fromBytes(partCount, body)
  if (bitfield === undefined) throw new ProtocolError("bad_bitfield", "bits beyond the last part are set")
  return bitfield
}
