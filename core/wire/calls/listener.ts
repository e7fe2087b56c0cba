import { createServer, type Server, type Socket } from "node:net"
import { formatAddress, type PeerAddress, toAddress } from "../../address/address.js"
import { networkOf } from "../../address/host-of.js"
import { reasonOf } from "../../base/errno-words.js"
import { ConfigError, errnoOf } from "../../base/errors.js"
import { TCP_KEEP_ALIVE_MS } from "../codec/constants.js"
import type { PeerConnection } from "../connection/connection.js"
import type { Pulse } from "../connection/pulse.js"
import { AcceptBudget, type AcceptLimits, defaultAcceptLimits } from "./accept-budget.js"
import { IncomingConnection } from "./incoming-connection.js"
import type { AcceptedDocument, PrivateDocument, Refusal } from "./incoming-handshake.js"
import { TlsAcceptor } from "./tls-acceptor.js"

/** The address to listen on and the documents to accept callers for. */
export interface PeerListenerOptions<
  Open extends AcceptedDocument = AcceptedDocument,
  Private extends PrivateDocument = PrivateDocument,
> {
  /** An address of this machine; "0.0.0.0" is all of IPv4, "::" IPv6 and IPv4. */
  readonly host: string
  /** 0 takes any free one. */
  readonly port: number
  /** Ours; Uint8Array, 20 bytes. */
  readonly peerId: Uint8Array
  readonly pulse: Pulse
  readonly limits?: Partial<AcceptLimits>
  /** True for addresses (normal form) that are not even listened to. */
  isBanned?(host: string): boolean
  /** The open document of that info hash, or undefined to turn the caller away: unknown, private, paused, or full. */
  lookup(infoHash: Uint8Array, remote: PeerAddress): Open | undefined
  /** The private document of that PSK identity, likewise. Without it there are none. */
  lookupPrivate?(identity: string, remote: PeerAddress): Private | undefined
  /** A peer is in, for the document that was looked up: `start` or `close` the connection. */
  onConnection(connection: PeerConnection, found: Open | Private): void
  /** A caller was refused; worth a line at debug level. */
  onRefused?(remote: PeerAddress, refusal: Refusal): void
  /** Accepting failed for lack of descriptors or the like, or a lookup for TLS threw; the listener continues. */
  onProblem?(error: Error): void
}

/** The one listening port of a client, for all its documents. */
export interface PeerListener {
  /** The real address, after port 0 was resolved. */
  readonly host: string
  readonly port: number
  /** Frees the port and closes connections in their handshake; accepted connections stay open. May be called twice. */
  close(): void
}

/**
 * Begins to listen.
 * @throws ConfigError "port_in_use", "port_forbidden", "bad_listen_host", "listen_failed"
 */
export function createPeerListener<Open extends AcceptedDocument, Private extends PrivateDocument>(
  options: PeerListenerOptions<Open, Private>,
): Promise<PeerListener> {
  const server = createServer({
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
  })
  return new Promise((resolve, reject) => {
    const onError = (error: Error) => reject(listenError(error, options))
    server.once("error", onError)
    server.listen({ host: options.host, port: options.port }, () => {
      server.off("error", onError)
      server.on("error", (error) => options.onProblem?.(error))
      resolve(new IncomingConnections(server, options))
    })
  })
}

class IncomingConnections<Open extends AcceptedDocument, Private extends PrivateDocument> implements PeerListener {
  readonly host: string
  readonly port: number
  readonly #server: Server
  readonly #options: PeerListenerOptions<Open, Private>
  readonly #budget: AcceptBudget
  readonly #tlsAcceptor: TlsAcceptor<Private>
  /** Connections in their handshake, the oldest first, with their network. */
  readonly #pending = new Map<IncomingConnection<Open, Private>, string>()
  #unwatch: (() => void) | undefined

