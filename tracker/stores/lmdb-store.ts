import { randomInt } from "node:crypto"
import type { RootDatabase } from "lmdb"
import type { Logger } from "pino"
import { systemClock } from "../../core/base/clock.js"
import { TrackerError } from "../../core/base/errors.js"
import type { CompactPeer } from "../peers/compact.js"
import { MemoryDocuments, type MemoryDocumentsOptions } from "../peers/memory-documents.js"
import type { MemoryPeers } from "../peers/memory-peers.js"
import {
  type Announce,
  DEFAULT_FORGET_SECONDS,
  DEFAULT_MAX_DOCUMENTS,
  type DocumentCounts,
  leftOf,
  type PeerStore,
  type StoreTotals,
  type SwarmView,
} from "../peers/peer-store.js"
import type { SwarmStatus } from "../peers/swarm-status.js"
import { AnnounceBatches, readBatch, writerOf } from "./announce-log.js"
import { requireRoom } from "./disk-room.js"
import { causeOf } from "./lmdb-cause.js"
import { LmdbDocuments } from "./lmdb-documents.js"
import { cantBeUsed, openLmdb } from "./lmdb-open.js"
import { type LmdbTables, openTables } from "./lmdb-tables.js"
import { LmdbWriter } from "./lmdb-writer.js"
import { StoreTrouble } from "./store-trouble.js"

export interface LmdbStoreOptions extends MemoryDocumentsOptions {
  /** Where the file lives; a local disk, not a network one. Made if missing. */
  readonly folder: string
  readonly log: Logger
  /** Another process has just found the file sound. */
  readonly isChecked?: boolean
  /** A document without use for this time is removed; default 90 days. */
  readonly forgetSeconds?: number
  /** Default 1,000,000. */
  readonly maxDocuments?: number
  /** Most bytes of announces in the file; default 64 MiB. */
  readonly maxLogBytes?: number
}

/** How often announces are written out and the others' read. A crash loses so much of them, and no document. */
const EXCHANGE_EVERY_MS = 1_000
const SWARMS_PER_SWEEP = 10_000

/** Announces of one exchange: some 300,000, a hundred times what a core takes in. They go into the file in pieces. */
const BATCH_CAPACITY_BYTES = 8 * 1024 * 1024

/**
 * Announces in the file at most, in bytes. Ours: what a million peers say in three intervals, which a tracker that starts
 * reads in some seconds. Beyond it the oldest go, and the next run of the tracker knows fewer peers until they announce.
 */
const MAX_LOG_BYTES = 64 * 1024 * 1024

/** An unchanged peer is written twice per interval: more writes would not change when it expires. */
const WRITES_PER_EXPIRY = 6

/** Pause after a failed write: every attempt costs time, and LMDB itself writes a line to stderr. */
const REST_AFTER_FAILURE_MS = 1_000

/**
 * Remembers on disk, answers from memory. A document is in the file, flushed, before it is answered. Announces change
 * this process' memory, and once a second go to the file as one batch, where every other process on the same file
 * (`--workers`) and the next run of the tracker find them: those that change something, and of the others one in half an
 * interval. Batches older than the peers' expiry are removed. Without announces nothing is written.
 */
export class LmdbStore implements PeerStore {
  readonly #root: RootDatabase
  readonly #tables: LmdbTables
  readonly #documents: LmdbDocuments
  readonly #swarms: MemoryDocuments
  readonly #writer: LmdbWriter
  readonly #trouble: StoreTrouble
  readonly #number = randomInt(2 ** 32)
  readonly #batch = new AnnounceBatches(this.#number, BATCH_CAPACITY_BYTES)
  #timer: NodeJS.Timeout | undefined
  /** Batches in the file and the second from which they count as known; in order of both. */
  readonly #known: { readonly key: number; readonly second: number; readonly bytes: number }[] = []
  #knownBytes = 0
  readonly #maxLogBytes: number
  readonly #writeEverySeconds: number
  #lastKey = 0
  #closing: Promise<void> | undefined

