import { P2pError } from "./errors.js"
import type { Steps } from "./steps.js"

/**
 * Bencode (BEP 3), for untrusted bytes: strict, bounded in depth and size, one typed error.
 *
 * Dictionary keys are byte strings by BEP 3 (a scrape answer uses info hashes as keys), so a key travels as a string of
 * one character per byte (Latin-1). ASCII keys look as expected and no key is lost or made equal to another.
 */
export type BencodeValue = number | Uint8Array | BencodeValue[] | BencodeDictionary

/** A decoded dictionary: no prototype, so "__proto__" is a key like any other. */
export interface BencodeDictionary {
  [key: string]: BencodeValue
}

export interface DecodeLimits {
  /** Lists and dictionaries inside each other, default 32 (no message of any BEP needs more than 5). */
  readonly maxDepth?: number
  /** Bytes of input, default 64 MiB (the cap on torrent files). */
  readonly maxBytes?: number
  /** Values inside it, default 250,000. */
  readonly maxValues?: number
  /**
   * As common clients read what trackers answer, default false: bytes behind the value are ignored, of a key that stands twice the
   * first counts, and integers may have leading zeros or be too large to be exact (then they are infinite, not wrong).
   */
  readonly lenient?: boolean
}

const DEFAULT_MAX_DEPTH = 32
const DEFAULT_MAX_BYTES = 64 * 1024 * 1024

/** Values of one message, whatever their size: 64 MiB of empty strings would take gigabytes. More are read piece by piece (`rawItems`). */
const MAX_VALUES = 250_000

/** Values that are passed over in one step. Our choice: a millisecond. */
const PASSED_AT_ONCE = 16_384

/** Keys of a dictionary that is read piece by piece: 64 MiB of short ones would take gigabytes, too. Our choice. */
const MAX_RAW_ENTRIES = 10_000

const CHAR_INTEGER = 0x69 // "i"
const CHAR_LIST = 0x6c // "l"
const CHAR_DICTIONARY = 0x64 // "d"
const CHAR_END = 0x65 // "e"
const CHAR_COLON = 0x3a // ":"
const CHAR_MINUS = 0x2d // "-"
const CHAR_0 = 0x30
const CHAR_9 = 0x39

/** Bytes of a key from which on a call into Node costs less. Our choice. */
const LONG_KEY = 24

/** Most digits of a safe integer (9007199254740991). */
const MAX_DIGITS = 16

/**
 * Decodes exactly one value that fills `bytes` whole. Byte strings are copies, so `bytes` may be reused.
 * Accepts dictionary keys in any order (common clients send them so) but none twice, and integers only as BEP 3
 * writes them (no "-0", no leading zero) and only safe ones.
 * @throws P2pError "bad_bencode", with the offset of the fault.
 */
export function decodeBencode(bytes: Uint8Array, limits: DecodeLimits = {}): BencodeValue {
  requireSize(bytes, limits)
  const decoder = new Decoder(bytes, limits)
  const value = decoder.value(0)
  if (decoder.position !== bytes.length && limits.lenient !== true)
    throw badBencode(`trailing bytes at offset ${decoder.position}`)
  return value
}

/** Decodes the value that `bytes` begin with, likewise; `rest` is a view of what is behind it. @throws P2pError "bad_bencode". */
export function decodeLeading(
  bytes: Uint8Array,
  limits: DecodeLimits = {},
): { readonly value: BencodeValue; readonly rest: Uint8Array } {
  requireSize(bytes, limits)
  const decoder = new Decoder(bytes, limits)
  const value = decoder.value(0)
  return { value, rest: bytes.subarray(decoder.position) }
}

/**
 * The entries, in steps, of the dictionary that `bytes` consists of, by key, each as its raw bytes: views of `bytes`. Nested values are not built, so
 * it costs no memory however much they hold; they are checked when they are decoded. Raw, because re-encoding could change the order of
 * keys, and an info hash covers the bytes as written.
 * @throws P2pError "bad_bencode" when `bytes` are no dictionary, have a duplicate key, or more than 10,000 keys.
 */
