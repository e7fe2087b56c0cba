import { formatAddress, type PeerAddress } from "../address/address.js"
import type { AliveRequest, AnnounceRequest, TrackerClient } from "../announce/tracker-client.js"
import type { Clock, Random } from "../base/clock.js"

interface Options {
  /** Peers that it names at a time, and how often it wants to be asked. */
  readonly peersPerAnswer: number
  readonly announceMs: number
  readonly latencyMs: number
}

/** The tracker of a simulated swarm of one document: answers with a random sample of all other peers. */
export class SimulatedTracker implements TrackerClient {
  readonly url = "http://192.0.2.1:5000"
  readonly #clock: Clock
  readonly #random: Random
  readonly #options: Options
  /** By address: the announced number of missing bytes. */
  readonly #peers = new Map<string, { readonly address: PeerAddress; readonly left: number }>()

  constructor(clock: Clock, random: Random, options: Options) {
    this.#clock = clock
    this.#random = random
    this.#options = options
  }

  register(): Promise<string> {
    throw new Error("every document of a simulation is registered")
  }

  async announce(request: AnnounceRequest) {
    await this.#pass()
    const { listeningHost: host, listeningPort: port, left = 0, event } = request
    this.#note({ host, port }, left, event)
    const own = formatAddress({ host, port })
    const others = [...this.#peers].filter(([at]) => at !== own).map(([, { address }]) => address)
    await this.#pass()
    return { peers: this.#sample(others), intervalSeconds: this.#options.announceMs / 1_000 }
  }

  readonly alive = async ({ listeningHost: host, listeningPort: port, hashes, event }: AliveRequest) => {
    await this.#pass()
    this.#note({ host, port }, 0, event)
    const isWanted = [...this.#peers.values()].some(({ left }) => left > 0)
    await this.#pass()
    return { unknown: [], wanted: isWanted ? hashes : [], intervalSeconds: this.#options.announceMs / 1_000 }
  }

  /** A machine that has disconnected without "stopped". */
  forget(address: string): void {
    this.#peers.delete(address)
  }

  #note(address: PeerAddress, left: number, event: string | undefined): void {
    if (event === "stopped") this.#peers.delete(formatAddress(address))
    else this.#peers.set(formatAddress(address), { address, left })
  }

  #sample(others: PeerAddress[]): PeerAddress[] {
    const count = Math.min(this.#options.peersPerAnswer, others.length)
    for (let at = 0; at < count; at++) {
      const other = at + Math.floor(this.#random() * (others.length - at))
      const [left, right] = [others[at], others[other]]
      if (left !== undefined && right !== undefined) [others[at], others[other]] = [right, left]
    }
    return others.slice(0, count)
  }

  #pass(): Promise<void> {
    return new Promise((resolve) => void this.#clock.after(this.#options.latencyMs, resolve))
  }
}
