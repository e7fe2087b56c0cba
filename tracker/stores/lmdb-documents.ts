import type { Database, RootDatabase } from "lmdb"
import type { Clock } from "../../core/base/clock.js"
import { TrackerError } from "../../core/base/errors.js"
import { FULL_FORGET_SECONDS, TOUCH_EVERY_SECONDS } from "../peers/peer-store.js"
import { uuidBytes, uuidOf } from "./announce-log.js"
import type { LmdbWriter } from "./lmdb-writer.js"

/**
 * A document's value: this byte, 4 bytes of the hour it was last used in, and 4 bytes of its completions where it has any. The first
 * layout was one byte 1.
 */
const LAYOUT_VERSION = 2
const HOUR_AT = 1
const COMPLETIONS_AT = 5
const MAX_COMPLETIONS = 0xffff_ffff

/** Most documents whose completions one exchange writes, and most that wait for one, so that clients cannot fill either. */
const COMPLETED_PER_EXCHANGE = 500
const MAX_COMPLETED = 100_000

const HOUR_SECONDS = 3_600

/** How often the time that was served is written: a crash loses so much of it. */
const SAVE_EVERY_SECONDS = 600

/** Documents looked at in one exchange: some milliseconds. */
const DOCUMENTS_PER_SWEEP = 2_000

const PROBE_KEY = Buffer.from("probe")
const SERVED_KEY = Buffer.from("served")

export interface LmdbDocumentsOptions {
  readonly clock: Clock
  readonly forgetSeconds: number
  readonly maxDocuments: number
}

/**
 * The documents of an LMDB file, each with the hour it was last used in. Hours are those in which a tracker served on this file,
 * added up over its runs: a clock that is set forgets nothing, nor does a tracker that was off.
 */
export class LmdbDocuments {
  readonly #documents: Database<Buffer, Buffer>
  readonly #meta: Database<Buffer, Buffer>
  readonly #writer: LmdbWriter
  readonly #options: LmdbDocumentsOptions
  readonly #servedBefore: number
  readonly #startedMs: number
  #savedSeconds: number
  /** Used, and not written yet. */
  readonly #used = new Set<string>()
  /** Completions that are not in the file yet. */
  readonly #completed = new Map<string, number>()
  #hour: number
  /** Where the sweep continues; undefined between two sweeps. */
  #sweepFrom: Buffer | undefined
  #sweptHour: number

  constructor(
    root: RootDatabase,
    documents: Database<Buffer, Buffer>,
    writer: LmdbWriter,
    options: LmdbDocumentsOptions,
  ) {
    this.#documents = documents
    this.#meta = root.openDB<Buffer, Buffer>("meta", { encoding: "binary", keyEncoding: "binary" })
    this.#writer = writer
    this.#options = options
    const served = this.#meta.get(SERVED_KEY)
    this.#servedBefore = served?.length === 8 ? served.readDoubleBE() : 0
    this.#startedMs = options.clock.now()
    this.#savedSeconds = this.#servedBefore
    this.#hour = this.#hourNow()
    this.#sweptHour = this.#hour
  }

