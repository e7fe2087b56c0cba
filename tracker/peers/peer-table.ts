import type { Random } from "../../core/base/clock.js"
import { hashOf, keyOf, randomStride } from "./peer-keys.js"
import { type TableRecord, UNKNOWN_LEFT } from "./table-record.js"

/** Said of an announce that changed something: earlier than every second. */
export const NEWS = -1

/** Words behind the key: state, both halves of the bytes left, rate. */
const VALUE_WORDS = 4
const TWO_32 = 0x1_0000_0000

/**
 * The peers of one document and one address family in a single Int32Array: dense records, and behind them an
 * open-addressing index over their keys. 32 to 64 bytes an IPv4 peer where a Map of objects takes 300 and more, one
 * allocation for the collector to see, and a random sample costs what it returns.
 *
 *     record: key words (IPv4 2, IPv6 5: address, port), one state word: seconds last seen << 1 | seeder,
 *             2 words of the bytes left, 1 word of bytes per second
 *     index:  twice the capacity of slots; 0 is empty, otherwise record number + 1
 */
export class PeerTable {
  /** Bytes of one compact peer: 6 or 18. */
  readonly peerBytes: number
  readonly #keyWords: number
  readonly #recordWords: number
  #words: Int32Array
  #capacity: number
  #size = 0
  #seeders = 0
  #version = 0
  /** No record was last seen before this second; a sweep before it has expired would find nothing. */
  #oldestSecond = Number.POSITIVE_INFINITY

  /** `peerBytes`: 6 (IPv4) or 18 (IPv6). */
  constructor(peerBytes: 6 | 18) {
    this.peerBytes = peerBytes
    this.#keyWords = peerBytes === 6 ? 2 : 5
    this.#recordWords = this.#keyWords + VALUE_WORDS
    this.#capacity = 2
    this.#words = new Int32Array(this.#wordsFor(this.#capacity))
  }

  get size(): number {
    return this.#size
  }

  get seeders(): number {
    return this.#seeders
  }

  /** Rises whenever a peer comes or goes. */
  get version(): number {
    return this.#version
  }

  /** Bytes held, for the figures. */
  get memoryBytes(): number {
    return this.#words.byteLength
  }

