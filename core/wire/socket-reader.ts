import type { OnReadOpts } from "node:net"
import type { Readable } from "node:stream"
import { ProtocolError } from "../errors.js"
import { type ByteTarget, feedOnce } from "./byte-target.js"
import { SCRATCH_BYTES } from "./constants.js"

/** Takes what a socket receives to whoever is to have it: first the handshake, then the messages. */
export class SocketReader {
  #target: ByteTarget
  #onFault: (error: ProtocolError) => void
  #bytesReceived = 0
  #holding = false
  #stopped = false
  /** What arrived together with the end of a handshake, in order. */
  #surplus: Uint8Array[] = []

  /** `onFault` is told once when a target finds that the protocol was broken; nothing is read after that. */
  constructor(target: ByteTarget, onFault: (error: ProtocolError) => void) {
    this.#target = target
    this.#onFault = onFault
  }

  get bytesReceived(): number {
    return this.#bytesReceived
  }

  /** For sockets we open (`net.connect`, `tls.connect`): the kernel's bytes go straight into the target, without a copy. */
  onread(): OnReadOpts {
    // TLS reads ahead: what it has decrypted already comes although the socket is paused, and is put here meanwhile.
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

  /** For sockets that hand out chunks of their own: accepted ones, for which Node has no `onread`. */
  listen(socket: Readable): void {
    socket.on("data", (chunk: Uint8Array) => {
      this.#bytesReceived += chunk.length
      this.#take(chunk)
    })
  }

  /**
   * From now on `target` has the bytes and `onFault` the faults, but nothing is delivered before `release`. The
   * socket is to be paused with it. May be called from inside the present target's `advance`.
   */
  handOver(target: ByteTarget, onFault: (error: ProtocolError) => void): void {
    this.#target = target
    this.#onFault = onFault
    this.#holding = true
  }

  /** Delivers what was held, and all that follows. */
  release(): void {
    this.#holding = false
    const surplus = this.#surplus
    this.#surplus = []
    for (const chunk of surplus) this.#take(chunk)
  }

  /** Nothing is delivered any more. */
  stop(): void {
    this.#stopped = true
  }

  #take(chunk: Uint8Array): void {
    this.#guard(() => {
      let offset = 0
      while (offset < chunk.length && !this.#holding && !this.#stopped) offset += feedOnce(this.#target, chunk, offset)
      if (this.#holding && offset < chunk.length) this.#surplus.push(chunk.subarray(offset))
    })
  }

  #guard(deliver: () => void): void {
    try {
      deliver()
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.#stopped = true
      this.#onFault(error)
    }
  }
}