  private constructor(root: RootDatabase, options: LmdbStoreOptions) {
    this.#root = root
    this.#tables = openTables(root)
    this.#swarms = new MemoryDocuments(options)
    this.#maxLogBytes = options.maxLogBytes ?? MAX_LOG_BYTES
    this.#writeEverySeconds = Math.max(1, Math.floor(options.expirySeconds / WRITES_PER_EXPIRY))
    this.#trouble = new StoreTrouble(options.log, options.clock ?? systemClock)
    this.#writer = new LmdbWriter(
      root,
      () => requireRoom(options.folder),
      (error) => this.#failed(error),
    )
    this.#documents = new LmdbDocuments(root, this.#tables.documents, this.#writer, {
      clock: options.clock ?? systemClock,
      forgetSeconds: options.forgetSeconds ?? DEFAULT_FORGET_SECONDS,
      maxDocuments: options.maxDocuments ?? DEFAULT_MAX_DOCUMENTS,
    })
  }

  /** Opens the store with its documents and peers; the peers count as seen now. Rejects with a ConfigError. */
  static async open(options: LmdbStoreOptions): Promise<LmdbStore> {
    const root = await openLmdb(options.folder, options.log, options.isChecked)
    try {
      const store = new LmdbStore(root, options)
      store.#readBatches()
      store.#timer = setInterval(() => store.exchange(), EXCHANGE_EVERY_MS).unref()
      return store
    } catch (error) {
      await root.close()
      throw cantBeUsed(options.folder, error)
    }
  }

  async register(hash: string, peer: CompactPeer): Promise<void> {
    if (this.#trouble.isWithin(REST_AFTER_FAILURE_MS)) throw new TrackerError("store_away", "the disk has just failed")
    try {
      await this.#documents.add(hash)
    } catch (error) {
      if (error instanceof TrackerError) throw error
      this.#failed(error)
      throw new TrackerError("store_away", "the document could not be written", { cause: error })
    }
    this.#trouble.worked()
    this.#swarms.register(hash, peer)
    this.#batch.append({ hash, peer, left: 0, what: "here" })
  }

  async announce(announce: Announce): Promise<SwarmView | undefined> {
    const swarm = this.#find(announce.hash)
    if (swarm === undefined) return undefined
    const { hash, peer } = announce
    swarm.storedHour = this.#documents.use(hash, swarm.storedHour)
    const view = this.#swarms.announce(swarm, announce)
    if (view.completes) this.#documents.complete(hash)
    if (view.heardBefore < view.second - (view.second % this.#writeEverySeconds))
      this.#batch.append({
        hash,
        peer,
        left: leftOf(announce),
        what: announce.event === "stopped" ? "stopped" : "here",
      })
    return view
  }

  async count(hash: string): Promise<DocumentCounts | undefined> {
    const swarm = this.#find(hash)
    if (swarm === undefined) return undefined
    return { ...this.#swarms.count(swarm), completions: this.#documents.completions(hash) }
  }

  async status(hash: string, limit: number): Promise<SwarmStatus | undefined> {
    const swarm = this.#find(hash)
    return swarm === undefined ? undefined : this.#swarms.status(swarm, limit)
  }

  async probe(): Promise<string | undefined> {
    // A full disk takes some writes and refuses others: a refused write is better evidence than this probe.
    if (this.#trouble.isOpen) return this.#trouble.kind
    try {
      await this.#documents.probe()
      return undefined
    } catch (error) {
      this.#failed(error)
      return causeOf(error)
    }
  }

  totals(): StoreTotals {
    return { documents: this.#documents.count, peers: this.#swarms.countPeers() }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer)
    this.#exchange()
    this.#saveGone()
    this.#saveServed()
    await this.#writer.idle()
    await this.#root.close()
    this.#swarms.clear()
  }

  /** Only documents in use are held in memory. */
  #find(hash: string): MemoryPeers | undefined {
    const swarm = this.#swarms.get(hash)
    if (swarm !== undefined) return swarm
    const hour = this.#documents.usedHour(hash)
    if (hour === undefined) return undefined
    const opened = this.#swarms.open(hash)
    opened.storedHour = hour
    return opened
  }

  /** Writes out what was announced here and reads what was announced elsewhere. A timer calls it once a second. */
  exchange(): void {
    if (!this.#trouble.isWithin(REST_AFTER_FAILURE_MS)) this.#exchange()
    this.#swarms.sweepSome(SWARMS_PER_SWEEP, 0)
  }

  #exchange(): void {
    try {
      this.#readBatches()
      // First what makes room, in a file that may not grow any more.
      this.#removeOldBatches()
      for (const hash of this.#documents.exchange((each) => this.#swarms.hasPeers(each))) this.#swarms.drop(hash)
      this.#writeBatch()
      this.#trouble.worked()
    } catch (error) {
      // Peers are served from memory, and the batch is tried again with the next.
      this.#failed(error)
    }
  }

  /** The next run knows them, too; a crash loses those that left more than an expiry ago. */
  #saveGone(): void {
    for (const { hash, peer, left } of this.#swarms.gone()) this.#batch.append({ hash, peer, left, what: "gone" })
    try {
      this.#writeBatch()
    } catch (error) {
      this.#failed(error)
    }
  }

  #saveServed(): void {
    try {
      this.#documents.save()
    } catch (error) {
      this.#failed(error)
    }
  }

  #failed(error: unknown): void {
    this.#trouble.failed(error, causeOf(error), "the store can't be written: registrations fail until it can")
  }

  #writeBatch(): void {
    if (this.#batch.isEmpty) return
    const { batches } = this.#tables
    // One number after the other over all processes, so that a reader needs to remember only the last.
    this.#writer.commit(() => {
      const [lastKey = 0] = batches.getKeys({ reverse: true, limit: 1 })
      for (const [place, batch] of this.#batch.all().entries()) batches.putSync(lastKey + 1 + place, batch)
    })
    this.#batch.clear()
  }

  #readBatches(): void {
    const second = this.#swarms.second
    this.#tables.batches.resetReadTxn()
    for (const { key, value } of this.#tables.batches.getRange({ start: this.#lastKey + 1 })) {
      this.#lastKey = key
      this.#known.push({ key, second, bytes: value.length })
      this.#knownBytes += value.length
      if (writerOf(value) !== this.#number) this.#apply(value, second)
    }
  }

  #apply(batch: Buffer, second: number): void {
    for (const { hash, peer, left, what } of readBatch(batch)) {
      // The document was removed since, for lack of use.
      if (this.#swarms.get(hash) === undefined && this.#documents.usedHourAsRead(hash) === undefined) continue
      if (what === "here") this.#swarms.hear(hash, peer, second, left)
      else if (what === "stopped") this.#swarms.leave(hash, peer, left)
      else this.#swarms.keepGone(hash, peer, left)
    }
  }

  /** The newest stays however old it is: from its number a new process knows where to start reading. */
  #removeOldBatches(): void {
    const { expiredBefore } = this.#swarms
    let count = 0
    let bytes = 0
    for (const known of this.#known) {
      const isOld = known.second < expiredBefore || this.#knownBytes - bytes > this.#maxLogBytes
      if (!isOld || count === this.#known.length - 1) break
      bytes += known.bytes
      count++
    }
    if (count === 0) return
    const { batches } = this.#tables
    this.#writer.commit(() => {
      for (const { key } of this.#known.slice(0, count)) batches.removeSync(key)
    })
    this.#known.splice(0, count)
    this.#knownBytes -= bytes
  }
}
