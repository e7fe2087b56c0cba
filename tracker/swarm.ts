import type { Random } from "../core/clock.js"
import { COMPACT4_BYTES, COMPACT6_BYTES, type CompactPeer } from "./compact.js"
import { type Announce, type PeerState, type SwarmCounts, type SwarmView, stateOf } from "./peer-store.js"
import { PeerTable } from "./peer-table.js"

const NO_PEERS = new Uint8Array(0)

/** What holds for every swarm at the moment of an announce. */
export interface SwarmRules {
  /** Now, in whole monotonic seconds. */
  readonly second: number
  /** Peers last seen before this second are gone. */
  readonly expiredBefore: number
  readonly maxPeers: number
}

/** The peers of one document in memory. Tables appear with their first peer: most documents have no IPv6 one. */
export class Swarm {
  #table4: PeerTable | undefined
  #table6: PeerTable | undefined

  get size(): number {
    return (this.#table4?.size ?? 0) + (this.#table6?.size ?? 0)
  }

  /** Adds a peer or notes that it was heard of in `second`. Returns true when the set of peers or seeders changed. */
  put(peer: CompactPeer, second: number, seeder: boolean): boolean {
    return this.#tableFor(peer).put(peer, second, seeder)
  }

  /** False when it was not there. */
  remove(peer: CompactPeer): boolean {
    return this.#tableFor(peer).remove(peer)
  }

  /** One announce, all of it: see PeerStore. */
  announce(announce: Announce, rules: SwarmRules, random: Random): SwarmView {
    this.sweep(rules.expiredBefore)
    const { peer, limit } = announce
    const caller = this.#note(peer, stateOf(announce), rules, announce.mayAdd)
    if (caller === "refused") return { ...this.counts(), caller, peers4: NO_PEERS, peers6: NO_PEERS }
    const caller4 = peer.length === COMPACT4_BYTES ? peer : undefined
    const caller6 = peer.length === COMPACT6_BYTES ? peer : undefined
    const [limit4, limit6] = this.#shareOut(limit, random)
    const { seeders, leechers } = this.counts()
    return {
      seeders,
      leechers,
      caller,
      peers4: sampleOf(this.#table4, limit4, caller4, random),
      peers6: sampleOf(this.#table6, limit6, caller6, random),
    }
  }

  counts(): SwarmCounts {
    const seeders = (this.#table4?.seeders ?? 0) + (this.#table6?.seeders ?? 0)
    return { seeders, leechers: this.size - seeders }
  }

  /** Removes peers last seen before `second`; returns how many. */
  sweep(second: number): number {
    return (this.#table4?.sweep(second) ?? 0) + (this.#table6?.sweep(second) ?? 0)
  }

  #note(peer: CompactPeer, state: PeerState, rules: SwarmRules, mayAdd: boolean): SwarmView["caller"] {
    const table = this.#tableFor(peer)
    if (state === "stopped") {
      table.remove(peer)
      return "known"
    }
    const { size } = this
    if ((!mayAdd || size >= rules.maxPeers) && !table.has(peer)) return "refused"
    table.put(peer, rules.second, state === "seeder")
    return this.size > size ? "added" : "known"
  }

  #tableFor(peer: CompactPeer): PeerTable {
    if (peer.length === COMPACT4_BYTES) {
      this.#table4 ??= new PeerTable(COMPACT4_BYTES)
      return this.#table4
    }
    this.#table6 ??= new PeerTable(COMPACT6_BYTES)
    return this.#table6
  }

  /** Splits a limit between the families by their sizes; the odd place falls by chance, so that no small family starves. */
  #shareOut(limit: number, random: Random): readonly [number, number] {
    const size4 = this.#table4?.size ?? 0
    const size6 = this.#table6?.size ?? 0
    if (size6 === 0 || size4 + size6 <= limit) return [limit, limit]
    const limit4 = Math.min(size4, Math.floor((limit * size4) / (size4 + size6) + random()))
    return [limit4, limit - limit4]
  }
}

function sampleOf(table: PeerTable | undefined, limit: number, except: CompactPeer | undefined, random: Random) {
  if (table === undefined || limit === 0 || table.size === 0) return NO_PEERS
  const out = new Uint8Array(Math.min(limit, table.size) * table.peerBytes)
  const written = table.sample(out, 0, limit, except, random)
  return written === out.length ? out : out.subarray(0, written)
}
