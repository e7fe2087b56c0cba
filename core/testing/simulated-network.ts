import { formatAddress, type PeerAddress } from "../address/address.js"
import type { Clock, Random } from "../base/clock.js"
import type { DialOptions } from "../wire/calls/dial.js"
import { DialError, hungUp } from "../wire/calls/dial-error.js"
import type { AcceptedDocument, PrivateDocument } from "../wire/calls/incoming-handshake.js"
import type { PeerListener, PeerListenerOptions } from "../wire/calls/listener.js"
import type { Transport } from "../wire/calls/transport.js"
import { HandshakeDecoder } from "../wire/codec/handshake.js"
import { createIdentity } from "../wire/codec/psk-identity.js"
import { PeerConnection, type PeerConnectionOptions } from "../wire/connection/connection.js"
import type { Pulse } from "../wire/connection/pulse.js"
import { SocketReader } from "../wire/connection/socket-reader.js"
import { SimulatedLink } from "./simulated-link.js"
import { SimulatedSocket } from "./simulated-socket.js"

/** Bytes per second each way, shared by the connections of a machine. */
export interface LinkRates {
  readonly upBytesPerSecond: number
  readonly downBytesPerSecond: number
}

const UNLIMITED: LinkRates = {
  upBytesPerSecond: Number.POSITIVE_INFINITY,
  downBytesPerSecond: Number.POSITIVE_INFINITY,
}

/** Latencies differ, otherwise all events would coincide: from half the latency to one and a half, in this many steps. */
const LATENCY_STEPS = 8

/** Listeners that take any free port get these; callers come from the others. */
const FIRST_FREE_PORT = 20_000
const FIRST_CALLER_PORT = 40_000
const CALLER_PORTS = 20_000

/** A machine that listens. */
interface Door {
  readonly link: SimulatedLink
  readonly peerId: Uint8Array
  readonly pulse: Pulse
  /** The document that a caller is admitted to, or undefined to refuse it. */
  admit(caller: DialOptions, remote: PeerAddress): Admission | undefined
}

interface Admission {
  readonly partCount: number | undefined
  take(connection: PeerConnection): void
}

/** Machines that reach each other through memory, in the time of a clock. No socket is opened. */
export class SimulatedNetwork {
  readonly clock: Clock
  readonly random: Random
  readonly latencyMs: number
  readonly doors = new Map<string, Door>()

  constructor(clock: Clock, random: Random, latencyMs = 20) {
    this.clock = clock
    this.random = random
    this.latencyMs = latencyMs
  }

  machine(host: string, rates: LinkRates = UNLIMITED): SimulatedMachine {
    return new SimulatedMachine(this, host, rates)
  }

  /** Of one connection, one way. */
  nextLatencyMs(): number {
    const step = Math.floor(this.random() * (LATENCY_STEPS + 1)) / LATENCY_STEPS
    return this.latencyMs * (0.5 + step)
  }
}

/** The transport of one machine. Handshakes take no time; a private document is admitted by its key as in TLS. */
export class SimulatedMachine implements Transport {
  readonly host: string
  readonly #network: SimulatedNetwork
  readonly #link: SimulatedLink
  #calls = 0

  constructor(network: SimulatedNetwork, host: string, rates: LinkRates) {
    this.#network = network
    this.host = host
    this.#link = new SimulatedLink(network.clock, rates.upBytesPerSecond, rates.downBytesPerSecond)
  }

  dial(options: DialOptions): Promise<PeerConnection> {
    const { clock, latencyMs } = this.#network
    return new Promise((resolve, reject) => {
      clock.after(2 * latencyMs, () => {
        try {
          resolve(this.#connect(options))
        } catch (error) {
          reject(error)
        }
      })
    })
  }

  async listen<Open extends AcceptedDocument, Private extends PrivateDocument>(
    options: PeerListenerOptions<Open, Private>,
  ): Promise<PeerListener> {
    const { doors } = this.#network
    const port = options.port === 0 ? FIRST_FREE_PORT + doors.size : options.port
    const at = formatAddress({ host: this.host, port })
    const { peerId, pulse } = options
    const admit = (caller: DialOptions, remote: PeerAddress) => {
      const found = documentOf(caller, remote, options)
      if (found === undefined) return undefined
      const { partCount } = found
      return { partCount, take: (connection: PeerConnection) => options.onConnection(connection, found) }
    }
    doors.set(at, { link: this.#link, peerId, pulse, admit })
    return { host: this.host, port, close: () => void doors.delete(at) }
  }

  #connect(caller: DialOptions): PeerConnection {
    const { infoHash, partCount, preSharedKey } = caller
    const door = this.#network.doors.get(formatAddress(caller.address))
    if (caller.signal?.aborted) throw new DialError("aborted", "was not needed any more")
    if (door === undefined) throw new DialError("refused", "refused the connection")
    const remote = { host: this.host, port: FIRST_CALLER_PORT + (this.#calls++ % CALLER_PORTS) }
    const encrypted = preSharedKey !== undefined
    const admission = door.admit(caller, remote)
    if (admission === undefined) throw hungUp(encrypted)
    if (Buffer.compare(door.peerId, caller.peerId) === 0) throw new DialError("self", "is this client itself")
    const latencyMs = this.#network.nextLatencyMs()
    const [near, far] = SimulatedSocket.pair(this.#link, door.link, latencyMs)
    const said = { infoHash, supportsFast: true, supportsExtensions: true }
    const connection = connectionOver(near, {
      ...{ encrypted, partCount, pulse: caller.pulse, direction: "outgoing", handshakeMs: 2 * latencyMs },
      remote: caller.address,
      handshake: { ...said, peerId: door.peerId },
    })
    const theirs = connectionOver(far, {
      ...{ encrypted, remote, pulse: door.pulse, direction: "incoming" },
      partCount: admission.partCount,
      handshake: { ...said, peerId: caller.peerId },
    })
    admission.take(theirs)
    return connection
  }
}

function connectionOver(
  socket: SimulatedSocket,
  options: Omit<PeerConnectionOptions, "socket" | "reader">,
): PeerConnection {
  const reader = new SocketReader(new HandshakeDecoder(() => undefined), () => undefined)
  reader.listen(socket)
  return new PeerConnection({ ...options, socket, reader })
}

/** An open document is found by its info hash alone, a private one by its key alone, as on real sockets. */
function documentOf<Open extends AcceptedDocument, Private extends PrivateDocument>(
  { infoHash, preSharedKey }: DialOptions,
  remote: PeerAddress,
  { lookup, lookupPrivate }: PeerListenerOptions<Open, Private>,
): Open | Private | undefined {
  if (preSharedKey === undefined) return lookup(infoHash, remote)
  const found = lookupPrivate?.(createIdentity(preSharedKey.identityKey), remote)
  const isSame = found !== undefined && Buffer.compare(found.key, preSharedKey.key) === 0
  return isSame && Buffer.compare(found.infoHash, infoHash) === 0 ? found : undefined
}
