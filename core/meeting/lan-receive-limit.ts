import { Allowance } from "./allowance.js"

/** Datagrams that are read of one host, and of all: at once, and then a second. Our choice: a client of a thousand documents begins with some. */
const HOST_BURST = 64
const HOST_PER_SECOND = 4
const ALL_BURST = 512
const ALL_PER_SECOND = 64

/** Hosts that are counted; the oldest is forgotten. */
const MAX_HOSTS = 512

/** Bounds what datagrams may cost. Pure: time is an argument. */
export class ReceiveLimit {
  readonly #all: Allowance
  readonly #hosts = new Map<string, Allowance>()

  constructor(nowMs: number) {
    this.#all = new Allowance(ALL_BURST, ALL_PER_SECOND, nowMs)
  }

  get hostCount(): number {
    return this.#hosts.size
  }

  /** True when a datagram of this host is to be read; then it is counted. */
  admits(host: string, nowMs: number): boolean {
    const known = this.#hosts.get(host) ?? new Allowance(HOST_BURST, HOST_PER_SECOND, nowMs)
    this.#hosts.delete(host)
    this.#hosts.set(host, known)
    const [oldest] = this.#hosts.keys()
    if (this.#hosts.size > MAX_HOSTS && oldest !== undefined) this.#hosts.delete(oldest)
    // A host that floods takes no other's share.
    return known.take(1, nowMs) === 1 && this.#all.take(1, nowMs) === 1
  }
}
