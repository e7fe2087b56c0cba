import type { ByteTarget } from "./byte-target.js"

/** What of a message lies outside the decoder's scratch, while it is being read. */
export type FrameBody = BlockBody | MessageBody | SkippedBody

/** The payload of a `piece`, read straight into the place it was given. */
export class BlockBody implements ByteTarget {
  readonly index: number
  readonly begin: number
  readonly #place: Uint8Array
  #filled = 0

  constructor(index: number, begin: number, place: Uint8Array) {
    this.index = index
    this.begin = begin
    this.#place = place
  }

  get length(): number {
    return this.#place.length
  }

  get remaining(): number {
    return this.#place.length - this.#filled
  }

  target(): Uint8Array {
    return this.#place.subarray(this.#filled)
  }

  advance(byteCount: number): void {
    this.#filled += byteCount
  }
}

/** A message that is longer than the scratch: a bitfield or an extended message. */
export class MessageBody implements ByteTarget {
  readonly id: number
  readonly bytes: Uint8Array
  #filled = 0

  constructor(id: number, length: number) {
    this.id = id
    this.bytes = new Uint8Array(length)
  }

  get remaining(): number {
    return this.bytes.length - this.#filled
  }

  target(): Uint8Array {
    return this.bytes.subarray(this.#filled)
  }

  advance(byteCount: number): void {
    this.#filled += byteCount
  }
}

/** Buffer for bytes to discard, shared by all connections: its contents are never read. */
const DISCARDED = new Uint8Array(64 * 1024)

/** An unrequested block or unknown message: read and discarded. */
export class SkippedBody implements ByteTarget {
  remaining: number

  constructor(length: number) {
    this.remaining = length
  }

  target(): Uint8Array {
    return DISCARDED.subarray(0, this.remaining)
  }

  advance(byteCount: number): void {
    this.remaining -= byteCount
  }
}
