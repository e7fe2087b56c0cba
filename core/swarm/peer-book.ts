import { isLoopback, networkOf } from "../address/host-of.js"
import type { PeerReason } from "../api/why.js"
import type { Random } from "../base/clock.js"
import type { SwarmConfig } from "./config.js"
import { ConnectionBudget } from "./connection-budget.js"
import {
  byPromise,
  createKnownPeer,
  isDue,
  isLost,
  isUncounted,
  type KnownPeer,
  NOT_TRIED,
  type PeerSource,
} from "./known-peer.js"
import { NetworkStrikes } from "./network-strikes.js"
import { StrangerShares } from "./stranger-shares.js"

/** Redials of a lost peer (half a minute) for which an idle seed is woken; our choice. */
const LOST_TRIES = 4

/** Every known peer address of a document, bounded: decides which to dial and which to avoid. Pure: time is an argument. */
export class PeerBook {
  readonly #known = new Map<string, KnownPeer>()
  readonly #config: SwarmConfig
  readonly #connections: ConnectionBudget
  readonly #random: Random
  /** Addresses that only untrusted peers named. */
  readonly #strangers: StrangerShares
  readonly #networkStrikes: NetworkStrikes
  #dialing = 0
  #banned = 0
  /** Addresses that are this client's own, or the second one of another. */
  #uncounted = 0

  /** `connections` is shared with the books of other documents: it counts the addresses that are being dialled. */
  constructor(config: SwarmConfig, connections = new ConnectionBudget(), random: Random = () => 0.5) {
    this.#config = config
    this.#connections = connections
    this.#random = random
    this.#strangers = new StrangerShares(Math.ceil(config.maxKnownPeers / 3))
    this.#networkStrikes = new NetworkStrikes(config.maxStrikesPerHost)
  }

  /** Addresses. */
  get size(): number {
    return this.#known.size
  }

