import { createServer, type Server, type Socket } from "node:net"
import { ConfigError, errnoOf } from "../errors.js"
import { AcceptBudget, type AcceptLimits, defaultAcceptLimits } from "./accept-budget.js"
import { type PeerAddress, toAddress } from "./address.js"
import { PeerConnection } from "./connection.js"
import { TCP_KEEP_ALIVE_MS } from "./constants.js"
import { type AcceptedDocument, IncomingHandshake, type Refusal } from "./incoming-handshake.js"
import type { Pulse } from "./pulse.js"

/** Where to listen and whom to let in. */
export interface PeerListenerOptions {
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
  /** The document of that info hash, or undefined to turn the caller away: unknown, paused, or full. */
  lookup(infoHash: Uint8Array, remote: PeerAddress): AcceptedDocument | undefined
  /** A peer is in: `start` or `close` the connection. */
  onConnection(connection: PeerConnection): void
  /** Somebody was turned away; worth a line at debug level. */
  onRefused?(remote: PeerAddress, refusal: Refusal): void
  /** Accepting failed for want of descriptors and the like; the listener goes on. */
  onProblem?(error: Error): void
}

/** The one listening port of a client, for all its documents. */
export interface PeerListener {
  /** The real address, after port 0 was resolved. */
  readonly host: string
  readonly port: number
  /** Frees the port and turns away whoever has not finished its handshake; connections that were handed out stay. May be called twice. */
  close(): void
}

/**
 * Begins to listen.
 * @throws ConfigError "port_in_use", "port_forbidden", "bad_listen_host", "listen_failed"
 */
export function createPeerListener(options: PeerListenerOptions): Promise<PeerListener> {
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
      resolve(new Doorkeeper(server, options))
    })
  })
}

class Doorkeeper implements PeerListener {
  readonly host: string
  readonly port: number
  readonly #server: Server
  readonly #options: PeerListenerOptions
  readonly #budget: AcceptBudget
  readonly #pending = new Set<IncomingHandshake>()
  readonly #unwatch: () => void

  constructor(server: Server, options: PeerListenerOptions) {
    const bound = server.address()
    this.host = typeof bound === "object" && bound !== null ? bound.address : options.host
    this.port = typeof bound === "object" && bound !== null ? bound.port : options.port
    this.#server = server
    this.#options = options
    this.#budget = new AcceptBudget({ ...defaultAcceptLimits, ...options.limits })
    this.#unwatch = options.pulse.watch((nowMs) => this.#budget.forget(nowMs))
    server.on("connection", (socket) => this.#onSocket(socket))
  }

  close(): void {
    this.#unwatch()
    this.#server.close()
    for (const handshake of this.#pending) handshake.refuse("listener_closed")
  }

  #onSocket(socket: Socket): void {
    const remote = toAddress(socket.remoteAddress, socket.remotePort)
    if (remote === undefined) {
      socket.destroy() // Gone before it was accepted.
      return
    }
    const refusal = this.#refusalOf(remote)
    if (refusal === undefined) return this.#beginHandshake(socket, remote)
    socket.on("error", () => {}) // It is being closed; nothing more can be lost.
    socket.destroy()
    this.#options.onRefused?.(remote, refusal)
  }

  #refusalOf(remote: PeerAddress): Refusal | undefined {
    if (this.#options.isBanned?.(remote.host)) return "banned"
    return this.#budget.admit(remote.host, this.#options.pulse.now()) ? undefined : "too_many"
  }

  #beginHandshake(socket: Socket, remote: PeerAddress): void {
    const { peerId, pulse } = this.#options
    const handshake: IncomingHandshake = new IncomingHandshake({
      socket,
      remote,
      encrypted: false,
      peerId,
      pulse,
      lookup: (infoHash) => this.#options.lookup(infoHash, remote),
      onSettled: (outcome) => {
        this.#pending.delete(handshake)
        this.#budget.release(remote.host)
        if (outcome instanceof PeerConnection) this.#options.onConnection(outcome)
        else this.#options.onRefused?.(remote, outcome)
      },
    })
    this.#pending.add(handshake)
  }
}

function listenError(error: Error, { host, port }: PeerListenerOptions): ConfigError {
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
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new ConfigError(
        "bad_listen_host",
        `${host} is no address of this machine; 0.0.0.0 means all of them`,
        options,
      )
    default:
      return new ConfigError("listen_failed", `can't listen on ${host} port ${port}: ${error.message}`, options)
  }
}
