import { ProtocolError } from "../../base/errors.js"
import { type ByteTarget, feed } from "./byte-target.js"
import { LENGTH_PREFIX_BYTES, MessageId, PIECE_FIELD_BYTES, PIECE_HEADER_BYTES, SCRATCH_BYTES } from "./constants.js"
import { BlockBody, type FrameBody, MessageBody, SkippedBody } from "./frame-body.js"
import { checkFrame, type FrameRules, maxFrameBytes } from "./frame-rules.js"
import type { PeerMessage } from "./messages.js"
import { parseMessage } from "./parse-message.js"
import { readUint32 } from "./uint32.js"

/** Receives decoded messages, in the order of the wire. */
export interface FrameSink {
  /** A whole message. A `piece` is reported when its last byte is in the buffer that `placeBlock` gave. */
  message(message: PeerMessage): void
  /**
   * A `piece` begins: the buffer of exactly `length` bytes it goes into, or undefined to read and discard it (then no
   * `piece` message follows). Index and begin are as the peer sent them, any uint32. The buffer is written to until the
   * piece is reported or nothing more is fed.
   */
  placeBlock(index: number, begin: number, length: number): Uint8Array | undefined
  /** `byteCount` more payload bytes are in place. */
  blockProgress?(byteCount: number): void
}

/**
 * Decodes the messages after the handshake (BEP 3, 6, 10). Pure, incremental and bounded: a length is refused before memory is allocated
 * for it. Messages that fit the scratch are decoded there; payload and long messages are read straight into their final buffer.
 *
 * `bitfield`, `haveAll` and `haveNone` are passed on at any time, though BEP 3 and 6 allow them as the first message only: clients send
 * others before them, and aria2 sends a `bitfield` or `haveAll` later instead of many `have`s. The swarm decides whether one is valid,
 * because that depends on the peer's earlier messages.
 */
export class FrameDecoder implements ByteTarget {
  readonly #rules: FrameRules
  readonly #maxFrameBytes: number
  readonly #sink: FrameSink
  readonly #scratch = new Uint8Array(SCRATCH_BYTES)
  /** Received bytes that are not decoded yet: scratch[start, end). */
  #start = 0
  #end = 0
  /** The target being filled outside the scratch, which is empty then. */
  #body: FrameBody | undefined
  #frameCount = 0
  #halted = false

  constructor(rules: FrameRules, sink: FrameSink) {
    this.#rules = rules
    this.#maxFrameBytes = maxFrameBytes(rules)
    this.#sink = sink
  }

  /** Messages decoded so far, skipped ones and keep-alives included. */
  get frameCount(): number {
    return this.#frameCount
  }

