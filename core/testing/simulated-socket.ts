import type { PeerSocket } from "../wire/connection/peer-socket.js"
import { lengthOf, type SimulatedLink } from "./simulated-link.js"

/** Bytes that the kernel accepts per socket beyond those on the wire; a write has then completed (Linux begins near this). */
const SOCKET_BUFFER_BYTES = 128 * 1024

/** Bytes that are sent before the other end reads (as a TCP window). */
const WINDOW_BYTES = 256 * 1024

/** A few messages with nothing before them cost no time on the line. */
const FREE_BYTES = 2 * 1024

interface Waiting {
  readonly bytes: Uint8Array
  sentBytes: number
}

type Listeners = {
  readonly data: ((chunk: Uint8Array) => void)[]
  readonly end: (() => void)[]
  readonly close: (() => void)[]
  readonly error: ((error: Error) => void)[]
}

/** One end of a connection in memory. As in TCP, bytes arrive in the order of writing. */
export class SimulatedSocket implements PeerSocket {
  /** The other end. */
  far: SimulatedSocket = this
  /** One way. */
  readonly latencyMs: number
  readonly #link: SimulatedLink
  readonly #listeners: Listeners = { data: [], end: [], close: [], error: [] }
  readonly #waiting: Waiting[] = []
  readonly #untaken: { readonly taken: () => void; readonly endsAtByte: number }[] = []
  #waitingBytes = 0
  #writtenBytes = 0
  #isCorked = false
  /** It has its place among the turns of the uplink. */
  #isOffered = false
  /** What arrived and was not read. */
  readonly #unread: Uint8Array[] = []
  #unreadBytes = 0
  #isPaused = false
  #isResuming = false
  /** Bytes that have not come through the downlink yet, and when the last of them will have. */
  #landing = 0
  #landedAtMs = 0
  #isClosed = false

  constructor(link: SimulatedLink, latencyMs: number) {
    this.#link = link
    this.latencyMs = latencyMs
  }

  /** Two ends that are joined. */
  static pair(near: SimulatedLink, far: SimulatedLink, latencyMs: number): [SimulatedSocket, SimulatedSocket] {
    const [one, other] = [new SimulatedSocket(near, latencyMs), new SimulatedSocket(far, latencyMs)]
    one.far = other
    other.far = one
    return [one, other]
  }

  on<Event extends keyof Listeners>(event: Event, listener: Listeners[Event][number]): void {
    const listeners: Listeners[Event][number][] = this.#listeners[event]
    listeners.push(listener)
  }

  once(event: "close", listener: () => void): void {
    this.on(event, listener)
  }

  write(bytes: Uint8Array, taken: () => void): void {
    if (this.#isClosed) return
    this.#waiting.push({ bytes, sentBytes: 0 })
    this.#waitingBytes += bytes.length
    this.#writtenBytes += bytes.length
    this.#untaken.push({ taken, endsAtByte: this.#writtenBytes })
    if (!this.#isCorked) this.#flush()
  }

  cork(): void {
    this.#isCorked = true
  }

  uncork(): void {
    this.#isCorked = false
    this.#flush()
  }

  pause(): void {
    this.#isPaused = true
  }

  /** Reads on after this turn, as node's sockets do. */
  resume(): void {
    this.#isPaused = false
    if (this.#isResuming || this.#unread.length === 0) return
    this.#isResuming = true
    this.#link.clock.soon(() => {
      this.#isResuming = false
      this.#read()
      this.far.#flush()
    })
  }

  destroy(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    const { clock } = this.#link
    clock.soon(() => {
      for (const listen of this.#listeners.close) listen()
    })
    const { far } = this
    clock.after(this.latencyMs, () => far.#hearEnd())
  }

  /** The next bytes that go out, `most` at most. */
  takeTurn(most: number): Uint8Array[] {
    const chunks: Uint8Array[] = []
    let leftBytes = this.#isClosed || this.far.#isFull ? 0 : most
    for (let [next] = this.#waiting; next !== undefined && leftBytes > 0; [next] = this.#waiting) {
      const { bytes, sentBytes } = next
      const chunk = bytes.subarray(sentBytes, sentBytes + leftBytes)
      chunks.push(chunk)
      leftBytes -= chunk.length
      this.#waitingBytes -= chunk.length
      next.sentBytes += chunk.length
      if (next.sentBytes === bytes.length) this.#waiting.shift()
    }
    return chunks
  }

  /** The bytes of a turn are out. True when more want to go. */
  endTurn(chunks: Uint8Array[]): boolean {
    if (!this.#isClosed) {
      if (this.#waitingBytes <= FREE_BYTES) chunks.push(...this.takeTurn(FREE_BYTES))
      if (chunks.length > 0) this.#link.depart(this, chunks)
    }
    this.#isOffered = !this.#isClosed && this.#waitingBytes > 0 && !this.far.#isFull
    this.#noteTaken()
    return this.#isOffered
  }

  /** Bytes have come over the wire. Those of blocks take their turn on the downlink, and what follows waits behind them. */
  arrive(chunks: readonly Uint8Array[]): void {
    const byteCount = lengthOf(chunks)
    const isFree = byteCount <= FREE_BYTES
    if (isFree && this.#landing === 0) return this.#receive(chunks)
    const { clock } = this.#link
    if (!isFree) this.#landedAtMs = this.#link.comeInAtMs(byteCount)
    this.#landing++
    clock.after(Math.max(0, this.#landedAtMs - clock.now()), () => {
      this.#landing--
      this.#receive(chunks)
    })
  }

  get #isFull(): boolean {
    return this.#unreadBytes >= WINDOW_BYTES
  }

  #flush(): void {
    if (this.#isClosed || this.#waitingBytes === 0) return
    this.#noteTaken()
    if (this.#isOffered || this.far.#isFull) return
    if (this.#waitingBytes > FREE_BYTES) {
      this.#isOffered = true
      return this.#link.offer(this)
    }
    this.#link.depart(this, this.takeTurn(FREE_BYTES))
  }

  #noteTaken(): void {
    const takenToByte = this.#writtenBytes - this.#waitingBytes + SOCKET_BUFFER_BYTES
    for (let [next] = this.#untaken; next !== undefined; [next] = this.#untaken) {
      if (this.#isClosed || next.endsAtByte > takenToByte) return
      this.#untaken.shift()
      next.taken()
    }
  }

  #receive(chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) {
      this.#unread.push(chunk)
      this.#unreadBytes += chunk.length
    }
    if (!this.#isResuming) this.#read()
  }

  #read(): void {
    while (!this.#isPaused && !this.#isClosed) {
      const chunk = this.#unread.shift()
      if (chunk === undefined) return
      this.#unreadBytes -= chunk.length
      for (const listen of this.#listeners.data) listen(chunk)
    }
  }

  /** Not before the bytes sent earlier have arrived. */
  #hearEnd(): void {
    const waitMs = this.#landedAtMs - this.#link.clock.now()
    if (waitMs > 0) return void this.#link.clock.after(waitMs, () => this.#hearEnd())
    if (!this.#isClosed) for (const listen of this.#listeners.end) listen()
  }
}
