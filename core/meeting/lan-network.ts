import { createSocket, type Socket } from "node:dgram"
import { systemInterfaces } from "../address/this-machine.js"
import { errnoOf } from "../base/errors.js"
import { type LanInterface, lanInterfaces } from "./lan-interfaces.js"
import { LAN_GROUP4, LAN_GROUP6, LAN_PORT } from "./lan-message.js"

/** What a client hears of the network. */
export interface LanListener {
  /** `host`: as the system gives it. */
  onDatagram(bytes: Uint8Array, host: string): void
  /** Something does not work, as of an interface that has gone; `message` for the log. */
  onProblem(message: string): void
}

/** The interfaces of this machine, and datagrams to the group on each. Tests replace it. */
export interface LanNetwork {
  interfaces(listeningHost: string): readonly LanInterface[]
  open(listener: LanListener): LanPorts
}

export interface LanPorts {
  /** From now on what is sent on this interface is heard. */
  enter(of: LanInterface): void
  leave(of: LanInterface): void
  /** Sends to the group on one interface. What can't be sent is a problem of that interface. */
  send(bytes: Uint8Array, on: LanInterface): void
  /** May be called twice. */
  close(): void
}

/** The network as this machine has it. */
export const systemLan: LanNetwork = {
  interfaces: (listeningHost) => lanInterfaces(systemInterfaces(), listeningHost),
  open: (listener) => new DgramPorts(listener),
}

/** Datagrams stay on their link (BEP 14's groups reach farther where routers carry them). Our choice, as transmission's. */
const HOPS = 1

const groupOf = (family: 4 | 6) => (family === 4 ? LAN_GROUP4 : LAN_GROUP6)
const typeOf = (family: 4 | 6) => (family === 4 ? "udp4" : "udp6")

/**
 * One socket of each family hears on all interfaces: with several, the system would give each datagram to all. One per interface sends, from
 * that interface's address.
 */
class DgramPorts implements LanPorts {
  readonly #listener: LanListener
  readonly #hearing = new Map<4 | 6, Socket>()
  readonly #sending = new Map<string, Socket>()
  #closed = false

  constructor(listener: LanListener) {
    this.#listener = listener
  }

  enter(of: LanInterface): void {
    if (this.#closed) return
    const { family } = of
    const hearing = this.#hearing.get(family) ?? this.#hear(family)
    // The membership names an interface: of IPv4 by its address, of IPv6 by its zone.
    const zone = family === 4 ? of.address : `::%${of.name}`
    whenBound(hearing, () => this.#attempt(of, () => hearing.addMembership(groupOf(family), zone)))
    const sending = createSocket({ type: typeOf(family) })
    this.#sending.set(of.address, sending)
    sending.on("error", (error) => this.#problem(of, error))
    sending.bind({ address: of.address, port: 0 }, () =>
      this.#attempt(of, () => {
        sending.setMulticastInterface(zone)
        sending.setMulticastTTL(HOPS)
      }),
    )
  }

  leave(of: LanInterface): void {
    const sending = this.#sending.get(of.address)
    this.#sending.delete(of.address)
    if (sending !== undefined) closeSocket(sending)
    const hearing = this.#hearing.get(of.family)
    if (hearing === undefined) return
    const zone = of.family === 4 ? of.address : `::%${of.name}`
    try {
      hearing.dropMembership(groupOf(of.family), zone)
    } catch {
      // The interface has gone, and its membership with it.
    }
  }

  send(bytes: Uint8Array, on: LanInterface): void {
    const sending = this.#sending.get(on.address)
    if (sending === undefined) return
    this.#attempt(on, () =>
      sending.send(bytes, LAN_PORT, groupOf(on.family), (error) => {
        if (error !== null) this.#problem(on, error)
      }),
    )
  }

  close(): void {
    this.#closed = true
    for (const socket of [...this.#sending.values(), ...this.#hearing.values()]) closeSocket(socket)
    this.#sending.clear()
    this.#hearing.clear()
  }

  #hear(family: 4 | 6): Socket {
    // Every client of the machine hears on the same port.
    const socket = createSocket({ type: typeOf(family), reuseAddr: true, ...(family === 6 && { ipv6Only: true }) })
    this.#hearing.set(family, socket)
    socket.on("message", (bytes, { address }) => {
      if (!this.#closed) this.#listener.onDatagram(bytes, address)
    })
    socket.on("error", (error) => {
      // Opened again when the interfaces are looked at next.
      if (this.#hearing.get(family) === socket) this.#hearing.delete(family)
      closeSocket(socket)
      this.#say(`port ${LAN_PORT} can't be listened on: ${reasonOf(error)}`)
    })
    socket.bind({ port: LAN_PORT, exclusive: false })
    return socket
  }

  #attempt(of: LanInterface, act: () => void): void {
    if (this.#closed) return
    try {
      act()
    } catch (error) {
      this.#problem(of, error)
    }
  }

  #problem({ name, address }: LanInterface, error: unknown): void {
    if (errnoOf(error) === undefined) throw error
    this.#say(`${name} (${address}): ${reasonOf(error)}`)
  }

  #say(message: string): void {
    if (!this.#closed) this.#listener.onProblem(message)
  }
}

function whenBound(socket: Socket, act: () => void): void {
  try {
    socket.address()
  } catch {
    socket.once("listening", act)
    return
  }
  act()
}

function closeSocket(socket: Socket): void {
  socket.removeAllListeners("message")
  try {
    socket.close()
  } catch {
    // It failed to open, or is closed already.
  }
}

function reasonOf(error: unknown): string {
  return errnoOf(error) ?? String(error)
}
