import type { Bitfield } from "../../torrent/bitfield.js"

/**
 * The peer messages of BEP 3, BEP 6 (fast) and BEP 10 (extensions), as values. Names are the BEPs' own; `index` is a
 * 0-based part index, `begin` and `length` are bytes inside that part. `piece` carries no bytes here: payload goes from
 * the socket straight into the part's buffer, and the message reports that it is complete.
 */
export type PeerMessage =
  | { readonly type: "keepAlive" }
  | { readonly type: "choke" }
  | { readonly type: "unchoke" }
  | { readonly type: "interested" }
  | { readonly type: "notInterested" }
  | { readonly type: "have"; readonly index: number }
  | { readonly type: "bitfield"; readonly bitfield: Bitfield }
  | { readonly type: "request"; readonly index: number; readonly begin: number; readonly length: number }
  | { readonly type: "piece"; readonly index: number; readonly begin: number; readonly length: number }
  | { readonly type: "cancel"; readonly index: number; readonly begin: number; readonly length: number }
  | { readonly type: "suggest"; readonly index: number }
  | { readonly type: "haveAll" }
  | { readonly type: "haveNone" }
  | { readonly type: "reject"; readonly index: number; readonly begin: number; readonly length: number }
  | { readonly type: "allowedFast"; readonly index: number }
  | { readonly type: "extended"; readonly id: number; readonly payload: Uint8Array }

/** Messages that are sent as plain values. A `piece` is sent by its own call, with its bytes. */
export type OutgoingMessage = Exclude<PeerMessage, { readonly type: "piece" }>

/** Bytes of one request to foreign clients: 16 KiB (BEP 3 as every client implements it; most refuse larger ones). */
export const STANDARD_BLOCK_BYTES = 16 * 1024

/** Largest block two clients of this project agree on in the BEP 10 handshake (our choice, measured: beyond it nothing is gained). */
export const LARGE_BLOCK_BYTES = 256 * 1024
