import { once } from "node:events"
import { connect, createServer, type Server, type Socket } from "node:net"
import {
  type ConnectionOptions,
  createServer as createTlsServer,
  type TLSSocket,
  connect as tlsConnect,
} from "node:tls"
import type { PreSharedKey } from "../torrent/pre-shared-key.js"
import { type DialOptions, dial } from "../wire/calls/dial.js"
import { DialError } from "../wire/calls/dial-error.js"
import type { Refusal } from "../wire/calls/incoming-handshake.js"
import { createPeerListener, type PeerListener, type PeerListenerOptions } from "../wire/calls/listener.js"
import { encodeHandshake } from "../wire/codec/handshake.js"
import type { PeerMessage } from "../wire/codec/messages.js"
import { createIdentity, IdentityFinder } from "../wire/codec/psk-identity.js"
import type { CloseReason } from "../wire/connection/close-reason.js"
import type { PeerConnection } from "../wire/connection/connection.js"
import { Pulse } from "../wire/connection/pulse.js"
import { TLS_OPTIONS } from "../wire/connection/tls-options.js"
import { FakeClock } from "./fake-clock.js"

export const INFO_HASH: Uint8Array = new Uint8Array(20).fill(0x11)
export const LISTENER_ID: Uint8Array = Uint8Array.from(Buffer.from("-PT0100-listener1234"))
export const DIALLER_ID: Uint8Array = Uint8Array.from(Buffer.from("-PT0100-dialler12345"))
export const PART_COUNT = 100
export const PRE_SHARED_KEY: PreSharedKey = {
  key: new Uint8Array(32).fill(0x22),
  identityKey: new Uint8Array(16).fill(0x23),
}

/** The hello of a test's own TLS client: a new identity, and the key. */
export function pskOf({ key, identityKey }: PreSharedKey = PRE_SHARED_KEY): { identity: string; psk: Uint8Array } {
  return { identity: createIdentity(identityKey), psk: key }
}

/** One end of a connection and all that it received; `until` waits for a condition of the test. */
export class Hearer {
  readonly connection: PeerConnection
  readonly messages: PeerMessage[] = []
  readonly blocks: Uint8Array[] = []
  progressBytes = 0
  closeReason: CloseReason | undefined
  /** What becomes of a block; by default it is taken. */
  place = (length: number): Uint8Array | undefined => new Uint8Array(new SharedArrayBuffer(length))
  onMessage: (message: PeerMessage) => void = () => {}
  #waiting: { readonly holds: () => boolean; readonly resolve: () => void }[] = []

  constructor(connection: PeerConnection) {
    this.connection = connection
  }

  start(): this {
    this.connection.start({
      onMessage: (message) => {
        this.messages.push(message)
        this.#heard(() => this.onMessage(message))
      },
      placeBlock: (_index, _begin, length) => {
        const place = this.place(length)
        if (place !== undefined) this.blocks.push(place)
        return place
      },
      onBlockProgress: (byteCount) => this.#heard(() => (this.progressBytes += byteCount)),
      onClose: (reason) => this.#heard(() => (this.closeReason = reason)),
    })
    return this
  }

  /** Resolves as soon as `holds` does; checked after every received message. */
  until(holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push({ holds, resolve }))
  }

  async closing(): Promise<CloseReason | undefined> {
    await this.until(() => this.closeReason !== undefined)
    return this.closeReason
  }

  #heard(note: () => void): void {
    note()
    const waiting = this.#waiting
    this.#waiting = waiting.filter(({ holds }) => !holds())
    for (const { resolve } of waiting.filter((wait) => !this.#waiting.includes(wait))) resolve()
  }
}

/** How the rig's one document is spoken of. */
export type RigKind = "plain" | "private"

/**
 * Real sockets on 127.0.0.1 with time that stands still. Everything it opened is closed by `close`. Of a private document, all that
 * it listens on, dials, serves or opens raw is inside TLS with PRE_SHARED_KEY.
 */
export class PeerRig {
  readonly kind: RigKind
  readonly clock = new FakeClock()
  readonly pulse = new Pulse(this.clock)
  readonly refusals: Refusal[] = []
  #listeners: PeerListener[] = []
  #servers: Server[] = []
  #sockets: Socket[] = []
  /** The TCP sockets inside of `raw` ones that speak TLS. */
  #inside = new Map<Socket, Socket>()
  #connections: PeerConnection[] = []
  #arrived: PeerConnection[] = []
  #expectant: ((connection: PeerConnection) => void)[] = []
  #refusalWaiters: (() => void)[] = []

  constructor(kind: RigKind = "plain") {
    this.kind = kind
  }