export function* readingEntries(bytes: Uint8Array, limits: DecodeLimits = {}): Steps<ReadonlyMap<string, Uint8Array>> {
  requireSize(bytes, limits)
  const decoder = new Decoder(bytes, limits)
  const entries = yield* decoder.rawEntries()
  if (decoder.position !== bytes.length) throw badBencode(`trailing bytes at offset ${decoder.position}`)
  return entries
}

/**
 * The items of the list that fills `bytes` whole, one after the other, in the same way; undefined after a step that has not come to the end
 * of an item. @throws P2pError "bad_bencode", as it is read.
 */
export function* rawItems(bytes: Uint8Array, limits: DecodeLimits = {}): Generator<Uint8Array | undefined> {
  requireSize(bytes, limits)
  const decoder = new Decoder(bytes, limits)
  yield* decoder.rawItems()
  if (decoder.position !== bytes.length) throw badBencode(`trailing bytes at offset ${decoder.position}`)
}

function requireSize(bytes: Uint8Array, limits: DecodeLimits): void {
  const maxBytes = limits.maxBytes ?? DEFAULT_MAX_BYTES
  if (bytes.length > maxBytes) throw badBencode(`${bytes.length} bytes, at most ${maxBytes} are allowed`)
}

/** True for a decoded dictionary. */
export function isBencodeDictionary(value: BencodeValue | undefined): value is BencodeDictionary {
  return typeof value === "object" && !Array.isArray(value) && !(value instanceof Uint8Array)
}

class Decoder {
  position = 0
  #valueCount = 0
  readonly #bytes: Uint8Array
  readonly #maxDepth: number
  readonly #lenient: boolean
  readonly #maxValues: number

  constructor(bytes: Uint8Array, limits: DecodeLimits) {
    // A slice of a Buffer would be a view.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#maxDepth = limits.maxDepth ?? DEFAULT_MAX_DEPTH
    this.#lenient = limits.lenient ?? false
    this.#maxValues = limits.maxValues ?? MAX_VALUES
  }

