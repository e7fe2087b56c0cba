import { formatAddress, type PeerAddress } from "../../address/address.js"
import { ANSWERS_HIGH_BYTES, FOREIGN_IDLE_CLOSE_MS, IDLE_CLOSE_MS, SEND_LIMIT_BYTES } from "../codec/constants.js"
import { FrameDecoder, type FrameSink } from "../codec/decode.js"
import type { Handshake } from "../codec/handshake.js"
import { LARGE_BLOCK_BYTES, type OutgoingMessage, type PeerMessage } from "../codec/messages.js"
import { isOwnKind } from "../codec/peer-id.js"
import { type CloseReason, protocolBroken, REMOTE_ENDED, SEND_OVERFLOW, socketFailed } from "./close-reason.js"
import { Liveness } from "./liveness.js"
import { Outbox } from "./outbox.js"
import type { PeerSocket } from "./peer-socket.js"
import type { Pulse } from "./pulse.js"
import { ReadBudget } from "./read-budget.js"
import type { SocketReader } from "./socket-reader.js"

/** Handlers of a connection's owner. None is called after `onClose`, nor after the owner called `close` (except `onClose`). */
export interface PeerHandlers {
  onMessage(message: PeerMessage): void
  /**
   * A block begins. The buffer that is returned, of exactly `length` bytes, is written to until its `piece` message came
   * or the connection closed, whatever else happens; undefined reads the block and drops it, and no `piece` message follows.
   * All three numbers are as the peer sent them.
   */
  placeBlock(index: number, begin: number, length: number): Uint8Array | undefined
  /** `byteCount` more payload bytes are in their place. */
  onBlockProgress?(byteCount: number): void
  /** The last call. The socket is closed, no buffer is in use any more, every `sent` was called. */
  onClose(reason: CloseReason): void
}

/** How a connection begins: both handshakes are over, the socket is paused and `reader` holds what came after them. */
export interface PeerConnectionOptions {
  readonly socket: PeerSocket
  readonly reader: SocketReader
  readonly remote: PeerAddress
  readonly direction: "incoming" | "outgoing"
  /** The peer's handshake; ours offers all supported extensions. */
  readonly handshake: Handshake
  /** Parts of the document; undefined while its description is not known. */
  readonly partCount: number | undefined
  readonly encrypted: boolean
  /** From our handshake to the peer's, where we dialled. */
  readonly handshakeMs?: number
  readonly pulse: Pulse
}

/**
 * Why a connection is not read, one bit each: it has no owner yet, its owner holds it, the peer's messages took too much time, or the peer
 * does not accept our answers.
 */
const Pause = { start: 1, owner: 2, budget: 4, answers: 8 } as const

/** Messages between two looks at the clock: a chunk holds thousands, and a look costs about as much as the cheapest of them. */
const MESSAGES_BETWEEN_LOOKS = 32

/** One established connection to one peer for one document. Reads nothing before `start`. */
export class PeerConnection {
  /** Where the peer is now ("host:port", normal form); for incoming ones not where it listens. */
  readonly address: string
  readonly remote: PeerAddress
  readonly direction: "incoming" | "outgoing"
  readonly encrypted: boolean
  /** See `PeerConnectionOptions`. */
  readonly handshakeMs: number | undefined
  /** Uint8Array, 20 bytes each. */
  readonly peerId: Uint8Array
  readonly infoHash: Uint8Array
  /** Both sides speak BEP 6, BEP 10. */
  readonly supportsFast: boolean
  readonly supportsExtensions: boolean
  readonly #socket: PeerSocket
  readonly #reader: SocketReader
  readonly #decoder: FrameDecoder
  readonly #outbox: Outbox
  readonly #liveness: Liveness
  readonly #unwatch: () => void
  #handlers: PeerHandlers | undefined
  #closeReason: CloseReason | undefined
  #socketClosed = false
  readonly #pulse: Pulse
  readonly #budget: ReadBudget
  /** Reasons not to read, of `Pause`. */
  #pauses: number = Pause.start
  #readPauses = 0
  #stopThrottle: (() => void) | undefined
  /** Since when the peer's messages take time that has not been counted, and how many came since. */
  #deliveringSinceMs: number
  #uncountedMessages = 0