  async listen(options: Partial<PeerListenerOptions> = {}): Promise<PeerListener> {
    const ours = { ...PRE_SHARED_KEY, infoHash: INFO_HASH, partCount: PART_COUNT }
    const finder = new IdentityFinder()
    const listener = await createPeerListener({
      host: "127.0.0.1",
      port: 0,
      peerId: LISTENER_ID,
      pulse: this.pulse,
      lookup: (infoHash) =>
        this.kind === "plain" && Buffer.compare(infoHash, INFO_HASH) === 0 ? { partCount: PART_COUNT } : undefined,
      lookupPrivate: (identity) => (this.kind === "private" ? finder.find(identity, [ours]) : undefined),
      onConnection: (connection) => this.#onConnection(connection),
      onRefused: (_remote, refusal) => {
        this.refusals.push(refusal)
        for (const resolve of this.#refusalWaiters.splice(0)) resolve()
      },
      ...options,
    })
    this.#listeners.push(listener)
    return listener
  }

  /** A server that handles its callers as the test sets it. */
  serve(onSocket: (socket: Socket) => void): Promise<number> {
    if (this.kind === "plain") return this.servePlain(onSocket)
    const options = { ...TLS_OPTIONS, pskCallback: () => PRE_SHARED_KEY.key }
    return this.#listen(createTlsServer(options, (socket) => this.#keep(socket, onSocket)))
  }

  /** The same, without TLS whatever the document is. */
  servePlain(onSocket: (socket: Socket) => void): Promise<number> {
    return this.#listen(createServer((socket) => this.#keep(socket, onSocket)))
  }

  async dial(port: number, options: Partial<DialOptions> = {}): Promise<PeerConnection> {
    const connection = await dial({
      address: { host: "127.0.0.1", port },
      infoHash: INFO_HASH,
      peerId: DIALLER_ID,
      partCount: PART_COUNT,
      preSharedKey: this.kind === "private" ? PRE_SHARED_KEY : undefined,
      pulse: this.pulse,
      ...options,
    })
    this.#connections.push(connection)
    return connection
  }

  /** A bare socket to `port`, for messages that no honest peer sends; inside TLS for a private document. */
  async raw(port: number): Promise<Socket> {
    const plain = await this.plainSocket(port)
    if (this.kind === "plain") return plain
    const socket = tlsConnect({ ...TLS_OPTIONS, socket: plain, pskCallback: () => pskOf() })
    this.#sockets.push(socket)
    this.#inside.set(socket, plain)
    socket.on("error", () => {})
    await once(socket, "secureConnect")
    return socket
  }

  /** A bare TCP socket to `port`, from another address of this machine if that is wanted. */
  async plainSocket(port: number, localAddress = "127.0.0.1"): Promise<Socket> {
    const socket = connect({ port, host: "127.0.0.1", localAddress })
    this.#sockets.push(socket)
    socket.on("error", () => {})
    await once(socket, "connect")
    return socket
  }

  /** A test's own TLS client; resolves when TLS is established. */
  async tlsTo(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
    const socket = await this.plainSocket(port)
    const secure = tlsConnect({ ...TLS_OPTIONS, socket, pskCallback: () => pskOf(), ...options })
    await once(secure, "secureConnect")
    return secure
  }

  /** Resets a `raw` socket (RST). */
  reset(socket: Socket): void {
    const plain = this.#inside.get(socket) ?? socket
    plain.resetAndDestroy()
  }

  /** A bare socket that has shaken hands with the listener on `port`, and the listener's end of it. */
  async rawPeer(port: number, peerId = DIALLER_ID): Promise<{ readonly socket: Socket; readonly hearer: Hearer }> {
    const socket = await this.raw(port)
    socket.write(encodeHandshake({ infoHash: INFO_HASH, peerId, supportsFast: true, supportsExtensions: true }))
    const hearer = new Hearer(await this.accepted())
    socket.resume()
    return { socket, hearer: hearer.start() }
  }

  /** The next connection that a listener lets in. */
  accepted(): Promise<PeerConnection> {
    const arrived = this.#arrived.shift()
    if (arrived !== undefined) return Promise.resolve(arrived)
    return new Promise((resolve) => this.#expectant.push(resolve))
  }

  /** Settles when the listener has turned `count` callers away. */
  async refused(count = 1): Promise<void> {
    while (this.refusals.length < count) await new Promise<void>((resolve) => this.#refusalWaiters.push(resolve))
  }

  /** Two ends of one connection, both started. */
  async pair(): Promise<{ readonly dialled: Hearer; readonly accepted: Hearer }> {
    const { port } = await this.listen()
    const [dialled, accepted] = await Promise.all([this.dial(port), this.accepted()])
    return { dialled: new Hearer(dialled).start(), accepted: new Hearer(accepted).start() }
  }

  /** Advances the clock by `ms` and ticks every swarm. */
  pass(ms: number): void {
    this.clock.advance(ms)
    this.pulse.tick()
  }

  close(): void {
    for (const listener of this.#listeners) listener.close()
    for (const connection of this.#connections) connection.close("test_over", "the test is over")
    for (const socket of this.#sockets) socket.destroy()
    for (const server of this.#servers) server.close()
  }

  async #listen(server: Server): Promise<number> {
    this.#servers.push(server)
    await once(server.listen(0, "127.0.0.1"), "listening")
    const bound = server.address()
    return typeof bound === "object" && bound !== null ? bound.port : 0
  }

  #keep(socket: Socket, onSocket: (socket: Socket) => void): void {
    this.#sockets.push(socket)
    socket.on("error", () => {})
    onSocket(socket)
  }

  #onConnection(connection: PeerConnection): void {
    this.#connections.push(connection)
    const expectant = this.#expectant.shift()
    if (expectant === undefined) this.#arrived.push(connection)
    else expectant(connection)
  }
}

/** The code of the DialError with which a dial fails. */
export async function failureOf(dialling: Promise<unknown>): Promise<string> {
  try {
    await dialling
  } catch (error) {
    if (error instanceof DialError) return error.code
    throw error
  }
  throw new Error("a connection came about")
}
