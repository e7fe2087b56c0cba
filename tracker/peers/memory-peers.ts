import type { Random } from "../../core/base/clock.js"
import { COMPACT4_BYTES, COMPACT6_BYTES, type CompactPeer } from "./compact.js"
import { GonePeers, type GoneRoom } from "./gone-peers.js"
import { PeerListText } from "./peer-list-text.js"
import { type Announce, leftOf, type PeersText, type SwarmCounts, type SwarmView } from "./peer-store.js"
import { NEWS, type PeerTable } from "./peer-table.js"
import { PeerTables } from "./peer-tables.js"
import type { SwarmStatus } from "./swarm-status.js"
import { type TableRecord, UNKNOWN_LEFT } from "./table-record.js"
import { statusOf } from "./table-status.js"

const NO_PEERS = new Uint8Array(0)

/** Smaller lists are written as fast as they are looked up, and most swarms are small: they need no memory for this. */
const MIN_TEXT_PEERS = 8

/** Most callers, all within one second, that get the same sample of a large swarm. */
const MAX_SAMPLE_USES = 32

interface CompactLists {
  readonly peers4: Uint8Array
  readonly peers6: Uint8Array
}

interface KeptText {
  readonly list: PeerListText
  readonly limit: number
  /** It has all peers there are, not a sample of them. */
  readonly isWhole: boolean
  /** Of the tables it was made from. */
  readonly version: number
  readonly second: number
  uses: number
}

/** What holds for every swarm at the moment of an announce. */
export interface MemoryPeersRules {
  /** Now, in whole monotonic seconds. */
  readonly second: number
  /** Peers last seen before this second are gone. */
  readonly expiredBefore: number
  readonly maxPeers: number
  /** For peers that left. */
  readonly room: GoneRoom
}

/** The peers of one document in memory. */
export class MemoryPeers {
  readonly #live = new PeerTables()
  /** Appears with the first peer that left. */
  #gone: GonePeers | undefined
  #kept: KeptText | undefined
  /** What was the version when the text was asked for last. */
  #askedVersion = -1
  /** The second of the last announce or registration. */
  usedSecond = 0
  /** The hour of use that is known to be in the file of an LMDB store. */
  storedHour = Number.NEGATIVE_INFINITY
  /** Counted by the store that forgets them with the swarm. */
  completions = 0

  get size(): number {
    return this.#live.size
  }

  /** As PeerTable's. */
  put(peer: CompactPeer, second: number, left: number): number {
    const { size } = this
    const heardBefore = this.#live.put(peer, second, left)
    if (this.size > size) this.#gone?.cameBack(peer, left)
    return heardBefore
  }

  has(peer: CompactPeer): boolean {
    return this.#live.has(peer)
  }

  /** It left; false when it was not there. `left`: bytes that it lacks, or UNKNOWN_LEFT for what it said before. */
  leave(peer: CompactPeer, left: number, rules: MemoryPeersRules): boolean {
    const known = this.#live.find(peer)
    if (known === undefined) return false
    this.#live.remove(peer)
    this.keepGone({ peer, second: rules.second, left: left === UNKNOWN_LEFT ? known.left : left }, rules)
    return true
  }

