import type { Socket } from "node:net"
import type { Duplex } from "node:stream"
import type { PeerAddress } from "../../address/address.js"
import { HANDSHAKE_DEADLINE_MS, TLS_FIRST_BYTE } from "../codec/constants.js"
import { isProbablyEncrypted } from "../codec/encrypted-hello.js"
import type { PeerConnection } from "../connection/connection.js"
import type { Pulse } from "../connection/pulse.js"
import { type AcceptedDocument, IncomingHandshake, type PrivateDocument, type Refusal } from "./incoming-handshake.js"
import type { TlsAcceptor } from "./tls-acceptor.js"

/** One accepted socket, and what decides about it. */
export interface IncomingConnectionOptions<Open extends AcceptedDocument, Private extends PrivateDocument> {
  readonly socket: Socket
  readonly remote: PeerAddress
  /** Ours; Uint8Array, 20 bytes. */
  readonly peerId: Uint8Array
  readonly pulse: Pulse
  readonly tlsAcceptor: TlsAcceptor<Private>
  lookup(infoHash: Uint8Array): Open | undefined
  lookupPrivate(identity: string): Private | undefined
  /** Either of these is called, once; when it is refused the socket is being closed. */
  onAccepted(connection: PeerConnection, found: Open | Private): void
  onRefused(refusal: Refusal): void
}

/**
 * A caller from its first byte, which selects BitTorrent or TLS, to the end of its handshake: at most 10 s. The two can't be mixed:
 * unencrypted only open documents are found, inside TLS only the document of the key.
 */
export class IncomingConnection<Open extends AcceptedDocument, Private extends PrivateDocument> {
  readonly #options: IncomingConnectionOptions<Open, Private>
  readonly #callOffDeadline: () => void
  #handshake: IncomingHandshake<Open> | IncomingHandshake<Private> | undefined
  /** What it sent first in plain looks like encryption that is not spoken here. */
  #looksEncrypted = false
  #settled = false

  constructor(options: IncomingConnectionOptions<Open, Private>) {
    const { socket, pulse } = options
    this.#options = options
    this.#callOffDeadline = pulse.after(HANDSHAKE_DEADLINE_MS, () => this.refuse("timed_out"))
    // Never removed; later calls find the caller settled, or its handshake was notified too.
    socket.on("error", () => this.refuse("hung_up"))
    socket.once("end", () => this.refuse("hung_up"))
    socket.once("close", () => this.refuse("hung_up"))
    socket.once("data", (bytes: Uint8Array) => this.#onFirstBytes(bytes))
  }

  /** Turns the caller away, unless it is settled already. */
  refuse(refusal: Refusal): void {
    if (this.#settled) return
    if (this.#handshake !== undefined) return this.#handshake.refuse(refusal)
    // TLS around it, if there is any yet, goes with it.
    this.#options.socket.destroy()
    this.#onRefused(refusal)
  }

  #onFirstBytes(bytes: Uint8Array): void {
    const { socket, lookup } = this.#options
    if (this.#settled) return
    // The next reader has to receive all bytes, from the first.
    socket.pause()
    socket.unshift(bytes)
    if (bytes[0] === TLS_FIRST_BYTE) return this.#beginTls()
    this.#looksEncrypted = isProbablyEncrypted(bytes)
    this.#handshake = this.#shakeHands(socket, false, lookup)
    socket.resume()
  }

  #beginTls(): void {
    const { socket, remote, tlsAcceptor, lookupPrivate } = this.#options
    tlsAcceptor.accept({
      socket,
      remote,
      lookup: lookupPrivate,
      onSecure: (secure, document) => {
        this.#handshake = this.#shakeHands(secure, true, (infoHash) =>
          Buffer.compare(infoHash, document.infoHash) === 0 ? document : undefined,
        )
      },
      onRefused: (refusal) => this.refuse(refusal),
    })
  }

  #shakeHands<Found extends Open | Private>(
    socket: Duplex,
    encrypted: boolean,
    lookup: (infoHash: Uint8Array) => Found | undefined,
  ): IncomingHandshake<Found> {
    const { remote, peerId, pulse } = this.#options
    return new IncomingHandshake<Found>({
      ...{ socket, remote, encrypted, peerId, pulse, lookup },
      onAccepted: (connection, found) => {
        this.#settle()
        this.#options.onAccepted(connection, found)
      },
      onRefused: (refusal) => this.#onRefused(refusal),
    })
  }

  #onRefused(refusal: Refusal): void {
    this.#settle()
    this.#options.onRefused(refusal === "not_bittorrent" && this.#looksEncrypted ? "probably_mse" : refusal)
  }

  #settle(): void {
    this.#settled = true
    this.#callOffDeadline()
  }
}
