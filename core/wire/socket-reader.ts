import type { OnReadOpts } from "node:net"
import type { Readable } from "node:stream"
import { ProtocolError } from "../errors.js"
import { type ByteTarget, feedOnce } from "./byte-target.js"

/** Takes what a socket receives to whoever is to have it: first the handshake, then the messages. */
export class SocketReader {
  #target: ByteTarget
  #onFault: (error: ProtocolError) => void
  #bytesReceived = 0
  #holding = false
  #stopped = false
  /** The rest of a chunk that arrived together with the end of a handshake. */
  #surplus: Uint8Array = new Uint8Array(0)

  /** `onFault` is told once when a target finds that the protocol was broken; nothing is read after that. */
  constructor(target: ByteTarget, onFault: (error: ProtocolError) => void) {
    this.#target = target
    this.#onFault = onFault
  }

  get bytesReceived(): number {
    return this.#bytesReceived
  }

  /** For sockets we open (`net.connect`): the kernel's bytes go straight into the target, without a copy. */
  onread(): OnReadOpts {
    return {
      buffer: () => this.#target.target(),
      callback: (byteCount) => {
        this.#bytesReceived += byteCount
        if (!this.#stopped) this.#guard(() => this.#target.advance(byteCount))
        return true
      },
    }
  }

  /** For sockets that hand out chunks of their own (accepted ones, TLS): Node has no `onread` for those. */
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
    this.#surplus = new Uint8Array(0)
    this.#take(surplus)
  }

  /** Nothing is delivered any more. */
  stop(): void {
    this.#stopped = true
  }

  #take(chunk: Uint8Array): void {
    this.#guard(() => {
      let offset = 0
      while (offset < chunk.length && !this.#holding && !this.#stopped) offset += feedOnce(this.#target, chunk, offset)
      if (this.#holding) this.#surplus = chunk.subarray(offset)
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