  get count(): number {
    return (this.#documents.getStats() as { readonly entryCount: number }).entryCount
  }

  /** The hour a document was last used in, as far as the file says; undefined when it is unknown. */
  usedHour(hash: string): number | undefined {
    // lmdb-js keeps reading the state of its last read for a while; another process may have registered it just now.
    this.#documents.resetReadTxn()
    return this.usedHourAsRead(hash)
  }

  /** The same as of what was last read from the file. */
  usedHourAsRead(hash: string): number | undefined {
    const value = this.#documents.get(uuidBytes(hash))
    return value === undefined ? undefined : (decodeHour(value) ?? 0)
  }

  /** Resolves when it is on disk. Rejects with a TrackerError "store_full", or as LmdbWriter does. */
  async add(hash: string): Promise<void> {
    const documents = this.#documents
    if (this.usedHour(hash) === undefined && this.#isFull)
      throw new TrackerError("store_full", "the tracker has as many documents as it may have")
    const key = uuidBytes(hash)
    await this.#writer.durably(() => {
      const before = documents.get(key)
      if (before === undefined || this.#isStale(decodeHour(before)))
        documents.putSync(key, encodeDocument(this.#hour, completionsOf(before)))
    })
  }

  /** Notes that it is used; `storedHour` is what its swarm knows to be written. Returns what it may know from now on. */
  use(hash: string, storedHour: number): number {
    if (!this.#isStale(storedHour)) return storedHour
    this.#used.add(hash)
    return this.#hour
  }

  /** Counts a completion. It is written within a second, so that a crash loses so much of them. */
  complete(hash: string): void {
    if (this.#completed.size < MAX_COMPLETED || this.#completed.has(hash))
      this.#completed.set(hash, (this.#completed.get(hash) ?? 0) + 1)
  }

  /** Those of all processes that are in the file, and those of this one. */
  completions(hash: string): number {
    this.#documents.resetReadTxn()
    return completionsOf(this.#documents.get(uuidBytes(hash))) + (this.#completed.get(hash) ?? 0)
  }

  /** Once a second: writes what was used, and forgets some of what was not. Returns those. Throws what LMDB throws. */
  exchange(isInUse: (hash: string) => boolean): string[] {
    this.#hour = this.#hourNow()
    this.#writeUsed()
    this.#writeCompleted(COMPLETED_PER_EXCHANGE)
    if (this.#servedSeconds - this.#savedSeconds >= SAVE_EVERY_SECONDS) this.save()
    return this.#sweep(isInUse)
  }

  /** Resolves when something of no consequence is on disk. Rejects as LmdbWriter does. */
  probe(): Promise<void> {
    return this.#writer.durably(() => void this.#meta.putSync(PROBE_KEY, Buffer.from([1])))
  }

  /** Writes how long this file was served, and all completions. */
  save(): void {
    this.#writeCompleted(MAX_COMPLETED)
    const seconds = this.#servedSeconds
    const value = Buffer.alloc(8)
    value.writeDoubleBE(seconds)
    this.#writer.commit(() => {
      const before = this.#meta.get(SERVED_KEY)
      // Several processes serve at the same time.
      if (before === undefined || before.readDoubleBE() < seconds) this.#meta.putSync(SERVED_KEY, value)
    })
    this.#savedSeconds = seconds
  }

  get #servedSeconds(): number {
    return this.#servedBefore + (this.#options.clock.now() - this.#startedMs) / 1_000
  }

  #hourNow(): number {
    return Math.floor(this.#servedSeconds / HOUR_SECONDS)
  }

  get #isFull(): boolean {
    return this.count >= this.#options.maxDocuments
  }

  #isStale(hour: number | undefined): boolean {
    const every = Math.min(TOUCH_EVERY_SECONDS, this.#options.forgetSeconds / 2)
    return hour === undefined || (this.#hour - hour) * HOUR_SECONDS >= every
  }

  #writeUsed(): void {
    const stale = [...this.#used].filter((hash) => this.#isStale(this.usedHour(hash)))
    if (stale.length > 0)
      this.#writer.commit(() => {
        for (const hash of stale) {
          const key = uuidBytes(hash)
          const before = this.#documents.get(key)
          if (before !== undefined) this.#documents.putSync(key, encodeDocument(this.#hour, completionsOf(before)))
        }
      })
    this.#used.clear()
  }

  /** In one transaction with what others have written, for each process adds its own. */
  #writeCompleted(limit: number): void {
    const completed = [...this.#completed].slice(0, limit)
    if (completed.length === 0) return
    this.#writer.commit(() => {
      for (const [hash, count] of completed) {
        const key = uuidBytes(hash)
        const before = this.#documents.get(key)
        if (before !== undefined)
          this.#documents.putSync(key, encodeDocument(decodeHour(before) ?? this.#hour, completionsOf(before) + count))
      }
    })
    for (const [hash] of completed) this.#completed.delete(hash)
  }

  #sweep(isInUse: (hash: string) => boolean): string[] {
    const isDue = this.#sweptHour !== this.#hour || this.#isFull
    if (this.#sweepFrom === undefined && !isDue) return []
    const limit = (this.#isFull ? FULL_FORGET_SECONDS : this.#options.forgetSeconds) / HOUR_SECONDS
    const [old, first]: [Buffer[], Buffer[]] = [[], []]
    let last: Buffer | undefined
    let count = 0
    this.#documents.resetReadTxn()
    const start = this.#sweepFrom ?? Buffer.alloc(0)
    for (const { key, value } of this.#documents.getRange({ start, limit: DOCUMENTS_PER_SWEEP })) {
      last = Buffer.from(key)
      count++
      const hour = decodeHour(value)
      if (hour === undefined) first.push(last)
      else if (this.#hour - hour >= limit && !isInUse(uuidOf(key))) old.push(last)
    }
    this.#forget(old, first, limit)
    this.#sweptHour = this.#hour
    // The last one is looked at twice.
    this.#sweepFrom = count < DOCUMENTS_PER_SWEEP ? undefined : last
    return old.map(uuidOf)
  }

  /** `first`: of the first layout, which count as used now. */
  #forget(old: readonly Buffer[], first: readonly Buffer[], limit: number): void {
    if (old.length + first.length === 0) return
    this.#writer.commit(() => {
      for (const key of first) this.#documents.putSync(key, encodeDocument(this.#hour, 0))
      for (const key of old) {
        const value = this.#documents.get(key)
        // Another process may have written just now that it is used.
        if (value !== undefined && this.#hour - (decodeHour(value) ?? this.#hour) >= limit)
          this.#documents.removeSync(key)
      }
    })
  }
}

function encodeDocument(hour: number, completions: number): Buffer {
  const value = Buffer.alloc(completions === 0 ? COMPLETIONS_AT : COMPLETIONS_AT + 4)
  value[0] = LAYOUT_VERSION
  value.writeUInt32BE(hour, HOUR_AT)
  if (completions > 0) value.writeUInt32BE(Math.min(completions, MAX_COMPLETIONS), COMPLETIONS_AT)
  return value
}

function decodeHour(value: Buffer): number | undefined {
  const isKnown =
    value[0] === LAYOUT_VERSION && (value.length === COMPLETIONS_AT || value.length === COMPLETIONS_AT + 4)
  return isKnown ? value.readUInt32BE(HOUR_AT) : undefined
}

function completionsOf(value: Buffer | undefined): number {
  return value?.length === COMPLETIONS_AT + 4 ? value.readUInt32BE(COMPLETIONS_AT) : 0
}