  constructor(options: PeerConnectionOptions) {
    const { socket, reader, handshake, pulse } = options
    this.remote = options.remote
    this.address = formatAddress(options.remote)
    this.direction = options.direction
    this.encrypted = options.encrypted
    this.handshakeMs = options.handshakeMs
    this.peerId = handshake.peerId
    this.infoHash = handshake.infoHash
    this.supportsFast = handshake.supportsFast
    this.supportsExtensions = handshake.supportsExtensions
    this.#socket = socket
    this.#reader = reader
    this.#decoder = new FrameDecoder(
      {
        partCount: options.partCount,
        maxBlockBytes: LARGE_BLOCK_BYTES,
        supportsFast: this.supportsFast,
        supportsExtensions: this.supportsExtensions,
      },
      this.#sink(),
    )
    this.#pulse = pulse
    this.#budget = new ReadBudget(pulse.now())
    this.#deliveringSinceMs = pulse.now()
    this.#outbox = new Outbox(socket, pulse.clock, {
      onAnswersTaken: () => this.#resume(Pause.answers),
    })
    this.#liveness = new Liveness(pulse.now(), isOwnKind(this.peerId) ? IDLE_CLOSE_MS : FOREIGN_IDLE_CLOSE_MS)
    this.#unwatch = pulse.watch((nowMs) => this.#checkLiveness(nowMs))
    this.#decoder.halt(true)
    reader.handOver(this.#decoder, (error) => this.#close(protocolBroken(error)), {
      begin: () => this.#beginDelivery(),
      end: () => this.#countTime(),
    })
    socket.pause()
    socket.on("end", () => this.#close(REMOTE_ENDED))
    // Never removed: an 'error' that comes after the end must not become an uncaught exception.
    socket.on("error", (error: Error) => this.#close(socketFailed(error)))
    socket.once("close", () => this.#onSocketClosed())
  }

  /** True from the moment the end is decided; `onClose` follows when the socket is down. */
  get closed(): boolean {
    return this.#closeReason !== undefined
  }

  /** Bytes given to send that the kernel has not taken yet. */
  get bufferedBytes(): number {
    return this.#outbox.bufferedBytes
  }

  /** Bytes received, protocol included. */
  get bytesReceived(): number {
    return this.#reader.bytesReceived
  }

  /** Bytes that the kernel has taken, protocol included. */
  get bytesSent(): number {
    return this.#outbox.handedOverBytes
  }

  /** Begins to read; called once. A connection that has ended calls `onClose` at once. */
  start(handlers: PeerHandlers): void {
    this.#handlers = handlers
    if (this.#socketClosed) queueMicrotask(() => handlers.onClose(this.#closeReason ?? REMOTE_ENDED))
    if (this.closed) return
    this.#resume(Pause.start)
  }

  /** Sends a small message; all of one turn of the event loop leave in one write. Does nothing once closed. */
  send(message: OutgoingMessage): void {
    if (this.closed) return
    this.#outbox.append(message)
    if (this.#outbox.answerBytes > ANSWERS_HIGH_BYTES) this.#pause(Pause.answers)
    if (this.#outbox.bufferedBytes > SEND_LIMIT_BYTES) this.#close(SEND_OVERFLOW)
  }

  /**
   * Sends a block without copying it: `bytes` must stay as they are until `sent` is called, exactly once, when the
   * kernel has them or the connection is over.
   */
  sendPiece(index: number, begin: number, bytes: Uint8Array, sent: () => void): void {
    if (this.closed) return queueMicrotask(sent)
    const byteCount = bytes.length
    this.#outbox.appendBlock(index, begin, bytes, () => {
      this.#budget.earn(byteCount)
      sent()
    })
  }

  /** Back-pressure: delivery stops at once, also of bytes already read. May be called from a message handler. */
  pauseReading(): void {
    this.#pause(Pause.owner)
  }

  resumeReading(): void {
    this.#resume(Pause.owner)
  }

  /** Ends the connection at once; `code` is snake_case, `message` one clause to show. Only the first reason counts. */
  close(code: string, message: string): void {
    this.#close({ kind: "local", code, message })
  }

  /** The handlers while they may be called. */
  get #open(): PeerHandlers | undefined {
    return this.closed ? undefined : this.#handlers
  }

  #sink(): FrameSink {
    return {
      message: (message) => {
        this.#open?.onMessage(message)
        if (++this.#uncountedMessages >= MESSAGES_BETWEEN_LOOKS) this.#countTime()
      },
      placeBlock: (index, begin, length) => this.#open?.placeBlock(index, begin, length),
      blockProgress: (byteCount) => {
        this.#budget.earn(byteCount)
        this.#open?.onBlockProgress?.(byteCount)
      },
    }
  }

  #beginDelivery(): void {
    this.#deliveringSinceMs = this.#pulse.now()
    this.#uncountedMessages = 0
  }

  #countTime(): void {
    if (this.closed) return
    const nowMs = this.#pulse.now()
    const isThrottled = this.#stopThrottle !== undefined
    const others = this.#pulse.throttledCount - (isThrottled ? 1 : 0)
    const waitMs = this.#budget.spend(nowMs - this.#deliveringSinceMs, nowMs, others)
    this.#deliveringSinceMs = nowMs
    this.#uncountedMessages = 0
    if (waitMs === 0 || isThrottled) return
    this.#pulse.throttledCount++
    this.#pause(Pause.budget)
    this.#stopThrottle = this.#pulse.clock.after(Math.ceil(waitMs), () => this.#endThrottle())
  }

  #endThrottle(): void {
    if (this.#stopThrottle === undefined) return
    this.#stopThrottle()
    this.#stopThrottle = undefined
    this.#pulse.throttledCount--
    this.#resume(Pause.budget)
  }

  #pause(reason: number): void {
    if (this.closed) return
    const wasPaused = this.#pauses !== 0
    this.#pauses |= reason
    if (wasPaused) return
    this.#readPauses++
    this.#decoder.halt(true)
    this.#reader.hold()
    this.#socket.pause()
  }

  #resume(reason: number): void {
    const wasPaused = this.#pauses !== 0
    this.#pauses &= ~reason
    if (!wasPaused || this.#pauses !== 0 || this.closed) return
    this.#decoder.halt(false)
    this.#reader.release()
    // The held bytes may have caused the next pause.
    if (this.#pauses === 0 && !this.closed) this.#socket.resume()
  }

  #checkLiveness(nowMs: number): void {
    const verdict = this.#liveness.check(nowMs, {
      bytesReceived: this.#reader.bytesReceived,
      framesReceived: this.#decoder.frameCount,
      pendingBytes: this.#decoder.pendingBytes,
      readPauses: this.#readPauses,
      readPaused: this.#pauses !== 0,
      bytesQueued: this.#outbox.queuedBytes,
      bytesHandedOver: this.#outbox.handedOverBytes,
      bufferedBytes: this.#outbox.bufferedBytes,
    })
    if (verdict === "keepAlive") this.send({ type: "keepAlive" })
    else if (verdict !== undefined) this.#close(verdict)
  }

  #close(reason: CloseReason): void {
    if (this.closed) return
    this.#closeReason = reason
    this.#unwatch()
    this.#endThrottle()
    this.#reader.stop()
    this.#socket.destroy()
  }

  #onSocketClosed(): void {
    this.#close(REMOTE_ENDED)
    this.#socketClosed = true
    this.#outbox.abandon()
    this.#handlers?.onClose(this.#closeReason ?? REMOTE_ENDED)
  }
}