  /** Bytes still to come of a message that has begun; at least 1 while its length is not known, 0 between messages. */
  get pendingBytes(): number {
    if (this.#body !== undefined) return this.#body.remaining
    const received = this.#end - this.#start
    if (received < LENGTH_PREFIX_BYTES) return received === 0 ? 0 : 1
    return Math.max(0, LENGTH_PREFIX_BYTES + readUint32(this.#scratch, this.#start) - received)
  }

  target(): Uint8Array {
    return this.#body === undefined ? this.#scratch.subarray(this.#end) : this.#body.target()
  }

  /** @throws ProtocolError, see `checkFrame` and `parseMessage` */
  advance(byteCount: number): void {
    if (this.#body === undefined) this.#end += byteCount
    else this.#fill(this.#body, byteCount)
    this.#decodeFrames()
  }

  /** Decodes no further message, even of those whose bytes it has, until `halt(false)` and `proceed`. Nothing may be fed meanwhile. */
  halt(halted: boolean): void {
    this.#halted = halted
  }

  /** @throws ProtocolError, as `advance` */
  proceed(): void {
    this.#decodeFrames()
  }

  /** Decodes a chunk that lies elsewhere, copying it. */
  feed(chunk: Uint8Array): void {
    feed(this, chunk)
  }

  #decodeFrames(): void {
    while (!this.#halted && this.#body === undefined && this.#decodeFrame());
    this.#compact()
  }

  /** Decodes what stands at the scratch's start; false when more bytes are needed first. */
  #decodeFrame(): boolean {
    const received = this.#end - this.#start
    if (received < LENGTH_PREFIX_BYTES) return false
    const length = readUint32(this.#scratch, this.#start)
    if (length > this.#maxFrameBytes)
      throw new ProtocolError(
        "frame_too_long",
        `message of ${length} bytes, at most ${this.#maxFrameBytes} are allowed`,
      )
    if (length === 0) return this.#keepAlive()
    if (received < LENGTH_PREFIX_BYTES + 1) return false
    const id = this.#scratch[this.#start + LENGTH_PREFIX_BYTES] ?? 0
    checkFrame(id, length, this.#rules)
    if (id === MessageId.piece) return received >= PIECE_HEADER_BYTES && this.#beginBlock(length)
    if (LENGTH_PREFIX_BYTES + length > SCRATCH_BYTES) return this.#beginLongMessage(id, length)
    if (received < LENGTH_PREFIX_BYTES + length) return false
    return this.#decodeShortMessage(id, length)
  }

  #keepAlive(): boolean {
    this.#start += LENGTH_PREFIX_BYTES
    this.#frameCount++
    this.#sink.message({ type: "keepAlive" })
    return true
  }

  #decodeShortMessage(id: number, length: number): boolean {
    const bodyStart = this.#start + LENGTH_PREFIX_BYTES + 1
    this.#start += LENGTH_PREFIX_BYTES + length
    this.#finish(id, this.#scratch.subarray(bodyStart, this.#start))
    return true
  }

  #beginBlock(length: number): boolean {
    const index = readUint32(this.#scratch, this.#start + 5)
    const begin = readUint32(this.#scratch, this.#start + 9)
    const blockBytes = length - PIECE_FIELD_BYTES
    const place = this.#sink.placeBlock(index, begin, blockBytes)
    if (place !== undefined && place.length !== blockBytes)
      throw new RangeError(`a block of ${blockBytes} bytes can't go into a place of ${place.length}`)
    this.#start += PIECE_HEADER_BYTES
    this.#begin(place === undefined ? new SkippedBody(blockBytes) : new BlockBody(index, begin, place))
    return true
  }

  #beginLongMessage(id: number, length: number): boolean {
    this.#start += LENGTH_PREFIX_BYTES + 1
    const hasParts = this.#rules.partCount !== undefined
    const known = id === MessageId.extended || (id === MessageId.bitfield && hasParts)
    this.#begin(known ? new MessageBody(id, length - 1) : new SkippedBody(length - 1))
    return true
  }

  /** Makes `body` the next target, beginning with its bytes in the scratch. */
  #begin(body: FrameBody): void {
    this.#body = body
    while (this.#start < this.#end && this.#body === body) {
      const space = body.target()
      const byteCount = Math.min(space.length, this.#end - this.#start)
      space.set(this.#scratch.subarray(this.#start, this.#start + byteCount))
      this.#start += byteCount
      this.#fill(body, byteCount)
    }
  }

  #fill(body: FrameBody, byteCount: number): void {
    body.advance(byteCount)
    if (body.remaining === 0) this.#body = undefined
    if (body instanceof BlockBody) this.#sink.blockProgress?.(byteCount)
    if (body.remaining > 0) return
    if (body instanceof MessageBody) this.#finish(body.id, body.bytes)
    else this.#frameCount++
    if (body instanceof BlockBody)
      this.#sink.message({ type: "piece", index: body.index, begin: body.begin, length: body.length })
  }

  #finish(id: number, body: Uint8Array): void {
    this.#frameCount++
    const message = parseMessage(id, body, this.#rules.partCount)
    if (message !== undefined) this.#sink.message(message)
  }

  /** Moves the beginning of an incomplete message to the front, so that the scratch always has room for the rest. */
  #compact(): void {
    if (this.#start === 0) return
    this.#scratch.copyWithin(0, this.#start, this.#end)
    this.#end -= this.#start
    this.#start = 0
  }
}