  /** Of a peer that is not there any more. */
  keepGone({ peer, second, left }: Omit<TableRecord, "bytesPerSecond">, { room, maxPeers }: MemoryPeersRules): void {
    if (left === UNKNOWN_LEFT || this.#live.has(peer)) return
    this.#gone ??= new GonePeers(room, maxPeers)
    this.#gone.put(peer, second, left)
  }

  get goneCount(): number {
    return this.#gone?.tables.size ?? 0
  }

  /** Peers that left, as they were then. */
  goneRecords(): Iterable<TableRecord> {
    return this.#gone?.records() ?? []
  }

  /** One announce, all of it: see PeerStore. */
  announce(announce: Announce, rules: MemoryPeersRules, random: Random): NotedView {
    this.sweep(rules)
    this.usedSecond = rules.second
    const { peer, mayAdd, event } = announce
    const left = leftOf(announce)
    const { size } = this
    const isRefused = event !== "stopped" && (!mayAdd || size >= rules.maxPeers) && !this.has(peer)
    const heardBefore = isRefused ? NOTHING_NEW : this.#note(announce, left, rules)
    const caller = isRefused ? "refused" : this.size > size ? "added" : "known"
    const completes = event === "completed" && left === 0 && heardBefore === NEWS
    return new View(this, announce, { caller, heardBefore, completes, second: rules.second }, random)
  }

  /** Up to `limit` peers in compact form, without `except`: all of them, or a random sample. */
  sample(limit: number, except: CompactPeer | undefined, random: Random): CompactLists {
    const [limit4, limit6] = this.#shareOut(limit, random)
    return {
      peers4: sampleOf(this.#live.table4, limit4, except?.length === COMPACT4_BYTES ? except : undefined, random),
      peers6: sampleOf(this.#live.table6, limit6, except?.length === COMPACT6_BYTES ? except : undefined, random),
    }
  }

  /** Up to `limit` peers as text, without `except`; undefined when that is not worth to be kept. */
  textOf(limit: number, except: CompactPeer, second: number, random: Random): PeersText | undefined {
    if (this.size < MIN_TEXT_PEERS || limit < MIN_TEXT_PEERS) return undefined
    const list = this.#listText(limit, second, random)
    if (list === undefined) return undefined
    return { text: list.without(except, limit, random), hasLoopback: list.hasLoopback }
  }

  /** All peers, as long as none comes or goes; or a sample of one more than is asked for, for some callers in a row. */
  #listText(limit: number, second: number, random: Random): PeerListText | undefined {
    const { version } = this.#live
    const isWhole = this.size <= limit
    const kept = this.#kept
    if (kept !== undefined && kept.limit === limit && kept.isWhole === isWhole) {
      if (isWhole ? kept.version === version : kept.second === second && kept.uses++ < MAX_SAMPLE_USES) return kept.list
    }
    // While peers come and go, what is made for one caller is of no use to the next.
    const isSettled = version === this.#askedVersion
    this.#askedVersion = version
    if (isWhole && !isSettled) return undefined
    const { peers4, peers6 } = this.sample(limit + 1, undefined, random)
    const list = new PeerListText(peers4, peers6)
    this.#kept = { list, limit, isWhole, version, second, uses: 1 }
    return list
  }

  counts(): SwarmCounts {
    const { seeders } = this.#live
    return { seeders, leechers: this.size - seeders }
  }

  /** `limit`: most machines. A peer is silent that was last heard of before `silentBefore`. */
  status(limit: number, silentBefore: number, rules: MemoryPeersRules): SwarmStatus {
    this.sweep(rules)
    const { second } = rules
    return statusOf({ live: this.#live, gone: this.#gone?.tables ?? new PeerTables() }, { limit, silentBefore, second })
  }

  /** Expires peers. */
  sweep(rules: MemoryPeersRules): void {
    this.#live.sweep(rules.expiredBefore, (record) => this.keepGone({ ...record }, rules))
    this.#gone?.sweep(rules.second)
  }

  /** Peers that left are forgotten. */
  forgetGone(): void {
    this.#gone?.clear()
    this.#gone = undefined
  }

  /** Returns the second of the peer's announce before, NEWS when this one changes the set, or NOTHING_NEW when it need not be written. */
  #note({ peer, event }: Announce, left: number, rules: MemoryPeersRules): number {
    if (event === "stopped") return this.leave(peer, left, rules) ? NEWS : NOTHING_NEW
    return this.put(peer, rules.second, left)
  }

  /** Splits a limit between the families by their sizes; the odd place falls by chance, so that no small family starves. */
  #shareOut(limit: number, random: Random): readonly [number, number] {
    const size4 = this.#live.table4?.size ?? 0
    const size6 = this.#live.table6?.size ?? 0
    if (size6 === 0 || size4 + size6 <= limit) return [limit, limit]
    const limit4 = Math.min(size4, Math.floor((limit * size4) / (size4 + size6) + random()))
    return [limit4, limit - limit4]
  }
}

/** Later than every second. */
const NOTHING_NEW = Number.POSITIVE_INFINITY

/** What an announce found, for the process that holds the swarm. */
export interface NotedView extends SwarmView {
  /** The second of the caller's announce before; NEWS when the announce changed the set of peers or of seeders. */
  readonly heardBefore: number
  /** The caller completed a download with this announce. */
  readonly completes: boolean
  /** When this is, in whole monotonic seconds. */
  readonly second: number
}

/** What an announce found. Peers are chosen in the form in which they are read, so that no other is made for nothing. */
class View implements NotedView {
  readonly seeders: number
  readonly leechers: number
  readonly caller: SwarmView["caller"]
  readonly heardBefore: number
  readonly completes: boolean
  readonly #swarm: MemoryPeers
  readonly #peer: CompactPeer
  readonly #limit: number
  readonly second: number
  readonly #random: Random
  #lists: CompactLists | undefined

  constructor(
    swarm: MemoryPeers,
    { peer, limit }: Announce,
    { caller, heardBefore, completes, second }: Pick<NotedView, "caller" | "heardBefore" | "completes" | "second">,
    random: Random,
  ) {
    const { seeders, leechers } = swarm.counts()
    this.seeders = seeders
    this.leechers = leechers
    this.caller = caller
    this.heardBefore = heardBefore
    this.completes = completes
    this.#swarm = swarm
    this.#peer = peer
    this.#limit = caller === "refused" ? 0 : limit
    this.second = second
    this.#random = random
  }

  get peers4(): Uint8Array {
    return this.#compact().peers4
  }

  get peers6(): Uint8Array {
    return this.#compact().peers6
  }

  readPeersText(): PeersText | undefined {
    return this.#swarm.textOf(this.#limit, this.#peer, this.second, this.#random)
  }

  #compact(): CompactLists {
    this.#lists ??= this.#swarm.sample(this.#limit, this.#peer, this.#random)
    return this.#lists
  }
}

function sampleOf(table: PeerTable | undefined, limit: number, except: CompactPeer | undefined, random: Random) {
  if (table === undefined || limit === 0 || table.size === 0) return NO_PEERS
  const out = new Uint8Array(Math.min(limit, table.size) * table.peerBytes)
  const written = table.sample(out, 0, limit, except, random)
  return written === out.length ? out : out.subarray(0, written)
}
