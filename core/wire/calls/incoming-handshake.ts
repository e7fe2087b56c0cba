import type { Duplex } from "node:stream"
import type { PeerAddress } from "../../address/address.js"
import { encodeHandshake, type Handshake, HandshakeDecoder } from "../codec/handshake.js"
import { PeerConnection } from "../connection/connection.js"
import type { Pulse } from "../connection/pulse.js"
import { SocketReader } from "../connection/socket-reader.js"

/** Why a caller was not let in. */
export type Refusal =
  | "banned"
  | "too_many"
  | "not_bittorrent"
  /** Its first bytes are probably those of an encrypted handshake (MSE). */
  | "probably_mse"
  | "unknown_document"
  | "wrong_key"
  | "self"
  | "timed_out"
  | "hung_up"
  | "listener_closed"

/** The facts about a document that its connection needs. */
export interface AcceptedDocument {
  /** Undefined while its description is not known. */
  readonly partCount: number | undefined
}

/** A private document: spoken of only inside TLS, with its own key. */
export interface PrivateDocument extends AcceptedDocument {
  /** Uint8Array, 32 bytes: of its pre-shared key. */
  readonly key: Uint8Array
  /** Uint8Array, 20 bytes: the info hash that the handshake inside TLS has to name. */
  readonly infoHash: Uint8Array
}

/** One caller before it has named a document. */
export interface IncomingHandshakeOptions<Found extends AcceptedDocument> {
  /** A plain socket, or the TLS one around it. */
  readonly socket: Duplex
  readonly remote: PeerAddress
  readonly encrypted: boolean
  /** Ours; Uint8Array, 20 bytes. */
  readonly peerId: Uint8Array
  readonly pulse: Pulse
  /** The document of that info hash, or undefined to turn the caller away. */
  lookup(infoHash: Uint8Array): Found | undefined
  /** Either of these is called, once; when it is refused the socket is being closed. */
  onAccepted(connection: PeerConnection, found: Found): void
  onRefused(refusal: Refusal): void
}

/** Reads a caller's handshake and answers it when it is for a document we have. How long that may take is its owner's to say. */
export class IncomingHandshake<Found extends AcceptedDocument> {
  readonly #options: IncomingHandshakeOptions<Found>
  readonly #reader: SocketReader
  #settled = false

  constructor(options: IncomingHandshakeOptions<Found>) {
    const { socket } = options
    this.#options = options
    this.#reader = new SocketReader(new HandshakeDecoder((handshake) => this.#onHandshake(handshake)), () =>
      this.refuse("not_bittorrent"),
    )
    // These stay after the handshake, when they find it settled.
    socket.on("error", () => this.refuse("hung_up"))
    socket.once("end", () => this.refuse("hung_up"))
    socket.once("close", () => this.refuse("hung_up"))
    this.#reader.listen(socket)
  }

  /** Turns the caller away, unless it is settled already. */
  refuse(refusal: Refusal): void {
    if (this.#settled) return
    this.#settled = true
    this.#reader.stop()
    this.#options.socket.destroy()
    this.#options.onRefused(refusal)
  }

  #onHandshake(handshake: Handshake): void {
    const { socket, remote, encrypted, peerId, pulse } = this.#options
    const found = this.#options.lookup(handshake.infoHash)
    if (found === undefined) return this.refuse("unknown_document")
    const { infoHash } = handshake
    // Answered even when the caller is this client: the dialling half then recognises its own peer id.
    socket.write(encodeHandshake({ infoHash, peerId, supportsFast: true, supportsExtensions: true }))
    this.#settled = true
    if (Buffer.compare(handshake.peerId, peerId) === 0) {
      this.#reader.stop()
      socket.end(() => socket.destroy())
      return this.#options.onRefused("self")
    }
    const { partCount } = found
    const reader = this.#reader
    this.#options.onAccepted(
      new PeerConnection({ socket, reader, remote, direction: "incoming", handshake, partCount, encrypted, pulse }),
      found,
    )
  }
}
