import { COMPACT4_BYTES, COMPACT6_BYTES, type CompactPeer } from "./compact.js"
import { PeerTable } from "./peer-table.js"
import type { TableRecord } from "./table-record.js"

/** Peers of both address families. Tables appear with their first peer: most documents have no IPv6 one. */
export class PeerTables {
  #table4: PeerTable | undefined
  #table6: PeerTable | undefined

  get table4(): PeerTable | undefined {
    return this.#table4
  }

  get table6(): PeerTable | undefined {
    return this.#table6
  }

  get size(): number {
    return (this.#table4?.size ?? 0) + (this.#table6?.size ?? 0)
  }

  get seeders(): number {
    return (this.#table4?.seeders ?? 0) + (this.#table6?.seeders ?? 0)
  }

  /** Rises whenever a peer comes or goes. */
  get version(): number {
    return (this.#table4?.version ?? 0) + (this.#table6?.version ?? 0)
  }

  /** As PeerTable's. */
  put(peer: CompactPeer, second: number, left: number): number {
    return this.#tableFor(peer).put(peer, second, left)
  }

  has(peer: CompactPeer): boolean {
    return this.#existing(peer)?.has(peer) === true
  }

  find(peer: CompactPeer): TableRecord | undefined {
    return this.#existing(peer)?.find(peer)
  }

  /** As PeerTable's. */
  findOfHost(peer: CompactPeer, isSeeder: boolean): TableRecord | undefined {
    return this.#existing(peer)?.findOfHost(peer, isSeeder)
  }

  /** False when it was not there. */
  remove(peer: CompactPeer): boolean {
    return this.#existing(peer)?.remove(peer) === true
  }

  /** As PeerTable's. */
  sweep(second: number, onExpired?: (record: TableRecord) => void): number {
    return (this.#table4?.sweep(second, onExpired) ?? 0) + (this.#table6?.sweep(second, onExpired) ?? 0)
  }

  countLeechersSince(second: number): number {
    return (this.#table4?.countLeechersSince(second) ?? 0) + (this.#table6?.countLeechersSince(second) ?? 0)
  }

  /** Those that there are. */
  all(): readonly PeerTable[] {
    return [this.#table4, this.#table6].flatMap((table) => table ?? [])
  }

  #existing(peer: CompactPeer): PeerTable | undefined {
    return peer.length === COMPACT4_BYTES ? this.#table4 : this.#table6
  }

  #tableFor(peer: CompactPeer): PeerTable {
    if (peer.length === COMPACT4_BYTES) {
      this.#table4 ??= new PeerTable(COMPACT4_BYTES)
      return this.#table4
    }
    this.#table6 ??= new PeerTable(COMPACT6_BYTES)
    return this.#table6
  }
}
