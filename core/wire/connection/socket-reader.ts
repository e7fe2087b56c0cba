import { type OnReadOpts, Socket } from "node:net"
import { ProtocolError } from "../../base/errors.js"
import { type ByteTarget, feedOnce } from "../codec/byte-target.js"
import { SCRATCH_BYTES } from "../codec/constants.js"
import type { PeerSocket } from "./peer-socket.js"
import { freeChunk } from "./spent-chunk.js"

/** Notified at the start and end of a delivery, to measure the time that a peer's bytes take on this thread. */
export interface DeliveryMeter {
  begin(): void
  end(): void
}

/** Passes a socket's bytes to the current target: first the handshake, then the messages. */
export class SocketReader {
  #target: ByteTarget
  #onFault: (error: ProtocolError) => void
  #meter: DeliveryMeter | undefined
  #bytesReceived = 0
  #holding = false
  #delivering = false
  #stopped = false
  /** Chunks are this reader's alone: nothing else reads one after it. */
  #ownsChunks = false
  /** Received bytes that are held back, in order. */
  readonly #surplus: Uint8Array[] = []

  /** `onFault` is called once when a target detects a protocol violation; reading stops then. */
  constructor(target: ByteTarget, onFault: (error: ProtocolError) => void) {
    this.#target = target
    this.#onFault = onFault
  }

  get bytesReceived(): number {
    return this.#bytesReceived
  }

  /** For sockets we open (`net.connect`, `tls.connect`): the kernel's bytes go straight into the target, without a copy. */
  onread(): OnReadOpts {
    // TLS reads ahead: bytes that it has decrypted arrive although the socket is paused, and are kept here.
    let held: Uint8Array | undefined
    return {
      buffer: () => {
        held = this.#holding ? new Uint8Array(SCRATCH_BYTES) : undefined
        return held ?? this.#target.target()
      },
      callback: (byteCount) => {
        this.#bytesReceived += byteCount
        if (held !== undefined) this.#take(held.subarray(0, byteCount))
        else if (!this.#stopped) this.#guard(() => this.#target.advance(byteCount))
        return true
      },
    }
  }

  /** For sockets that deliver chunks in their own buffers: accepted ones, for which Node has no `onread`. */
  listen(socket: PeerSocket): void {
    this.#ownsChunks = socket instanceof Socket
    socket.on("data", (chunk: Uint8Array) => {
      this.#bytesReceived += chunk.length
      this.#take(chunk)
    })
  }

  /**
   * From now on `target` has the bytes and `onFault` the faults, but nothing is delivered before `release`. The
   * socket is to be paused with it. May be called from inside the present target's `advance`.
   */
  handOver(target: ByteTarget, onFault: (error: ProtocolError) => void, meter: DeliveryMeter): void {
    this.#target = target
    this.#onFault = onFault
    this.#meter = meter
    this.#holding = true
  }

  /** Delivers nothing until `release`; the socket is to be paused with it. May be called from inside the target's `advance`. */
  hold(): void {
    this.#holding = true
  }

  /** Delivers the held bytes and all that follow. Called from inside the target's `advance`, the outer delivery continues. */
  release(): void {
    this.#holding = false
    if (this.#delivering || this.#stopped) return
    this.#guard(() => this.#target.proceed?.())
    while (!this.#holding && !this.#stopped) {
      const chunk = this.#surplus.shift()
      if (chunk === undefined) return
      this.#take(chunk)
    }
  }

  /** Nothing is delivered any more. */
  stop(): void {
    this.#stopped = true
  }

  #take(chunk: Uint8Array): void {
    if (this.#stopped) return
    if (this.#holding) {
      this.#surplus.push(chunk)
      return
    }
    this.#guard(() => {
      let offset = 0
      while (offset < chunk.length && !this.#holding && !this.#stopped) offset += feedOnce(this.#target, chunk, offset)
      // The first to follow: bytes held before this chunk have been delivered.
      if (this.#holding && offset < chunk.length) this.#surplus.unshift(chunk.subarray(offset))
      else if (this.#ownsChunks) freeChunk(chunk)
    })
  }

  #guard(deliver: () => void): void {
    this.#delivering = true
    this.#meter?.begin()
    try {
      deliver()
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.#stopped = true
      this.#onFault(error)
    } finally {
      this.#delivering = false
      this.#meter?.end()
    }
  }
}