  /**
   * Adds a peer or updates its last announce. `second`: whole seconds, 0 to 2^30. `left`: bytes, 0 of a seeder, or UNKNOWN_LEFT.
   * Returns the second of the announce before, or NEWS when the set of peers or of seeders changed.
   */
  put(peer: Uint8Array, second: number, left: number): number {
    if (this.#size === this.#capacity) this.#resize(this.#capacity * 2)
    const key = keyOf(peer, this.#keyWords)
    const slot = this.#findSlot(key, 0)
    const entry = this.#words[slot] ?? 0
    const record = entry === 0 ? this.#size : entry - 1
    const stateAt = record * this.#recordWords + this.#keyWords
    const before = this.#words[stateAt] ?? 0
    const wasSeeder = entry !== 0 && (before & 1) === 1
    if (entry === 0) {
      this.#words.set(key.subarray(0, this.#keyWords), record * this.#recordWords)
      this.#words[slot] = record + 1
      this.#words[stateAt + 3] = 0
      this.#size++
      this.#version++
    } else this.#noteRate(stateAt, second - (before >>> 1), left)
    const seeder = left === 0
    this.#words[stateAt] = (second << 1) | (seeder ? 1 : 0)
    this.#words[stateAt + 1] = left
    this.#words[stateAt + 2] = left === UNKNOWN_LEFT ? -1 : Math.floor(left / TWO_32)
    this.#seeders += Number(seeder) - Number(wasSeeder)
    this.#oldestSecond = Math.min(this.#oldestSecond, second)
    return entry === 0 || wasSeeder !== seeder ? NEWS : before >>> 1
  }

  /** Two announces in one second say nothing about a rate, nor do bytes that became more (a check, another start). */
  #noteRate(stateAt: number, seconds: number, left: number): void {
    if (seconds <= 0) return
    const before = this.#leftAt(stateAt)
    const fetched = left === UNKNOWN_LEFT || before === UNKNOWN_LEFT ? 0 : Math.max(0, before - left)
    this.#words[stateAt + 3] = Math.min(Math.round(fetched / seconds), TWO_32 - 1)
  }

  #leftAt(stateAt: number): number {
    const high = this.#words[stateAt + 2] ?? 0
    return high === -1 ? UNKNOWN_LEFT : high * TWO_32 + ((this.#words[stateAt + 1] ?? 0) >>> 0)
  }

  /** Those last heard of in this second or later that lack something. Walks the table only when some were heard of earlier. */
  countLeechersSince(second: number): number {
    if (this.#oldestSecond >= second) return this.#size - this.#seeders
    let count = 0
    for (let at = this.#keyWords; at < this.#size * this.#recordWords; at += this.#recordWords) {
      const state = this.#words[at] ?? 0
      if ((state & 1) === 0 && state >>> 1 >= second) count++
    }
    return count
  }

  find(peer: Uint8Array): TableRecord | undefined {
    const entry = this.#words[this.#findSlot(keyOf(peer, this.#keyWords), 0)] ?? 0
    return entry === 0 ? undefined : this.recordAt(entry - 1)
  }

  /** Some peer of the same address and another port that lacks something, or lacks nothing. Walks the table. */
  findOfHost(peer: Uint8Array, isSeeder: boolean): TableRecord | undefined {
    const key = keyOf(peer, this.#keyWords)
    for (let record = 0; record < this.#size; record++) {
      const at = record * this.#recordWords
      let word = 0
      while (word < this.#keyWords - 1 && this.#words[at + word] === key[word]) word++
      const isSameState = ((this.#words[at + this.#keyWords] ?? 0) & 1) === Number(isSeeder)
      if (word === this.#keyWords - 1 && isSameState) return this.recordAt(record)
    }
    return undefined
  }

  /** Bytes left of every peer, in the order of records. */
  *lefts(): Generator<number> {
    for (let record = 0; record < this.#size; record++) yield this.#leftAt(record * this.#recordWords + this.#keyWords)
  }

  /** `index`: 0-based, < size; valid until the table changes. */
  recordAt(index: number): TableRecord {
    const peer = new Uint8Array(this.peerBytes)
    const recordAt = index * this.#recordWords
    this.#writeCompact(peer, 0, recordAt)
    const stateAt = recordAt + this.#keyWords
    const [second, bytesPerSecond] = [(this.#words[stateAt] ?? 0) >>> 1, (this.#words[stateAt + 3] ?? 0) >>> 0]
    return { peer, second, left: this.#leftAt(stateAt), bytesPerSecond }
  }

  has(peer: Uint8Array): boolean {
    return this.#words[this.#findSlot(keyOf(peer, this.#keyWords), 0)] !== 0
  }

  /** Removes a peer; false when it was not there. */
  remove(peer: Uint8Array): boolean {
    const slot = this.#findSlot(keyOf(peer, this.#keyWords), 0)
    if (this.#words[slot] === 0) return false
    this.#removeAt(slot)
    this.#shrink()
    return true
  }

  /**
   * Removes every peer last seen before `second` and tells `onExpired` of each; returns how many. Walks the table only when there may be
   * one.
   */
  sweep(second: number, onExpired?: (record: TableRecord) => void): number {
    if (this.#oldestSecond >= second) return 0
    const sizeBefore = this.#size
    let oldest = Number.POSITIVE_INFINITY
    for (let record = this.#size - 1; record >= 0; record--) {
      const seen = (this.#words[record * this.#recordWords + this.#keyWords] ?? 0) >>> 1
      // Backwards, so that the record that takes a removed one's place was looked at already.
      if (seen < second) {
        const expired = onExpired && this.recordAt(record)
        this.#removeAt(this.#findSlot(this.#words, record * this.#recordWords))
        if (expired !== undefined) onExpired?.(expired)
      } else oldest = Math.min(oldest, seen)
    }
    this.#oldestSecond = oldest
    this.#shrink()
    return sizeBefore - this.#size
  }

  /**
   * Writes up to `limit` peers but `except` into `out` at `offset`, in compact form; returns the bytes written. All of
   * them when they fit, else a random sample: a random start and a random stride that shares no factor with the size,
   * so that no peer comes twice and each is as likely as any other.
   */
  sample(out: Uint8Array, offset: number, limit: number, except: Uint8Array | undefined, random: Random): number {
    const size = this.#size
    if (size === 0 || limit === 0) return 0
    const skipped = except === undefined ? -1 : (this.#words[this.#findSlot(keyOf(except, this.#keyWords), 0)] ?? 0) - 1
    const everyone = size - (skipped === -1 ? 0 : 1) <= limit
    const stride = everyone ? 1 : randomStride(size, random)
    let record = everyone ? 0 : Math.floor(random() * size)
    let at = offset
    const end = offset + limit * this.peerBytes
    for (let step = 0; step < size && at < end; step++) {
      if (record !== skipped) at = this.#writeCompact(out, at, record * this.#recordWords)
      record += stride
      if (record >= size) record -= size
    }
    return at - offset
  }

  #writeCompact(out: Uint8Array, start: number, recordAt: number): number {
    let at = start
    const portAt = recordAt + this.#keyWords - 1
    for (let word = recordAt; word < portAt; word++) {
      const value = this.#words[word] ?? 0
      out[at++] = value >>> 24
      out[at++] = value >>> 16
      out[at++] = value >>> 8
      out[at++] = value
    }
    const port = this.#words[portAt] ?? 0
    out[at++] = port >>> 8
    out[at++] = port
    return at
  }

  #wordsFor(capacity: number): number {
    return capacity * (this.#recordWords + 2)
  }

  /** The index slot that holds the key found at `keys[keyAt]`, or the empty slot where it belongs. */
  #findSlot(keys: Int32Array, keyAt: number): number {
    const words = this.#words
    const indexAt = this.#capacity * this.#recordWords
    const mask = this.#capacity * 2 - 1
    let place = hashOf(keys, keyAt, this.#keyWords) & mask
    for (;;) {
      const entry = words[indexAt + place] ?? 0
      if (entry === 0 || this.#sameKey((entry - 1) * this.#recordWords, keys, keyAt)) return indexAt + place
      place = (place + 1) & mask
    }
  }

  #sameKey(recordAt: number, keys: Int32Array, keyAt: number): boolean {
    for (let word = 0; word < this.#keyWords; word++)
      if (this.#words[recordAt + word] !== keys[keyAt + word]) return false
    return true
  }

  /** Takes a record out by moving the last one into its place, and closes the gap in the index. */
  #removeAt(slot: number): void {
    const words = this.#words
    const record = (words[slot] ?? 1) - 1
    const recordAt = record * this.#recordWords
    if (((words[recordAt + this.#keyWords] ?? 0) & 1) === 1) this.#seeders--
    this.#closeGap(slot)
    const last = --this.#size
    this.#version++
    if (record === last) return
    const lastAt = last * this.#recordWords
    words[this.#findSlot(words, lastAt)] = record + 1
    words.copyWithin(recordAt, lastAt, lastAt + this.#recordWords)
  }

  /** Linear probing needs no tombstones: entries behind the gap that may move into it do (Knuth 6.4, algorithm R). */
  #closeGap(slot: number): void {
    const words = this.#words
    const indexAt = this.#capacity * this.#recordWords
    const mask = this.#capacity * 2 - 1
    let gap = slot - indexAt
    let place = gap
    words[indexAt + gap] = 0
    for (;;) {
      place = (place + 1) & mask
      const entry = words[indexAt + place] ?? 0
      if (entry === 0) return
      const home = hashOf(words, (entry - 1) * this.#recordWords, this.#keyWords) & mask
      if (((place - home) & mask) < ((place - gap) & mask)) continue
      words[indexAt + gap] = entry
      words[indexAt + place] = 0
      gap = place
    }
  }

  /** Gives memory back once three quarters stand empty; not sooner, so that a peer that comes and goes moves nothing. */
  #shrink(): void {
    let capacity = this.#capacity
    while (capacity > 2 && this.#size <= capacity / 4) capacity /= 2
    if (capacity !== this.#capacity) this.#resize(capacity)
  }

  #resize(capacity: number): void {
    const old = this.#words
    this.#capacity = capacity
    this.#words = new Int32Array(this.#wordsFor(capacity))
    this.#words.set(old.subarray(0, this.#size * this.#recordWords))
    for (let record = 0; record < this.#size; record++)
      this.#words[this.#findSlot(this.#words, record * this.#recordWords)] = record + 1
  }
}
