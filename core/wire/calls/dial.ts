import { connect, type OnReadOpts, type Socket } from "node:net"
import type { PeerAddress } from "../../address/address.js"
import type { PreSharedKey } from "../../torrent/pre-shared-key.js"
import {
  CONNECT_DEADLINE_MS,
  FIRST_TRY_DEADLINE_MS,
  HANDSHAKE_DEADLINE_MS,
  TCP_KEEP_ALIVE_MS,
} from "../codec/constants.js"
import { encodeHandshake, type Handshake, HandshakeDecoder } from "../codec/handshake.js"
import { PeerConnection } from "../connection/connection.js"
import type { Pulse } from "../connection/pulse.js"
import { SocketReader } from "../connection/socket-reader.js"
import { type ConnectionEnds, connectTls } from "./connect-tls.js"
import { DialError, dialErrorOf, hungUp } from "./dial-error.js"

/** The address to dial, and the document to dial for. */
export interface DialOptions {
  readonly address: PeerAddress
  /** Uint8Array, 20 bytes each; `peerId` is ours. */
  readonly infoHash: Uint8Array
  readonly peerId: Uint8Array
  /** Parts of the document; undefined while its description is not known. */
  readonly partCount: number | undefined
  /** Of a private document: it is spoken of inside TLS with this key, and never otherwise. */
  readonly preSharedKey?: PreSharedKey | undefined
  readonly pulse: Pulse
  /** Its address was never dialled before: it gets 5 s for each stage instead of 10. */
  readonly firstTry?: boolean
  /** The address of this machine to call from, normal form; any by default. */
  readonly localAddress?: string | undefined
  /** Gives up while nothing has come of it; without effect once there is a connection. */
  readonly signal?: AbortSignal
}

/**
 * Connects to a peer and exchanges handshakes: 10 s for the one, 10 s for the whole of the other, TLS included (5 s each at the first
 * try). The connection reads nothing until its `start`.
 * @throws DialError
 */
export function dial(options: DialOptions): Promise<PeerConnection> {
  return new Promise((resolve, reject) => new Dialling(options, resolve, reject))
}

/** One attempt, from `net.connect` to the connection or the failure. */
class Dialling {
  readonly #options: DialOptions
  readonly #resolve: (connection: PeerConnection) => void
  readonly #reject: (error: DialError) => void
  readonly #reader: SocketReader
  readonly #socket: Socket
  readonly #onAbort = () => this.#fail(new DialError("aborted", "was not needed any more"))
  #callOffDeadline: () => void
  #connected = false
  #greetedAtMs = 0
  #settled = false

  constructor(options: DialOptions, resolve: (connection: PeerConnection) => void, reject: (error: DialError) => void) {
    this.#options = options
    this.#resolve = resolve
    this.#reject = reject
    this.#reader = new SocketReader(new HandshakeDecoder((handshake) => this.#onHandshake(handshake)), (error) =>
      this.#fail(new DialError("not_bittorrent", "does not speak BitTorrent", { cause: error })),
    )
    this.#socket = this.#open()
    this.#callOffDeadline = options.pulse.after(this.#deadlineMs(CONNECT_DEADLINE_MS), () => this.#timeOut())
    options.signal?.addEventListener("abort", this.#onAbort)
    if (options.signal?.aborted) this.#onAbort()
  }

  #open(): Socket {
    const { address, localAddress, preSharedKey } = this.#options
    const onread = this.#reader.onread()
    const ends = { ...address, ...(localAddress !== undefined && { localAddress }) }
    const socket = preSharedKey === undefined ? connectPlain(ends, onread) : connectTls(ends, preSharedKey, onread)
    socket.once("connect", () => this.#onConnect())
    if (preSharedKey !== undefined) socket.once("secureConnect", () => this.#greet())
    // These stay after the handshake, when they find the attempt settled.
    socket.on("error", (error) => this.#fail(dialErrorOf(error, this.#connected, preSharedKey !== undefined)))
    socket.once("end", () => this.#hungUp())
    socket.once("close", () => this.#hungUp())
    return socket
  }

  #onConnect(): void {
    if (this.#settled) return
    const { preSharedKey, pulse } = this.#options
    this.#connected = true
    this.#callOffDeadline()
    this.#callOffDeadline = pulse.after(this.#deadlineMs(HANDSHAKE_DEADLINE_MS), () => this.#timeOut())
    if (preSharedKey === undefined) this.#greet()
  }

  #greet(): void {
    if (this.#settled) return
    const { infoHash, peerId, pulse } = this.#options
    this.#greetedAtMs = pulse.now()
    this.#socket.write(encodeHandshake({ infoHash, peerId, supportsFast: true, supportsExtensions: true }))
  }

  #onHandshake(handshake: Handshake): void {
    const { address, infoHash, peerId, partCount, preSharedKey, pulse } = this.#options
    if (Buffer.compare(handshake.infoHash, infoHash) !== 0)
      return this.#fail(new DialError("wrong_info_hash", "answered for another document"))
    if (Buffer.compare(handshake.peerId, peerId) === 0)
      return this.#fail(new DialError("self", "is this client itself"))
    this.#settle()
    this.#resolve(
      new PeerConnection({
        socket: this.#socket,
        reader: this.#reader,
        remote: address,
        direction: "outgoing",
        handshake,
        partCount,
        encrypted: preSharedKey !== undefined,
        handshakeMs: pulse.now() - this.#greetedAtMs,
        pulse,
      }),
    )
  }

  #deadlineMs(ordinaryMs: number): number {
    return this.#options.firstTry === true ? FIRST_TRY_DEADLINE_MS : ordinaryMs
  }

  #timeOut(): void {
    this.#fail(new DialError("timed_out", this.#connected ? "did not finish the handshake in time" : "did not answer"))
  }

  #hungUp(): void {
    this.#fail(hungUp(this.#options.preSharedKey !== undefined))
  }

  #fail(error: DialError): void {
    if (this.#settled) return
    this.#settle()
    this.#reader.stop()
    this.#socket.destroy()
    this.#reject(error)
  }

  #settle(): void {
    this.#settled = true
    this.#callOffDeadline()
    this.#options.signal?.removeEventListener("abort", this.#onAbort)
  }
}

function connectPlain(ends: ConnectionEnds, onread: OnReadOpts): Socket {
  const keepAliveInitialDelay = TCP_KEEP_ALIVE_MS
  return connect({ ...ends, noDelay: true, keepAlive: true, keepAliveInitialDelay, onread })
}
