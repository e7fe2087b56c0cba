import type { Duplex } from "node:stream"
import type { PeerAddress } from "./address.js"
import { PeerConnection } from "./connection.js"
import { HANDSHAKE_DEADLINE_MS } from "./constants.js"
import { encodeHandshake, type Handshake, HandshakeDecoder } from "./handshake.js"
import type { Pulse } from "./pulse.js"
import { SocketReader } from "./socket-reader.js"

/** Why a caller was not let in. */
export type Refusal =
  | "banned"
  | "too_many"
  | "not_bittorrent"
  | "unknown_document"
  | "self"
  | "timed_out"
  | "hung_up"
  | "listener_closed"

/** What a connection needs to know of the document it is for. */
export interface AcceptedDocument {
  readonly partCount: number
}

/** One caller before it has said whom it wants. */
export interface IncomingHandshakeOptions {
  /** Any duplex: a plain socket, or later one inside TLS. */
  readonly socket: Duplex
  readonly remote: PeerAddress
  readonly encrypted: boolean
  /** Ours; Uint8Array, 20 bytes. */
  readonly peerId: Uint8Array
  readonly pulse: Pulse
  /** The document of that info hash, or undefined to turn the caller away. */
  lookup(infoHash: Uint8Array, remote: PeerAddress): AcceptedDocument | undefined
  /** Called exactly once; with a refusal the socket is being closed. */
  onSettled(outcome: PeerConnection | Refusal): void
}

/** Reads a caller's handshake, whole within 10 s (hostile.md 19), and answers it when it is for a document we have. */
export class IncomingHandshake {
  readonly #options: IncomingHandshakeOptions
  readonly #reader: SocketReader
  readonly #callOffDeadline: () => void
  #settled = false

  constructor(options: IncomingHandshakeOptions) {
    const { socket, pulse } = options
    this.#options = options
    this.#reader = new SocketReader(new HandshakeDecoder((handshake) => this.#onHandshake(handshake)), () =>
      this.refuse("not_bittorrent"),
    )
    this.#callOffDeadline = pulse.after(HANDSHAKE_DEADLINE_MS, () => this.refuse("timed_out"))
    // These stay after the handshake, when they find it settled.
    socket.on("error", () => this.refuse("hung_up"))
    socket.once("end", () => this.refuse("hung_up"))
    socket.once("close", () => this.refuse("hung_up"))
    this.#reader.listen(socket)
  }

  /** Turns the caller away, unless it is settled already. */
  refuse(refusal: Refusal): void {
    if (this.#settled) return
    this.#reader.stop()
    this.#options.socket.destroy()
    this.#settle(refusal)
  }

  #onHandshake(handshake: Handshake): void {
    const { socket, remote, encrypted, peerId, pulse } = this.#options
    const document = this.#options.lookup(handshake.infoHash, remote)
    if (document === undefined) return this.refuse("unknown_document")
    const { infoHash } = handshake
    // Answered even when it is ourselves: the dialling half then learns from our peer id whom it has called.
    socket.write(encodeHandshake({ infoHash, peerId, supportsFast: true, supportsExtensions: true }))
    if (Buffer.compare(handshake.peerId, peerId) === 0) {
      this.#reader.stop()
      socket.end(() => socket.destroy())
      return this.#settle("self")
    }
    const { partCount } = document
    const reader = this.#reader
    this.#settle(
      new PeerConnection({ socket, reader, remote, direction: "incoming", handshake, partCount, encrypted, pulse }),
    )
  }

  #settle(outcome: PeerConnection | Refusal): void {
    this.#settled = true
    this.#callOffDeadline()
    this.#options.onSettled(outcome)
  }
}
