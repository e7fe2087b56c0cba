import type { AnnounceEvent } from "../../core/announce/shapes.js"
import type { CompactPeer } from "./compact.js"
import type { SwarmStatus } from "./swarm-status.js"
import { UNKNOWN_LEFT } from "./table-record.js"

/** One peer's announce, as a store sees it. */
export interface Announce {
  /** The document's uuid, lower case. */
  readonly hash: string
  /** The caller; never among the peers it gets. */
  readonly peer: CompactPeer
  /** Bytes it still lacks; undefined when it did not say. 0 makes it a seeder. */
  readonly left: number | undefined
  readonly event: AnnounceEvent | undefined
  /** Most peers wanted, >= 0. */
  readonly limit: number
  /** False when the caller may not take up more room: it is refused unless it is one of the document's peers already. */
  readonly mayAdd: boolean
}

/** How many peers a document has. */
export interface SwarmCounts {
  readonly seeders: number
  readonly leechers: number
}

/** A document as a scrape finds it. */
export interface DocumentCounts extends SwarmCounts {
  /** How often a download of it was completed: announces "completed" of peers that were no seeders before. */
  readonly completions: number
}

/** A document as one announce finds it, the caller counted in unless it said "stopped". */
export interface SwarmView extends SwarmCounts {
  /**
   * Compact IPv4 peers, 6 bytes each, and IPv6 peers, 18 bytes each; without the caller, `limit` of both at most. The
   * reader's own bytes. Where a store holds them itself they are chosen when they are first read.
   */
  readonly peers4: Uint8Array
  readonly peers6: Uint8Array
  /** Such peers as the members of a JSON list, where the store has that text at hand; undefined otherwise. */
  readPeersText?(): PeersText | undefined
  /** What became of the caller. Refused: the document has as many peers as it may have, or `mayAdd` was false. */
  readonly caller: "known" | "added" | "refused"
}

export interface PeersText {
  readonly text: string
  /** Some peer listens on a loopback address, so that it is of no use outside this machine. */
  readonly hasLoopback: boolean
}

/** Most peers of one document, so that one document cannot fill a tracker. Our choice: some 6 MB. */
export const MAX_PEERS_PER_DOCUMENT = 100_000

/** A document without an announce for this time is removed. Our choice: its holders register it again. */
export const DEFAULT_FORGET_SECONDS = 90 * 86_400

/** Documents of one store, so that many addresses can't fill it. Ours: some 100 MB. */
export const DEFAULT_MAX_DOCUMENTS = 1_000_000

/** A full store removes documents without use for this time. */
export const FULL_FORGET_SECONDS = 86_400

/** Least time between two writes of the last use of a document; half of `forgetSeconds` if that is shorter. */
export const TOUCH_EVERY_SECONDS = 86_400

export interface StoreTotals {
  readonly documents: number
  readonly peers: number
}

/**
 * The state of a tracker: its documents and their peers. Every implementation passes
 * `testPeerStore` of testing/store-contract.ts.
 *
 * - A document exists from `register` until `forgetSeconds` without an announce. A peer expires after the store's
 *   expiry without an announce; both by a monotonic clock or the store server's own, never by one that can be set.
 * - `announce` is one atomic step: expire, note (or remove, on "stopped") the caller, choose the others.
 * - Beyond `limit` the peers are a random sample.
 * - A document takes no more than its cap of peers. A refused client gets no peers.
 * - A store that is away rejects with a TrackerError "store_away", and recovers without a restart.
 */
export interface PeerStore {
  /**
   * Makes a document known, if it is not yet, with `peer` as one of its peers while there is room. Durable (where the
   * store is) when it resolves. Rejects with a TrackerError "store_full" when there are as many as there may be.
   */
  register(hash: string, peer: CompactPeer): Promise<void>
  /** Resolves with undefined when the document is unknown. */
  announce(announce: Announce): Promise<SwarmView | undefined>
  /** Counts the peers and the completions of a document; undefined when it is unknown. */
  count(hash: string): Promise<DocumentCounts | undefined>
  /** How far its peers are, `limit` of them one by one; undefined when it is unknown. A peer that left is listed for a day. */
  status(hash: string, limit: number): Promise<SwarmStatus | undefined>
  /** Writes something of no consequence. Undefined when that went well; else why it did not, in one word ("OOM", "ENOSPC"). */
  probe(): Promise<string | undefined>
  /** What this process holds, for the metrics; undefined where it holds nothing itself. */
  totals(): StoreTotals | undefined
  /** May be called twice. */
  close(): Promise<void>
}

/** What a peer's announce makes of it. */
export type PeerState = "seeder" | "leecher" | "stopped"

export function stateOf(announce: Announce): PeerState {
  return announce.event === "stopped" ? "stopped" : leftOf(announce) === 0 ? "seeder" : "leecher"
}

/** Bytes a peer lacks, 0 of a seeder. One that says "completed" lacks nothing; one that does not say how much it lacks is no seeder. */
export function leftOf({ left, event }: Announce): number {
  return left ?? (event === "completed" ? 0 : UNKNOWN_LEFT)
}
