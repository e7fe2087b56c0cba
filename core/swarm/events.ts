import type { EventFacts } from "../api/events.js"
import type { Bitfield } from "../torrent/bitfield.js"
import type { OutgoingMessage, PeerMessage } from "../wire/codec/messages.js"
import type { PeerSource } from "./known-peer.js"

/** One connection, numbered by its owner; numbers are never reused during a document's life, so a late event matches no peer. */
export type PeerKey = number

/** A range inside a part: `index` 0-based, `begin` and `length` bytes. */
export interface Block {
  readonly index: number
  readonly begin: number
  readonly length: number
}

/** A peer, as it is sent to other peers (BEP 11). */
export interface ExchangedPeer {
  /** "host:port", where it can be dialled. */
  readonly address: string
  readonly isSeed: boolean
  /** We dialled it ourselves, so it can be reached. */
  readonly isReachable: boolean
}

/** Contents of the handshake of a new connection. */
export interface NewPeer {
  readonly peer: PeerKey
  /** Where it can be dialled ("host:port"), or where it came from while that is not known. */
  readonly address: string
  /** 20 bytes in hex. */
  readonly peerId: string
  readonly direction: "incoming" | "outgoing"
  /** By its peer id it is one of this project's clients. */
  readonly isOwnKind: boolean
  /** Its id can be believed at any address: it has proved that it holds the key of the private document, or it runs on this machine. */
  readonly isTrusted: boolean
  /** Both sides speak BEP 6. */
  readonly fast: boolean
  /** Its allowed-fast set (BEP 6): parts it may be offered while it waits for its turn. None by default. */
  readonly fastParts?: readonly number[]
  /** From our handshake to the peer's where we dialled: a round trip, and what the peer took. */
  readonly handshakeMs?: number | undefined
}

/** What happened. I/O runs outside and comes back as one of these, with the peer or part it belongs to. */
export type SwarmEvent =
  | ({ readonly type: "peerConnected" } & NewPeer)
  /** BEP 10 handshake: largest block it serves, how many requests it takes at once, the port it listens on. */
  | {
      readonly type: "peerExtended"
      readonly peer: PeerKey
      readonly blockBytes: number
      readonly maxRequests: number
      readonly listenAddress: string | undefined
    }
  /** It takes part in peer exchange (BEP 11), and for this document we do so with it. */
  | { readonly type: "exchangeAgreed"; readonly peer: PeerKey }
  /** The peer named other peers, at addresses worth a connection. */
  | { readonly type: "peersReceived"; readonly peer: PeerKey; readonly addresses: readonly string[] }
  /** `code`: stable, as in the connection's CloseReason. */
  | { readonly type: "peerClosed"; readonly peer: PeerKey; readonly code: string; readonly why: string }
  | { readonly type: "message"; readonly peer: PeerKey; readonly message: PeerMessage }
  /** Payload bytes of a block arrived; the block itself may still be incomplete. */
  | { readonly type: "bytesReceived"; readonly peer: PeerKey; readonly byteCount: number }
  /** A block given out by `sendBlock` is with the kernel, or can't be sent (`ok` false: reading it failed). */
  | ({ readonly type: "blockSent"; readonly peer: PeerKey; readonly ok: boolean } & Block)
  /**
   * The answer to `checkPart`. "failed": the disk refused, the part is missing again. `unitDigests`: where `needsUnitDigests` says so, digests
   * of the part's 16 KiB units one after the other, all of one length.
   */
  | {
      readonly type: "partChecked"
      readonly index: number
      readonly outcome: "stored" | "mismatch" | "failed"
      readonly unitDigests?: Uint8Array | undefined
    }
  /** A part that may have been on disk was hashed; not good: it is missing. */
  | { readonly type: "partFound"; readonly index: number; readonly good: boolean }
  | { readonly type: "peersFound"; readonly addresses: readonly string[]; readonly source: PeerSource }
  /** `code`: a DialError's. */
  | { readonly type: "dialFailed"; readonly address: string; readonly code: string; readonly why: string }
  /** Our own address, or one that turned out to be us: never dialled again. */
  | { readonly type: "selfFound"; readonly address: string }
  /** A part we had can't be read any more. `refetch`: it is wanted again; else (a file that is not ours to write) it is only not served. */
  | { readonly type: "partLost"; readonly index: number; readonly refetch: boolean }
  /** The user wants these parts; undefined: all. Of a document that is ours to write. */
  | { readonly type: "selected"; readonly parts: Bitfield | undefined }
  | { readonly type: "paused" }
  /**
   * Time went by. Wanted about four times a second while anything is connected or wanted. `unread`: peers that we did not read all the
   * time since the last one, for a limit of ours: their silence is our doing.
   */
  | { readonly type: "tick"; readonly unread?: ReadonlySet<PeerKey> }

/** Effects to carry out, in order. */
export type SwarmEffect =
  | { readonly type: "send"; readonly peer: PeerKey; readonly message: OutgoingMessage }
  /** Read this block from disk, send it, answer with `blockSent`. */
  | ({ readonly type: "sendBlock"; readonly peer: PeerKey } & Block)
  /** Nothing more is to be read from this peer, or it is to be read again. */
  | { readonly type: "holdReading" | "resumeReading"; readonly peer: PeerKey }
  /** A part is begun: it needs a buffer of `lengthBytes`, which the budget has granted. */
  | { readonly type: "openPart"; readonly index: number; readonly lengthBytes: number }
  /** All bytes of the part have arrived: check, write, answer with `partChecked`. */
  | { readonly type: "checkPart"; readonly index: number }
  /** Its bytes are not wanted any more: give the buffer back. */
  | { readonly type: "dropPart"; readonly index: number }
  /** `firstTry`: it never failed, and was never met; most such addresses of an old swarm are dead, so it is given less time. */
  | { readonly type: "dial"; readonly address: string; readonly firstTry: boolean }
  /** Send the added and dropped peers to a peer (BEP 11). `dropped`: addresses. */
  | {
      readonly type: "sendPeers"
      readonly peer: PeerKey
      readonly added: readonly ExchangedPeer[]
      readonly dropped: readonly string[]
    }
  | { readonly type: "close"; readonly peer: PeerKey; readonly code: string; readonly why: string }
  /** Every wanted part is present. May follow again after `selected`. */
  | { readonly type: "completed" }
  | {
      readonly type: "note"
      readonly level: "debug" | "info" | "warn"
      readonly name: string
      readonly message: string
      readonly address?: string
      /** The values that the message names, for programs. */
      readonly facts?: EventFacts
    }