  /** Clients besides this one, as far as is known: one that is found at several addresses counts once. */
  get clientCount(): number {
    return this.#known.size - this.#uncounted
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

  /**
   * Adds an address. `namedBy`: the network of the peer that named it. A full book first removes an address named by an untrusted peer,
   * or one that failed. Returns undefined when there is no room.
   */
  note(address: string, source: PeerSource, namedBy?: string): KnownPeer | undefined {
    const present = this.#known.get(address)
    if (present !== undefined) {
      if ((source === "tracker" || source === "listed") && present.source === "remembered") present.source = source
      if (source === "tracker" || source === "remembered" || source === "listed") this.#vouch(present)
      if (source === "lan") heardAgain(present)
      return present
    }
    const peer = createKnownPeer(address, source, namedBy)
    if (!this.#hasRoomFor(peer)) return undefined
    this.#known.set(address, peer)
    this.#strangers.add(peer)
    return peer
  }

  /** Notes that a part from this address alone failed its check; returns how many did so far. */
  strike(address: string, index: number): number {
    if (!isLoopback(address)) this.#networkStrikes.add(networkOf(address))
    const peer = this.note(address, "incoming")
    return peer?.badParts.add(index).size ?? 0
  }

  /** Whether the address is banned, for its own faults or for those of its network. */
  isBanned(address: string): boolean {
    if (this.#known.get(address)?.state === "banned") return true
    return this.#networkStrikes.isBanned(() => networkOf(address))
  }

  /** Addresses to dial now, the most promising first, at most `room`; marks them as being dialled. */
  takeDials(room: number, nowMs: number): string[] {
    const limit = Math.min(room, this.#config.maxDialing - this.#dialing)
    if (limit <= 0) return []
    const addresses: string[] = []
    for (const peer of this.#due(nowMs).sort(byPromise)) {
      if (addresses.length >= limit) break
      if (!this.#connections.pace.admit(peer.address, peer.vouched || peer.met, nowMs)) continue
      this.#enter(peer, "dialing", { code: "dialing" })
      addresses.push(peer.address)
    }
    return addresses
  }

  /** Whether an address is due to be dialled, given room. */
  hasDue(nowMs: number): boolean {
    return this.#due(nowMs).length > 0
  }

  /** Has a peer been lost a short while ago, and is it yet to be dialled again? A seed at rest waits for nothing else. */
  get hasLostPeer(): boolean {
    for (const peer of this.#known.values())
      if (isLost(peer, LOST_TRIES) && !this.#networkStrikes.isBanned(() => peer.network)) return true
    return false
  }

  /** `dialled`: by us. Then it is proven that it can be. */
  connected(peer: KnownPeer, dialled = false): void {
    if (peer.state === "banned" || peer.state === "self") return
    peer.met = true
    this.#setAlias(peer, false)
    if (dialled) {
      this.#vouch(peer)
      this.#connections.pace.proved(peer.address)
    }
    this.#enter(peer, "connected")
  }

  /** Addresses to begin with next time, should the tracker be away then: of those we met, the most reliable first, few of a network. */
  worthRemembering(): string[] {
    const met = [...this.#known.values()].filter(
      ({ met, state }) => met && (state === "idle" || state === "dialing" || state === "connected"),
    )
    met.sort((a, b) => a.attempts - b.attempts)
    const ofNetwork = new Map<string, number>()
    const few = met.filter(({ address, network }) => {
      const before = ofNetwork.get(network) ?? 0
      ofNetwork.set(network, before + 1)
      return before < this.#config.maxRememberedPerNetwork || isLoopback(address)
    })
    return few.slice(0, this.#config.maxRememberedPeers).map(({ address }) => address)
  }

  /** It proved useful: the next failure counts as the first. */
  proved(address: string): void {
    const peer = this.#known.get(address)
    if (peer === undefined) return
    peer.attempts = 0
    peer.seedRests = 0
  }

  /** Not connected (any more): dial again after a wait that doubles with every attempt, `minWaitMs` at least. */
  failed(address: string, why: PeerReason, nowMs: number, minWaitMs = 0): void {
    const peer = this.#known.get(address)
    if (peer === undefined || peer.state === "banned" || peer.state === "self") return
    const waitMs = Math.min(this.#config.redialMs * 2 ** peer.attempts, this.#config.maxRedialMs) * this.#spread(peer)
    peer.attempts++
    peer.notBeforeMs = nowMs + Math.max(waitMs, minWaitMs)
    peer.changedAtMs = nowMs
    this.#enter(peer, "idle", why)
  }

  /** Its client is connected under another address: leave this one alone for long. */
  alias(address: string, why: PeerReason, nowMs: number): void {
    const peer = this.#known.get(address)
    if (peer === undefined || peer.state === "banned" || peer.state === "self") return
    this.#setAlias(peer, true)
    this.failed(address, why, nowMs, this.#config.seedRedialMs)
  }

  /** Both of us have everything: leave it alone for long. */
  rest(address: string, nowMs: number): void {
    const peer = this.#known.get(address)
    if (peer === undefined || peer.state === "banned" || peer.state === "self") return
    peer.notBeforeMs = nowMs + this.#config.seedRedialMs
    peer.seedRests++
    peer.changedAtMs = nowMs
    this.#enter(peer, "idle", { code: "seed_too" })
  }

  /**
   * The tracker reports a peer that lacks parts, and none is connected: seeds known from before may have lost parts. Wakes a few at random
   * at a time, and each less often with every vain attempt.
   */
  wakeSeeds(nowMs: number, random: Random): void {
    const { seedWakeMs, seedRedialMs, seedsAwokenAtOnce } = this.#config
    const waits = (peer: KnownPeer) => Math.min(seedWakeMs * 2 ** (peer.seedRests - 1), seedRedialMs)
    const resting = [...this.#known.values()].filter(
      (peer) => peer.state === "idle" && peer.seedRests > 0 && nowMs - peer.changedAtMs >= waits(peer),
    )
    for (let count = 0; count < seedsAwokenAtOnce && resting.length > 0; count++) {
      const [peer] = resting.splice(Math.floor(random() * resting.length), 1)
      if (peer !== undefined) peer.notBeforeMs = Math.min(peer.notBeforeMs, nowMs)
    }
  }

  ban(address: string, source: PeerSource, why: PeerReason & { readonly code: "banned" | "wrong_description" }): void {
    const peer = this.note(address, source)
    if (peer !== undefined) this.#enter(peer, "banned", why)
  }

  self(address: string): void {
    const peer = this.note(address, "tracker")
    if (peer !== undefined) this.#enter(peer, "self")
  }

  /** Releases the pending dials: their places are for other documents. */
  abandonDials(): void {
    for (const peer of this.#known.values()) if (peer.state === "dialing") this.#enter(peer, "idle", NOT_TRIED)
  }

  /** Every host of a list waits for the same hosts: their dials are not to meet again and again. */
  #spread({ source }: KnownPeer): number {
    return source === "listed" ? 0.75 + 0.5 * this.#random() : 1
  }

  #due(nowMs: number): KnownPeer[] {
    const due: KnownPeer[] = []
    for (const peer of this.#known.values())
      if (isDue(peer, nowMs) && !this.#networkStrikes.isBanned(() => peer.network)) due.push(peer)
    return due
  }

  #vouch(peer: KnownPeer): void {
    if (peer.vouched) return
    peer.vouched = true
    this.#strangers.remove(peer)
  }

  #enter(peer: KnownPeer, state: KnownPeer["state"], why?: PeerReason): void {
    if (peer.state === "dialing") {
      this.#dialing--
      this.#connections.dialEnded()
    }
    if (state === "dialing") {
      this.#dialing++
      this.#connections.dialBegan()
    }
    if (state === "banned" && peer.state !== "banned") {
      this.#banned++
      this.#strangers.remove(peer)
    }
    this.#uncounted -= isUncounted(peer) ? 1 : 0
    peer.state = state
    peer.why = why
    this.#uncounted += isUncounted(peer) ? 1 : 0
  }

  #setAlias(peer: KnownPeer, isAlias: boolean): void {
    this.#uncounted -= isUncounted(peer) ? 1 : 0
    peer.isAlias = isAlias
    this.#uncounted += isUncounted(peer) ? 1 : 0
  }

  /** Removes another address if necessary. */
  #hasRoomFor(peer: KnownPeer): boolean {
    if (!peer.vouched && this.#strangers.isFull) return this.#forget(this.#strangers.expendable())
    if (this.#known.size < this.#config.maxKnownPeers) return true
    return this.#forget(this.#strangers.expendable()) || this.#forget(this.#firstFailed()) || this.#forgetBan()
  }

  #firstFailed(): KnownPeer | undefined {
    for (const peer of this.#known.values()) if (peer.state === "idle" && peer.attempts > 0) return peer
    return undefined
  }

  /** Bans fill a part of the book at most: a network's strikes are remembered beside it. */
  #forgetBan(): boolean {
    if (this.#banned <= this.#config.maxKnownPeers / 2) return false
    for (const peer of this.#known.values()) {
      if (peer.state !== "banned") continue
      this.#banned--
      return this.#forget(peer)
    }
    return false
  }

  #forget(peer: KnownPeer | undefined): boolean {
    if (peer === undefined) return false
    this.#strangers.remove(peer)
    this.#uncounted -= isUncounted(peer) ? 1 : 0
    return this.#known.delete(peer.address)
  }
}

/** It announced itself just now: what failed before says nothing. Two seeds have nothing to exchange all the same. */
function heardAgain(peer: KnownPeer): void {
  if (peer.state !== "idle" || peer.seedRests > 0) return
  peer.attempts = 0
  peer.notBeforeMs = 0
}
