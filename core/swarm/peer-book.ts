import type { SwarmConfig } from "./config.js"
import { ConnectionBudget } from "./connection-budget.js"
import { hostOf, isLoopback } from "./host-of.js"

/** How we came to know an address. */
export type PeerSource = "tracker" | "exchange" | "incoming" | "remembered"

/** An address that can be dialled, and what we learned about it, kept across its connections. */
export interface KnownPeer {
  readonly address: string
  readonly source: PeerSource
  state: "idle" | "dialing" | "connected" | "banned" | "self"
  /** We were connected: it exists, and is a peer of this document. */
  met: boolean
  /** Failed dials and short connections in a row. */
  attempts: number
  notBeforeMs: number
  /** Why it is not connected, in words. */
  why: string
  /** It had every part when we last met. */
  isSeed: boolean
  /** Parts from it alone that failed their check; it is never asked for one of these again. */
  readonly badParts: Set<number>
}

/** Every peer address a document has heard of, capped: whom to dial, whom to leave alone. Pure: time is an argument. */
export class PeerBook {
  readonly #known = new Map<string, KnownPeer>()
  readonly #config: SwarmConfig
  readonly #connections: ConnectionBudget
  /** Strikes of each host, over all addresses there. */
  readonly #hostStrikes = new Map<string, number>()
  #dialing = 0

  /** `connections` is shared with the books of other documents: it counts the addresses that are being dialled. */
  constructor(config: SwarmConfig, connections: ConnectionBudget = new ConnectionBudget()) {
    this.#config = config
    this.#connections = connections
  }

  get size(): number {
    return this.#known.size
  }

  get dialing(): number {
    return this.#dialing
  }

  all(): Iterable<KnownPeer> {
    return this.#known.values()
  }

  get(address: string): KnownPeer | undefined {
    return this.#known.get(address)
  }

  /** Notes an address; a full book forgets an idle one that failed before it refuses. Returns undefined when there is no room. */
  note(address: string, source: PeerSource): KnownPeer | undefined {
    const present = this.#known.get(address)
    if (present !== undefined) return present
    if (this.#known.size >= this.#config.maxKnownPeers && !this.#forgetOne()) return undefined
    const peer: KnownPeer = {
      address,
      source,
      state: "idle",
      met: false,
      attempts: 0,
      notBeforeMs: 0,
      why: "not tried yet",
      isSeed: false,
      badParts: new Set(),
    }
    this.#known.set(address, peer)
    return peer
  }

  /** Notes that a part from this address alone failed its check; returns how many did so far. */
  strike(address: string, index: number): number {
    const host = hostOf(address)
    if (!isLoopback(host)) this.#hostStrikes.set(host, (this.#hostStrikes.get(host) ?? 0) + 1)
    const peer = this.note(address, "incoming")
    return peer?.badParts.add(index).size ?? 0
  }

  /** Is nobody at this address to be met any more, for its own faults or for those of its host? */
  isBanned(address: string): boolean {
    return this.#known.get(address)?.state === "banned" || this.#isHostBanned(address)
  }

  /** Addresses to dial now, at most `room`, and marks them as being dialled. A seed leaves other seeds alone for a while. */
  takeDials(room: number, nowMs: number): string[] {
    const addresses: string[] = []
    const limit = Math.min(room, this.#config.maxDialing - this.#dialing)
    for (const peer of this.#known.values()) {
      if (addresses.length >= limit) break
      if (peer.state !== "idle" || peer.notBeforeMs > nowMs || this.#isHostBanned(peer.address)) continue
      this.#enter(peer, "dialing", "being dialled")
      addresses.push(peer.address)
    }
    return addresses
  }

  connected(peer: KnownPeer): void {
    if (peer.state === "banned" || peer.state === "self") return
    peer.met = true
    this.#enter(peer, "connected", "")
  }

  /** Addresses to begin with next time, should the tracker be away then: of those we met, the most reliable first. */
  worthRemembering(): string[] {
    const met = [...this.#known.values()].filter(
      ({ met, state }) => met && (state === "idle" || state === "dialing" || state === "connected"),
    )
    met.sort((a, b) => a.attempts - b.attempts)
    return met.slice(0, this.#config.maxRememberedPeers).map(({ address }) => address)
  }

  /** It proved useful: the next failure counts as the first. */
  proved(address: string): void {
    const peer = this.#known.get(address)
    if (peer !== undefined) peer.attempts = 0
  }

  /** Not connected (any more): dial again after a wait that doubles with every attempt. */
  failed(address: string, why: string, nowMs: number): void {
    const peer = this.#known.get(address)
    if (peer === undefined || peer.state === "banned" || peer.state === "self") return
    const waitMs = Math.min(this.#config.redialMs * 2 ** peer.attempts, this.#config.maxRedialMs)
    peer.attempts++
    peer.notBeforeMs = nowMs + waitMs
    this.#enter(peer, "idle", why)
  }

  /** Both of us have everything: leave it alone for long. */
  rest(address: string, why: string, nowMs: number): void {
    const peer = this.#known.get(address)
    if (peer === undefined || peer.state === "banned" || peer.state === "self") return
    peer.notBeforeMs = nowMs + this.#config.seedRedialMs
    this.#enter(peer, "idle", why)
  }

  ban(address: string, source: PeerSource, why: string): void {
    const peer = this.note(address, source)
    if (peer !== undefined) this.#enter(peer, "banned", why)
  }

  self(address: string): void {
    const peer = this.note(address, "tracker")
    if (peer !== undefined) this.#enter(peer, "self", "this client itself")
  }

  /** Nobody waits any more for the connections that are being opened: their places are for other documents. */
  abandonDials(): void {
    for (const peer of this.#known.values()) if (peer.state === "dialing") this.#enter(peer, "idle", "not tried yet")
  }

  /** Something changed for the better (a download resumed, the network is back): everybody may be dialled at once. */
  forgive(): void {
    for (const peer of this.#known.values()) peer.notBeforeMs = 0
  }

  #isHostBanned(address: string): boolean {
    // Nearly always empty, and asked for every address that might be dialled.
    if (this.#hostStrikes.size === 0) return false
    return (this.#hostStrikes.get(hostOf(address)) ?? 0) >= this.#config.maxStrikesPerHost
  }

  #enter(peer: KnownPeer, state: KnownPeer["state"], why: string): void {
    if (peer.state === "dialing") {
      this.#dialing--
      this.#connections.dialEnded()
    }
    if (state === "dialing") {
      this.#dialing++
      this.#connections.dialBegan()
    }
    peer.state = state
    peer.why = why
  }

  #forgetOne(): boolean {
    for (const peer of this.#known.values()) {
      if (peer.state !== "idle" || peer.attempts === 0) continue
      this.#known.delete(peer.address)
      return true
    }
    return false
  }
}
