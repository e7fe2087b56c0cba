import type { CompactPeer } from "./compact.js"
import { PeerTables } from "./peer-tables.js"
import { type TableRecord, UNKNOWN_LEFT } from "./table-record.js"

/** How long a status still lists a peer that left or expired. Our choice: a roll-out takes a day at most. */
export const KEEP_GONE_SECONDS = 86_400

/** Peers that left, over all documents of a process: some 10 MB. Beyond it no more are kept. Our choice. */
export const MAX_GONE_PEERS = 200_000

/** Among more peers that left none of the same address is looked for, because each newcomer would cost such a look. Our choice. */
export const MAX_SEARCHED = 256

/** Room for peers that left, shared by all documents of a process. */
export class GoneRoom {
  #count = 0

  get isFull(): boolean {
    return this.#count >= MAX_GONE_PEERS
  }

  add(count: number): void {
    this.#count += count
  }
}

/** The peers of one document that left or expired, with the bytes that they lacked then. No announce is answered with them. */
export class GonePeers {
  readonly #room: GoneRoom
  readonly #maxPeers: number
  readonly tables = new PeerTables()

  constructor(room: GoneRoom, maxPeers: number) {
    this.#room = room
    this.#maxPeers = maxPeers
  }

  /** Nothing is known of a peer without `left`: it is not kept. */
  put(peer: CompactPeer, second: number, left: number): void {
    if (left === UNKNOWN_LEFT) return
    const isNew = !this.tables.has(peer)
    if (isNew && (this.#room.isFull || this.tables.size >= this.#maxPeers)) return
    this.tables.put(peer, second, left)
    if (isNew) this.#room.add(1)
  }

  /**
   * It is back. One that comes under another port than it left with takes the place of one of its address that left as complete, or as
   * unfinished, as it comes: a client that takes any free port is another one after each start, and must not count as two machines.
   */
  cameBack(peer: CompactPeer, left: number): void {
    const { tables } = this
    if (tables.size === 0) return
    const same = tables.has(peer) || tables.size > MAX_SEARCHED ? peer : tables.findOfHost(peer, left === 0)?.peer
    if (same !== undefined && tables.remove(same)) this.#room.add(-1)
  }

  sweep(second: number): void {
    if (this.tables.size > 0) this.#room.add(-this.tables.sweep(second - KEEP_GONE_SECONDS))
  }

  /** The document is dropped. */
  clear(): void {
    this.#room.add(-this.tables.sweep(Number.POSITIVE_INFINITY))
  }

  *records(): Generator<TableRecord> {
    for (const table of this.tables.all()) for (let index = 0; index < table.size; index++) yield table.recordAt(index)
  }
}
