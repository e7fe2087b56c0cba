import { execFileSync, spawnSync } from "node:child_process"
import { afterAll, beforeAll } from "vitest"

/** One machine of a test network. */
export interface TestHost {
  readonly name: string
  /** Its IPv4 address, reachable by every other host of the network. */
  readonly address: string
  /** Its IPv6 address there. */
  readonly address6: string
  /** The same command, to be run on this host. Its pid is the program's own: `ip netns exec` becomes what it runs. */
  command(command: readonly string[]): readonly string[]
}

/** Whether this machine lets us make networks: needs iproute2, root and the right to make namespaces. */
export function canMakeNetworks(): boolean {
  const probe = `p2p-tui-probe-${process.pid}`
  if (spawnSync("ip", ["netns", "add", probe]).status !== 0) return false
  ip("netns", "delete", probe)
  return true
}

/**
 * Machines that exist only for a test: network namespaces on a common switch (a bridge in a namespace of its own), each with
 * an address outside 127/8, which some BitTorrent clients refuse to talk to. Nothing of the real network is touched.
 */
export class TestNetwork {
  readonly #switch: string
  readonly #hosts: TestHost[] = []
  /** Of further cards: the first of each host is eth0. */
  #cards = 1

  constructor(id: string) {
    this.#switch = `p2p-tui-${process.pid}-${id}`
    ip("netns", "add", this.#switch)
    ip("-n", this.#switch, "link", "add", "hub", "type", "bridge")
    ip("-n", this.#switch, "link", "set", "hub", "up")
  }

  addHost(): TestHost {
    const number = this.#hosts.length + 1
    const host = this.#named(`${this.#switch}-${number}`, `10.77.0.${number}`, `fd77::${number}`)
    this.#hosts.push(host)
    const { name, address, address6 } = host
    const port = `port${number}`
    ip("netns", "add", name)
    ip("-n", this.#switch, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", name)
    ip("-n", this.#switch, "link", "set", port, "master", "hub", "up")
    ip("-n", name, "address", "add", `${address}/24`, "dev", "eth0")
    // Without the wait for another host of the same address.
    ip("-n", name, "address", "add", `${address6}/64`, "dev", "eth0", "nodad")
    ip("-n", name, "link", "set", "lo", "up")
    ip("-n", name, "link", "set", "eth0", "up")
    // Where programs send what is for a group when they name no interface.
    ip("-n", name, "route", "add", "239.0.0.0/8", "dev", "eth0")
    return host
  }

  /** The host of that number, from 0 on. */
  host(number: number): TestHost {
    const host = this.#hosts[number]
    if (host === undefined) throw new RangeError(`there is no host ${number}`)
    return host
  }

  /** Gives a host another network card, on the same switch, with an IPv4 address of another network; returns how to take it out. */
  addCard({ name }: TestHost, address: string): () => void {
    const number = this.#cards++
    const [port, card] = [`card${number}`, `eth${number}`]
    ip("-n", this.#switch, "link", "add", port, "type", "veth", "peer", "name", card, "netns", name)
    ip("-n", this.#switch, "link", "set", port, "master", "hub", "up")
    ip("-n", name, "address", "add", `${address}/24`, "dev", card)
    ip("-n", name, "link", "set", card, "up")
    return () => ip("-n", this.#switch, "link", "delete", port)
  }

  /** Limits what a host sends and what it is sent, bytes per second on the wire, as a line of that speed with a short queue does. */
  limit({ name }: TestHost, rates: { readonly upBytesPerSecond: number; readonly downBytesPerSecond: number }): void {
    const number = this.#hosts.findIndex((host) => host.name === name) + 1
    const line = (bytesPerSecond: number) => ["rate", `${8 * bytesPerSecond}bit`, "burst", "16kb", "latency", "100ms"]
    const qdisc = ["qdisc", "replace", "dev"]
    tc("-n", name, ...qdisc, "eth0", "root", "tbf", ...line(rates.upBytesPerSecond))
    tc("-n", this.#switch, ...qdisc, `port${number}`, "root", "tbf", ...line(rates.downBytesPerSecond))
  }

  /** Takes a host off the network, or puts it on again. */
  setConnected({ name }: TestHost, connected: boolean): void {
    ip("-n", name, "link", "set", "eth0", connected ? "up" : "down")
  }

  /** To be called when every program on its hosts has ended. */
  close(): void {
    for (const { name } of this.#hosts) ip("netns", "delete", name)
    ip("netns", "delete", this.#switch)
  }

  #named(name: string, address: string, address6: string): TestHost {
    return { name, address, address6, command: (command) => ["ip", "netns", "exec", name, ...command] }
  }
}

/** A network of three hosts for the tests of a file, from its first test on; none where `canMakeNetworks` says no. */
export function inNetworkOfThree(id: string, take: (network: TestNetwork) => void): boolean {
  const isPossible = canMakeNetworks()
  let network: TestNetwork | undefined
  beforeAll(() => {
    if (!isPossible) return
    network = new TestNetwork(id)
    for (let count = 0; count < 3; count++) network.addHost()
    take(network)
  })
  afterAll(() => network?.close())
  return isPossible
}

function tc(...args: readonly string[]): void {
  execFileSync("tc", args, { stdio: ["ignore", "ignore", "inherit"] })
}

function ip(...args: readonly string[]): void {
  execFileSync("ip", args, { stdio: ["ignore", "ignore", "inherit"] })
}
