import type { Clock } from "../../base/clock.js"
import { ANSWERS_LOW_BYTES, PIECE_HEADER_BYTES } from "../codec/constants.js"
import { encodedLength, encodeMessage, encodePieceHeader } from "../codec/encode.js"
import type { OutgoingMessage } from "../codec/messages.js"
import type { PeerSocket } from "./peer-socket.js"

/** Bytes allocated at a time for small messages: a hundred requests. */
const CHUNK_BYTES = 2 * 1024

/**
 * Longest delay of a `have`, ms, so that several share one write: at full speed a part is completed every few milliseconds, and a write for
 * each, to each peer, costs more than the delay (our choice, measured; network latencies are of that size).
 */
const HAVE_DELAY_MS = 20

/** Messages that answer the peer's own. The number of `have`, `request` and the rest is our choice, not the peer's. */
const ANSWERS: ReadonlySet<OutgoingMessage["type"]> = new Set(["choke", "unchoke", "suggest", "allowedFast", "reject"])

export interface OutboxHooks {
  /** Few answers are left to take. */
  onAnswersTaken(): void
}

/**
 * The outgoing messages of one connection. All messages of one turn of the event loop share one write; small messages are encoded into a
 * shared chunk, payload is passed on without a copy. `bufferedBytes` is the memory it holds.
 */
export class Outbox {
  readonly #socket: PeerSocket
  readonly #clock: Clock
  readonly #hooks: OutboxHooks
  /** Small messages: chunk[start, end) is encoded but not written yet. Written bytes are never reused: the kernel may read them. */
  #chunk = new Uint8Array(0)
  #start = 0
  #end = 0
  #corked = false
  #stopDelay: (() => void) | undefined
  #queuedBytes = 0
  #handedOverBytes = 0
  #answerBytes = 0
  /** Of them, in the chunk. */
  #answersInChunk = 0
  /** Callbacks for blocks that are not sent yet. */
  readonly #unsent = new Set<() => void>()

  constructor(socket: PeerSocket, clock: Clock, hooks: OutboxHooks) {
    this.#socket = socket
    this.#clock = clock
    this.#hooks = hooks
  }

  get queuedBytes(): number {
    return this.#queuedBytes
  }

  get handedOverBytes(): number {
    return this.#handedOverBytes
  }

  /** Bytes that the kernel has not taken yet. */
  get bufferedBytes(): number {
    return this.#queuedBytes - this.#handedOverBytes
  }

  /** Bytes of answers that the kernel has not taken yet. */
  get answerBytes(): number {
    return this.#answerBytes
  }

  append(message: OutgoingMessage): void {
    if (message.type === "have") this.#corkSoon()
    else this.#cork()
    const byteCount = encodedLength(message)
    this.#reserve(byteCount)
    this.#end = encodeMessage(message, this.#chunk, this.#end)
    this.#queuedBytes += byteCount
    if (!ANSWERS.has(message.type)) return
    this.#answerBytes += byteCount
    this.#answersInChunk += byteCount
  }

  /** Sends a `piece`; `sent` is called exactly once. */
  appendBlock(index: number, begin: number, bytes: Uint8Array, sent: () => void): void {
    this.#cork()
    this.#reserve(PIECE_HEADER_BYTES)
    this.#end = encodePieceHeader(index, begin, bytes.length, this.#chunk, this.#end)
    this.#queuedBytes += PIECE_HEADER_BYTES + bytes.length
    this.#writeChunk()
    const settle = () => void (this.#unsent.delete(settle) && sent())
    this.#unsent.add(settle)
    this.#socket.write(bytes, () => this.#handedOver(bytes.length, settle))
  }

  /** The socket is closed: blocks are not read any more, and their buffers are released. */
  abandon(): void {
    this.#stopDelay?.()
    for (const settle of this.#unsent) settle()
  }

  #corkSoon(): void {
    if (this.#corked) return
    this.#stopDelay ??= this.#clock.after(HAVE_DELAY_MS, () => this.#cork())
  }

  #cork(): void {
    if (this.#corked) return
    this.#stopDelay?.()
    this.#stopDelay = undefined
    this.#corked = true
    this.#socket.cork()
    // After the poll phase, not in a microtask: a burst of arriving blocks then causes one write of requests.
    this.#clock.soon(() => {
      this.#corked = false
      this.#writeChunk()
      this.#socket.uncork()
    })
  }

  #reserve(byteCount: number): void {
    if (this.#chunk.length - this.#end >= byteCount) return
    this.#writeChunk()
    this.#chunk = new Uint8Array(Math.max(CHUNK_BYTES, byteCount))
    this.#start = 0
    this.#end = 0
  }

  #writeChunk(): void {
    const bytes = this.#chunk.subarray(this.#start, this.#end)
    if (bytes.length === 0) return
    this.#start = this.#end
    const answerBytes = this.#answersInChunk
    this.#answersInChunk = 0
    this.#socket.write(bytes, () => {
      this.#handedOver(bytes.length)
      if (answerBytes > 0) this.#answersTaken(answerBytes)
    })
  }

  #answersTaken(byteCount: number): void {
    this.#answerBytes -= byteCount
    if (this.#answerBytes <= ANSWERS_LOW_BYTES) this.#hooks.onAnswersTaken()
  }

  /** Also called after a failed write: then the socket closes and the bytes are lost. */
  #handedOver(byteCount: number, settle?: () => void): void {
    this.#handedOverBytes += byteCount
    settle?.()
  }
}