  constructor(server: Server, options: PeerListenerOptions<Open, Private>) {
    const bound = server.address()
    this.host = typeof bound === "object" && bound !== null ? bound.address : options.host
    this.port = typeof bound === "object" && bound !== null ? bound.port : options.port
    this.#server = server
    this.#options = options
    this.#budget = new AcceptBudget({ ...defaultAcceptLimits, ...options.limits })
    this.#tlsAcceptor = new TlsAcceptor((error) => options.onProblem?.(error))
    server.on("connection", (socket) => this.#onSocket(socket))
  }

  close(): void {
    this.#unwatch?.()
    this.#server.close()
    for (const caller of this.#pending.keys()) caller.refuse("listener_closed")
  }

  #onSocket(socket: Socket): void {
    const remote = toAddress(socket.remoteAddress, socket.remotePort)
    if (remote === undefined) {
      socket.destroy() // Gone before it was accepted.
      return
    }
    const refusal = this.#refusalOf(remote)
    if (refusal === undefined) return this.#listenTo(socket, remote)
    socket.on("error", () => {}) // It is being closed; nothing more can be lost.
    socket.destroy()
    this.#options.onRefused?.(remote, refusal)
  }

  #refusalOf(remote: PeerAddress): Refusal | undefined {
    if (this.#options.isBanned?.(remote.host)) return "banned"
    this.#unwatch ??= this.#options.pulse.watch((nowMs) => this.#forgetCallers(nowMs))
    const network = networkOf(formatAddress(remote))
    const nowMs = this.#options.pulse.now()
    if (this.#budget.isFull && this.#budget.isWelcome(network, nowMs)) this.#makeRoomFor(network)
    return this.#budget.admit(network, nowMs) ? undefined : "too_many"
  }

  /** The oldest caller of the network with the most goes, unless the newcomer's has as many: a few hosts can't hold every place. */
  #makeRoomFor(network: string): void {
    const counts = new Map<string, number>()
    for (const each of this.#pending.values()) counts.set(each, (counts.get(each) ?? 0) + 1)
    const most = Math.max(...counts.values())
    if (most <= (counts.get(network) ?? 0)) return
    for (const [caller, each] of this.#pending) if (counts.get(each) === most) return caller.refuse("too_many")
  }

  /** The timer stops after a while without callers. */
  #forgetCallers(nowMs: number): void {
    this.#budget.forget(nowMs)
    if (this.#budget.hostCount > 0) return
    this.#unwatch?.()
    this.#unwatch = undefined
  }

  #listenTo(socket: Socket, remote: PeerAddress): void {
    const { peerId, pulse } = this.#options
    const network = networkOf(formatAddress(remote))
    const settle = () => {
      this.#pending.delete(caller)
      this.#budget.release(network)
    }
    const caller: IncomingConnection<Open, Private> = new IncomingConnection<Open, Private>({
      ...{ socket, remote, peerId, pulse, tlsAcceptor: this.#tlsAcceptor },
      lookup: (infoHash) => this.#options.lookup(infoHash, remote),
      lookupPrivate: (identity) => this.#options.lookupPrivate?.(identity, remote),
      onAccepted: (connection, found) => {
        settle()
        this.#options.onConnection(connection, found)
      },
      onRefused: (refusal) => {
        settle()
        this.#options.onRefused?.(remote, refusal)
      },
    })
    this.#pending.set(caller, network)
  }
}

function listenError(error: Error, { host, port }: { readonly host: string; readonly port: number }): ConfigError {
  const options = { cause: error }
  switch (errnoOf(error)) {
    case "EADDRINUSE":
      return new ConfigError(
        "port_in_use",
        `port ${port} on ${host} is taken by another program; choose another`,
        options,
      )
    case "EACCES":
      return new ConfigError("port_forbidden", `port ${port} needs root; take one above 1023`, options)
    case "EADDRNOTAVAIL":
    case "EAFNOSUPPORT":
    case "EINVAL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new ConfigError(
        "bad_listen_host",
        `${host} is no address of this machine; 0.0.0.0 means all of them`,
        options,
      )
    default:
      return new ConfigError("listen_failed", `can't listen on ${host} port ${port}: ${reasonOf(error)}`, options)
  }
}
