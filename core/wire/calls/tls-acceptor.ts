import { randomBytes } from "node:crypto"
import type { Socket } from "node:net"
import { createServer, type Server, type TLSSocket } from "node:tls"
import { formatAddress, type PeerAddress, toAddress } from "../../address/address.js"
import { TLS_OPTIONS } from "../connection/tls-options.js"

/**
 * The key for an unknown identity. The handshake then fails as with a wrong key, with the same alert, so that a caller can't learn which
 * documents are here; and OpenSSL examines no further identity, of which a hello has room for 9,000.
 */
const NOBODYS_KEY = randomBytes(32)

/** Why a caller was refused: it does not speak our TLS, its identity is unknown, or it has another key. */
export type TlsRefusal = "not_bittorrent" | "unknown_document" | "wrong_key"

/** The holder of a PSK identity's key, Uint8Array, 32 bytes. */
export interface KeyHolder {
  readonly key: Uint8Array
}

/** One caller whose first byte was that of a TLS hello. `Found` is what its identity stands for. */
export interface TlsCaller<Found extends KeyHolder> {
  /** As accepted, paused, with all its bytes still to be read. */
  readonly socket: Socket
  readonly remote: PeerAddress
  /** The document of the caller's PSK identity; undefined refuses the caller. */
  lookup(identity: string): Found | undefined
  /** The caller has proved that it has the key of `found`. Nothing has been read from `secure`. */
  onSecure(secure: TLSSocket, found: Found): void
  /** The socket is being closed. Not called when the caller has disconnected: its socket reports that. */
  onRefused(refusal: TlsRefusal): void
}

interface Pending<Found extends KeyHolder> {
  readonly caller: TlsCaller<Found>
  /** The document of the last identity that was looked up: OpenSSL's search ends with a known identity. */
  found: Found | undefined
  /** The refusal to report if the handshake fails now. */
  refusal: TlsRefusal
}

/** The server half of TLS, for all callers of a listener. A socket that is destroyed in its handshake is dropped. */
export class TlsAcceptor<Found extends KeyHolder> {
  /** Made when the first caller needs it: some milliseconds that the start of a client is spared. */
  #server: Server | undefined
  /** By remote address, which the accepted socket and the TLS socket around it share. */
  readonly #pending = new Map<string, Pending<Found>>()
  readonly #onProblem: (error: Error) => void

  /** `onProblem` receives errors of lookups: nothing may be thrown inside OpenSSL's callback. */
  constructor(onProblem: (error: Error) => void) {
    this.#onProblem = onProblem
  }

  /** Begins the handshake. How long it may take is for the caller's owner to say, by destroying its socket. */
  accept(caller: TlsCaller<Found>): void {
    const { socket, remote } = caller
    const key = formatAddress(remote)
    // Two connections from one address and port, to two addresses of this machine, can't be distinguished here.
    if (this.#pending.has(key)) {
      socket.destroy()
      return
    }
    const pending: Pending<Found> = { caller, found: undefined, refusal: "not_bittorrent" }
    this.#pending.set(key, pending)
    socket.once("close", () => this.#forget(key, pending))
    this.#server ??= this.#createServer()
    this.#server.emit("connection", socket)
  }

  #createServer(): Server {
    const pskCallback = (socket: TLSSocket, identity: string) => this.#keyFor(socket, identity)
    const server = createServer({ ...TLS_OPTIONS, pskCallback })
    server.on("secureConnection", (secure) => this.#onSecure(secure))
    server.on("tlsClientError", (_error, socket) => this.#onFailed(socket))
    return server
  }

  #keyFor(socket: TLSSocket, identity: string): Uint8Array {
    const pending = this.#pendingOf(socket)
    if (pending === undefined) return NOBODYS_KEY
    pending.found = this.#lookup(pending.caller, identity)
    pending.refusal = pending.found === undefined ? "unknown_document" : "wrong_key"
    return pending.found?.key ?? NOBODYS_KEY
  }

  #lookup(caller: TlsCaller<Found>, identity: string): Found | undefined {
    try {
      return caller.lookup(identity)
    } catch (error) {
      this.#onProblem(error instanceof Error ? error : new Error(String(error)))
      return undefined
    }
  }

  #onSecure(secure: TLSSocket): void {
    const pending = this.#pendingOf(secure)
    // Read once, and only here: after the end of a connection such getters end the process (Node 20.20).
    const provedKey = secure.isSessionReused()
    if (pending?.found === undefined || !provedKey) {
      secure.destroy()
      return
    }
    const { caller, found } = pending
    this.#forget(formatAddress(caller.remote), pending)
    caller.onSecure(secure, found)
  }

  #onFailed(socket: TLSSocket): void {
    const pending = this.#pendingOf(socket)
    // node:tls destroys it but for its own time-out, which is longer than any that is set here.
    socket.destroy()
    pending?.caller.onRefused(pending.refusal)
  }

  #pendingOf(socket: TLSSocket): Pending<Found> | undefined {
    const remote = toAddress(socket.remoteAddress, socket.remotePort)
    return remote && this.#pending.get(formatAddress(remote))
  }

  #forget(key: string, pending: Pending<Found>): void {
    if (this.#pending.get(key) === pending) this.#pending.delete(key)
  }
}
