import type { LanInterface } from "../meeting/lan-interfaces.js"
import type { LanListener, LanNetwork, LanPorts } from "../meeting/lan-network.js"

/** A switch in memory: each datagram reaches every host on it at once, its sender too. */
export class SimulatedLan {
  /** All that was sent, as text, with its sender's address. */
  readonly sent: { readonly from: string; readonly text: string }[] = []
  readonly #hosts = new Set<SimulatedLanHost>()

  addHost(...addresses: readonly string[]): SimulatedLanHost {
    const host = new SimulatedLanHost(this, addresses)
    this.#hosts.add(host)
    return host
  }

  /** A datagram of anybody on the switch. */
  deliver(bytes: Uint8Array, from: string): void {
    this.sent.push({ from, text: Buffer.from(bytes).toString("latin1") })
    for (const host of this.#hosts) host.hear(bytes, from)
  }
}

export class SimulatedLanHost implements LanNetwork {
  /** Of its interfaces; may be changed. */
  addresses: readonly string[]
  /** Reports a failure of the system on every open port. */
  failing: string | undefined
  readonly #lan: SimulatedLan
  readonly #listeners = new Set<LanListener>()

  constructor(lan: SimulatedLan, addresses: readonly string[]) {
    this.#lan = lan
    this.addresses = addresses
  }

  get openPorts(): number {
    return this.#listeners.size
  }

  interfaces(): readonly LanInterface[] {
    return this.addresses.map((address, index) => ({ name: `eth${index}`, family: 4, address, prefixBits: 24 }))
  }

  open(listener: LanListener): LanPorts {
    const entered = new Set<string>()
    this.#listeners.add(listener)
    return {
      enter: ({ address }) => {
        entered.add(address)
        if (this.failing !== undefined) listener.onProblem(this.failing)
      },
      leave: ({ address }) => entered.delete(address),
      send: (bytes, { address }) => {
        if (entered.has(address) && this.addresses.includes(address)) this.#lan.deliver(bytes, address)
      },
      close: () => this.#listeners.delete(listener),
    }
  }

  hear(bytes: Uint8Array, from: string): void {
    for (const listener of this.#listeners) listener.onDatagram(bytes, from)
  }
}
