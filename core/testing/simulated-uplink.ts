import type { Block } from "../swarm/index.js"
import type { PeerMessage } from "../wire/codec/messages.js"
import type { EventQueue } from "./event-queue.js"

/** What waits in a socket, in order: a message, or what is still to be sent of a block. */
type Waiting = PeerMessage | { readonly type: "block"; readonly block: Block; leftBytes: number }

/** A stretch of a connection as it goes over the wire: part of a block (perhaps all of it), or a message. */
export type Stretch =
  | { readonly type: "message"; readonly message: PeerMessage }
  | {
      readonly type: "bytes"
      readonly block: Block
      readonly byteCount: number
      readonly begins: boolean
      readonly ends: boolean
    }

/** The kernel takes so much of one socket beyond what is on the wire; a block is "sent" when all of it is taken (Linux begins near this). */
const SOCKET_BUFFER_BYTES = 128 * 1024

/** Sockets share an uplink in turns of so many bytes: what passes in this time, one standard block at least. */
const TURN_MS = 5
const MIN_TURN_BYTES = 16 * 1024
const MAX_TURN_BYTES = 64 * 1024

/** One direction of a connection. As in TCP, what is written first arrives first: messages wait behind blocks. */
export class SimulatedSocket {
  /** One way. */
  readonly latencyMs: number
  /** Messages that wait for company (core/wire/connection/outbox.ts), in front of which nothing may go out. */
  readonly held: PeerMessage[] = []
  /** At the far end: stretches that have not come through the downlink yet, and when the last of them will have. */
  landing = 0
  landedAtMs = 0
  isClosed = false
  /** It has blocks to send, or is sending one: whatever is written now waits behind them. */
  isSending = false
  readonly #waiting: Waiting[] = []
  readonly #untaken: { readonly block: Block; readonly endsAtByte: number }[] = []
  #writtenBytes = 0
  #sentBytes = 0

  constructor(latencyMs: number) {
    this.latencyMs = latencyMs
  }

  /** Something waits to be sent. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0
  }

  write(message: PeerMessage): void {
    this.#waiting.push(message)
  }

  writeBlock(block: Block): void {
    this.#writtenBytes += block.length
    this.#waiting.push({ type: "block", block, leftBytes: block.length })
    this.#untaken.push({ block, endsAtByte: this.#writtenBytes })
  }

  /** The blocks that the kernel has taken whole since the last time. */
  takeTaken(): Block[] {
    const taken: Block[] = []
    for (let [next] = this.#untaken; next !== undefined; [next] = this.#untaken) {
      if (next.endsAtByte - this.#sentBytes > SOCKET_BUFFER_BYTES) break
      taken.push(next.block)
      this.#untaken.shift()
    }
    return taken
  }

  /** The next stretches, with `byteCount` bytes of blocks at most, and the messages that follow them at once. */
  takeStretches(byteCount: number): Stretch[] {
    const stretches: Stretch[] = []
    let leftBytes = byteCount
    for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
      if (next.type !== "block") stretches.push({ type: "message", message: next })
      else {
        if (leftBytes === 0) break
        const bytes = Math.min(leftBytes, next.leftBytes)
        const begins = next.leftBytes === next.block.length
        leftBytes -= bytes
        next.leftBytes -= bytes
        this.#sentBytes += bytes
        stretches.push({ type: "bytes", block: next.block, byteCount: bytes, begins, ends: next.leftBytes === 0 })
        if (next.leftBytes > 0) break
      }
      this.#waiting.shift()
    }
    return stretches
  }
}

/** The uplink of one machine: the sockets that have something to send share it in turns, by bytes, as TCP's do. */
export class SimulatedUplink {
  readonly #queue: EventQueue
  readonly #bytesPerSecond: number
  readonly #onSent: (socket: SimulatedSocket, stretches: readonly Stretch[]) => void
  /** Sockets with something to send, in the order of their turns. */
  readonly #ready: SimulatedSocket[] = []
  #isSending = false

  constructor(
    queue: EventQueue,
    bytesPerSecond: number,
    onSent: (socket: SimulatedSocket, stretches: readonly Stretch[]) => void,
  ) {
    this.#queue = queue
    this.#bytesPerSecond = bytesPerSecond
    this.#onSent = onSent
  }

  /** A block was written to the socket: it takes its turns until it is empty. */
  offer(socket: SimulatedSocket): void {
    if (socket.isSending) return
    socket.isSending = true
    this.#ready.push(socket)
    if (!this.#isSending) this.#nextTurn()
  }

  #nextTurn(): void {
    const socket = this.#ready.shift()
    this.#isSending = socket !== undefined
    if (socket === undefined) return
    const fairBytes = Math.max(MIN_TURN_BYTES, (this.#bytesPerSecond * TURN_MS) / 1_000)
    const stretches = socket.isClosed ? [] : socket.takeStretches(Math.min(MAX_TURN_BYTES, fairBytes))
    const turnMs = millis(bytesOf(stretches), this.#bytesPerSecond)
    this.#queue.at(this.#queue.nowMs + turnMs, () => this.#endTurn(socket, stretches))
  }

  #endTurn(socket: SimulatedSocket, stretches: Stretch[]): void {
    if (!socket.isClosed) {
      // Messages written meanwhile have nothing before them any more.
      stretches.push(...socket.takeStretches(0))
      socket.isSending = socket.isWaiting
      if (socket.isWaiting) this.#ready.push(socket)
      this.#onSent(socket, stretches)
    }
    this.#nextTurn()
  }
}

/** Payload bytes in a row of stretches. */
export function bytesOf(stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, each) => sum + (each.type === "bytes" ? each.byteCount : 0), 0)
}

/** How long so many bytes take. */
export function millis(byteCount: number, bytesPerSecond: number): number {
  return (byteCount * 1_000) / bytesPerSecond
}
