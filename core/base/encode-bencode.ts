/** Values that can be encoded. Strings become their UTF-8 bytes; undefined dictionary entries are omitted; an iterable is a list. */
export type BencodeInput =
  | number
  | string
  | Uint8Array
  | BencodedText
  | Iterable<BencodeInput>
  | { readonly [key: string]: BencodeInput | undefined }

/** Bencoded values of a list, one after the other, that stand in the output as they are. */
export class BencodedText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** A text as bencode has it. */
export function bencodedString(text: string): string {
  return `${Buffer.byteLength(text)}:${text}`
}

/** Bytes per output chunk. The first is small: most values are, and a client may encode thousands of them at its start. Our choice. */
const FIRST_CHUNK_BYTES = 1_024
const CHUNK_BYTES = 64 * 1024

/**
 * Encodes a value in the one canonical form: dictionary keys sorted as raw bytes.
 * @throws RangeError for what bencode can't say (a fraction, an unsafe integer, a key with a character above U+00FF).
 */
export function encodeBencode(value: BencodeInput): Uint8Array {
  const chunks: Uint8Array[] = []
  writeBencode(value, (bytes) => chunks.push(new Uint8Array(bytes)))
  const [first = new Uint8Array(0), ...others] = chunks
  return others.length === 0 ? first : new Uint8Array(Buffer.concat(chunks))
}

/** Encodes likewise, in pieces for `sink`, which may keep none of them: an info dictionary of 500,000 files need not be in memory to be hashed. */
export function writeBencode(value: BencodeInput, sink: (bytes: Uint8Array) => void): void {
  const writer = new Writer(sink)
  writer.value(value)
  writer.flush()
}

class Writer {
  readonly #sink: (bytes: Uint8Array) => void
  #buffer = Buffer.allocUnsafe(FIRST_CHUNK_BYTES)
  #used = 0

  constructor(sink: (bytes: Uint8Array) => void) {
    this.#sink = sink
  }

  value(value: BencodeInput): void {
    if (typeof value === "number") {
      if (!Number.isSafeInteger(value)) throw new RangeError(`bencode has safe integers only, got ${value}`)
      // `+ 0` turns -0 into 0, which is the only zero that bencode knows.
      this.#text(`i${value + 0}e`)
    } else if (typeof value === "string") {
      this.#text(`${Buffer.byteLength(value)}:`)
      this.#text(value)
    } else if (value instanceof Uint8Array) {
      this.#text(`${value.length}:`)
      this.#bytes(value)
    } else if (value instanceof BencodedText) {
      this.#text(value.text)
    } else if (isList(value)) {
      this.#text("l")
      for (const item of value) this.value(item)
      this.#text("e")
    } else {
      this.#dictionary(value)
    }
  }

  flush(): void {
    if (this.#used > 0) this.#sink(this.#buffer.subarray(0, this.#used))
    this.#used = 0
  }

  #dictionary(entries: { readonly [key: string]: BencodeInput | undefined }): void {
    this.#text("d")
    // Keys hold one byte per character, so the default sort (by UTF-16 unit) is the order of the raw bytes.
    for (const key of Object.keys(entries).sort()) {
      const value = entries[key]
      if (value === undefined) continue
      const keyBytes = Buffer.from(key, "latin1")
      if (keyBytes.toString("latin1") !== key)
        throw new RangeError(`a key holds one byte per character, got ${JSON.stringify(key)}`)
      this.value(keyBytes)
      this.value(value)
    }
    this.#text("e")
  }

  #text(text: string): void {
    // A character takes at most three bytes for each of its UTF-16 units.
    if (this.#hasRoomFor(text.length * 3)) this.#used += this.#buffer.write(text, this.#used)
    else this.#bytes(Buffer.from(text))
  }

  #bytes(bytes: Uint8Array): void {
    if (!this.#hasRoomFor(bytes.length)) return this.#sink(bytes)
    this.#buffer.set(bytes, this.#used)
    this.#used += bytes.length
  }

  /** Empties the chunk, and takes a larger one, where that makes room. */
  #hasRoomFor(byteCount: number): boolean {
    if (byteCount <= this.#buffer.length - this.#used) return true
    this.flush()
    if (this.#buffer.length < CHUNK_BYTES) this.#buffer = Buffer.allocUnsafe(CHUNK_BYTES)
    return byteCount <= this.#buffer.length
  }
}

function isList(value: Iterable<BencodeInput> | object): value is Iterable<BencodeInput> {
  return Symbol.iterator in value
}