  value(depth: number): BencodeValue {
    if (++this.#valueCount > this.#maxValues) throw this.#fault(`more than ${this.#maxValues} values`)
    const first = this.#bytes[this.position]
    if (first === CHAR_INTEGER) return this.#integer()
    if (first !== CHAR_LIST && first !== CHAR_DICTIONARY) return this.#byteString()
    if (depth >= this.#maxDepth) throw this.#fault(`more than ${this.#maxDepth} levels`)
    return first === CHAR_LIST ? this.#list(depth + 1) : this.#dictionary(depth + 1)
  }

  *rawEntries(): Steps<Map<string, Uint8Array>> {
    const entries = new Map<string, Uint8Array>()
    if (!this.#skip(CHAR_DICTIONARY)) throw this.#fault("not a dictionary")
    while (!this.#skip(CHAR_END)) {
      const key = this.#key()
      if (entries.has(key)) throw this.#fault("a dictionary key stands there twice")
      if (entries.size >= MAX_RAW_ENTRIES) throw this.#fault(`more than ${MAX_RAW_ENTRIES} keys`)
      const start = this.position
      yield* this.#passing()
      entries.set(key, this.#bytes.subarray(start, this.position))
    }
    return entries
  }

  *rawItems(): Generator<Uint8Array | undefined> {
    if (!this.#skip(CHAR_LIST)) throw this.#fault("not a list")
    while (!this.#skip(CHAR_END)) {
      const start = this.position
      yield* this.#passing()
      yield this.#bytes.subarray(start, this.position)
    }
  }

  /** Reads over a value inside the outermost one, without building it. */
  *#passing(): Generator<undefined, void> {
    /** First characters of what is open. */
    const open: number[] = []
    for (let count = 1; ; count++) {
      if (open.length === 0 || !this.#skip(CHAR_END)) this.#passOne(open)
      else open.pop()
      if (open.length === 0) return
      if (count % PASSED_AT_ONCE === 0) yield
    }
  }

  /** Reads over a key and a number or a string, or over the key and the beginning of what then is open. */
  #passOne(open: number[]): void {
    if (open.at(-1) === CHAR_DICTIONARY) this.position = this.#endOfByteString()
    const first = this.#bytes[this.position]
    if (first === CHAR_INTEGER) this.#integer()
    else if (first !== CHAR_LIST && first !== CHAR_DICTIONARY) this.position = this.#endOfByteString()
    else {
      if (open.length + 1 >= this.#maxDepth) throw this.#fault(`more than ${this.#maxDepth} levels`)
      this.position++
      open.push(first)
    }
  }

  #list(depth: number): BencodeValue[] {
    this.position++
    const items: BencodeValue[] = []
    while (!this.#skip(CHAR_END)) items.push(this.value(depth))
    return items
  }

  #dictionary(depth: number): BencodeDictionary {
    this.position++
    const entries: BencodeDictionary = Object.create(null)
    while (!this.#skip(CHAR_END)) {
      const key = this.#key()
      const isKnown = key in entries
      if (isKnown && !this.#lenient) throw this.#fault("a dictionary key stands there twice")
      const value = this.value(depth)
      if (!isKnown) entries[key] = value
    }
    return entries
  }

  #integer(): number {
    this.position++
    const negative = this.#skip(CHAR_MINUS)
    const magnitude = this.#lenient ? this.#anyDigits() : this.#digits(CHAR_END)
    if (!negative) return magnitude
    if (magnitude === 0 && !this.#lenient) throw this.#fault("negative zero")
    return magnitude === 0 ? 0 : -magnitude
  }

  #byteString(): Uint8Array {
    const end = this.#endOfByteString()
    const copy = this.#bytes.slice(this.position, end)
    this.position = end
    return copy
  }

  #key(): string {
    const end = this.#endOfByteString()
    let key = ""
    if (end - this.position > LONG_KEY) key = Buffer.from(this.#bytes.subarray(this.position, end)).toString("latin1")
    else for (let at = this.position; at < end; at++) key += String.fromCharCode(this.#bytes[at] ?? 0)
    this.position = end
    return key
  }

  /** Reads the length of a string; where the string ends. */
  #endOfByteString(): number {
    const length = this.#digits(CHAR_COLON)
    const end = this.position + length
    if (end > this.#bytes.length) throw this.#fault(`a string of ${length} bytes in what is left`)
    return end
  }

  /** Reads digits up to and including `delimiter`. */
  #digits(delimiter: number): number {
    const start = this.position
    let sum = 0
    let digit = this.#bytes[this.position]
    while (digit !== undefined && digit >= CHAR_0 && digit <= CHAR_9 && this.position - start < MAX_DIGITS) {
      sum = sum * 10 + (digit - CHAR_0)
      digit = this.#bytes[++this.position]
    }
    const count = this.position - start
    if (count === 0 || digit !== delimiter) throw this.#fault("not a bencoded value")
    if (count > 1 && this.#bytes[start] === CHAR_0) throw this.#fault("a number with a leading zero")
    if (!Number.isSafeInteger(sum)) throw this.#fault("a number beyond 2^53-1")
    this.position++
    return sum
  }

  /** Reads any number of digits and the end of an integer. */
  #anyDigits(): number {
    const start = this.position
    let sum = 0
    let digit = this.#bytes[this.position]
    while (digit !== undefined && digit >= CHAR_0 && digit <= CHAR_9) {
      sum = sum * 10 + (digit - CHAR_0)
      digit = this.#bytes[++this.position]
    }
    if (this.position === start || digit !== CHAR_END) throw this.#fault("not a bencoded value")
    this.position++
    return Number.isSafeInteger(sum) ? sum : Number.POSITIVE_INFINITY
  }

  #skip(char: number): boolean {
    if (this.#bytes[this.position] !== char) return false
    this.position++
    return true
  }

  #fault(what: string): P2pError {
    return badBencode(`${what} at offset ${this.position}`)
  }
}

function badBencode(what: string): P2pError {
  return new P2pError("bad_bencode", `bencode refused: ${what}`)
}
