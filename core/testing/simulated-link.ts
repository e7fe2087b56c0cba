import type { Clock } from "../base/clock.js"
import type { SimulatedSocket } from "./simulated-socket.js"

/** Sockets share an uplink in turns: the bytes of this time, one standard block at least. */
const TURN_MS = 5
const MIN_TURN_BYTES = 16 * 1024
const MAX_TURN_BYTES = 64 * 1024

/** What leaves at the same moment with the same way to go arrives together. */
interface Departure {
  readonly atMs: number
  readonly bytes: (readonly [socket: SimulatedSocket, chunks: readonly Uint8Array[]])[]
}

/** The line of one machine, each way; rates are bytes per second. Its sockets share it by bytes, as TCP's do. */
export class SimulatedLink {
  readonly clock: Clock
  readonly #upBytesPerSecond: number
  readonly #downBytesPerSecond: number
  /** Sockets with something to send, in the order of their turns. */
  readonly #ready: SimulatedSocket[] = []
  /** By latency. */
  readonly #leaving = new Map<number, Departure>()
  #isSending = false
  #downFreeAtMs = 0

  constructor(clock: Clock, upBytesPerSecond: number, downBytesPerSecond: number) {
    this.clock = clock
    this.#upBytesPerSecond = upBytesPerSecond
    this.#downBytesPerSecond = downBytesPerSecond
  }

  /** The socket takes its turns until it is empty. */
  offer(socket: SimulatedSocket): void {
    this.#ready.push(socket)
    if (!this.#isSending) this.#nextTurn()
  }

  /** These bytes are on their way to the other end. */
  depart(socket: SimulatedSocket, chunks: readonly Uint8Array[]): void {
    const atMs = this.clock.now()
    const { latencyMs } = socket
    const leaving = this.#leaving.get(latencyMs)
    if (leaving?.atMs === atMs) {
      leaving.bytes.push([socket, chunks])
      return
    }
    const departure: Departure = { atMs, bytes: [[socket, chunks]] }
    this.#leaving.set(latencyMs, departure)
    this.clock.after(latencyMs, () => {
      for (const [each, bytes] of departure.bytes) each.far.arrive(bytes)
    })
  }

  /** When `byteCount` bytes that arrive now have been received. */
  comeInAtMs(byteCount: number): number {
    const fromMs = Math.max(this.clock.now(), this.#downFreeAtMs)
    this.#downFreeAtMs = fromMs + millis(byteCount, this.#downBytesPerSecond)
    return this.#downFreeAtMs
  }

  #nextTurn(): void {
    const socket = this.#ready.shift()
    this.#isSending = socket !== undefined
    if (socket === undefined) return
    const fairBytes = Math.max(MIN_TURN_BYTES, Math.floor((this.#upBytesPerSecond * TURN_MS) / 1_000))
    const chunks = socket.takeTurn(Math.min(MAX_TURN_BYTES, fairBytes))
    this.clock.after(millis(lengthOf(chunks), this.#upBytesPerSecond), () => {
      if (socket.endTurn(chunks)) this.#ready.push(socket)
      this.#nextTurn()
    })
  }
}

export function lengthOf(chunks: readonly Uint8Array[]): number {
  let byteCount = 0
  for (const chunk of chunks) byteCount += chunk.length
  return byteCount
}

/** The time that `byteCount` bytes take. */
function millis(byteCount: number, bytesPerSecond: number): number {
  return (byteCount * 1_000) / bytesPerSecond
}
