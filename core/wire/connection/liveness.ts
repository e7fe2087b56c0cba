import { KEEP_ALIVE_AFTER_MS, STALL_BYTES_PER_SECOND, STALL_CLOSE_MS } from "../codec/constants.js"
import { type CloseReason, FRAME_STALLED, IDLE, SEND_STALLED } from "./close-reason.js"

/** Counters of one connection at a tick. Bytes and counts since its start, unless noted otherwise. */
export interface Traffic {
  readonly bytesReceived: number
  readonly framesReceived: number
  /** Bytes still to come of the message being received, 0 between messages. */
  readonly pendingBytes: number
  /** How often we stopped reading, and whether we do now: a silence of our own making is no fault. */
  readonly readPauses: number
  readonly readPaused: boolean
  /** Bytes given to send, bytes of them the kernel took, and bytes waiting now. */
  readonly bytesQueued: number
  readonly bytesHandedOver: number
  readonly bufferedBytes: number
}

/** Decides at every tick whether a connection still lives. Pure: compares counters, so that traffic itself costs nothing. */
export class Liveness {
  readonly #idleCloseMs: number
  #last: Traffic | undefined
  #receivedAtMs: number
  #queuedAtMs: number
  /** Since when the present message is incomplete, and the present send unfinished; and how much each was then. */
  #frame: Wait
  #send: Wait

  constructor(nowMs: number, idleCloseMs: number) {
    this.#idleCloseMs = idleCloseMs
    this.#receivedAtMs = nowMs
    this.#queuedAtMs = nowMs
    this.#frame = { sinceMs: nowMs, byteCount: 0 }
    this.#send = { sinceMs: nowMs, byteCount: 0 }
  }

  /** "keepAlive": we have been silent for long, send one. A reason: close. */
  check(nowMs: number, traffic: Traffic): "keepAlive" | CloseReason | undefined {
    const last = this.#last
    this.#last = traffic
    this.#note(nowMs, traffic, last)
    if (isOverdue(this.#send, nowMs, STALL_CLOSE_MS)) return SEND_STALLED
    if (isOverdue(this.#frame, nowMs)) return FRAME_STALLED
    if (nowMs - this.#receivedAtMs >= this.#idleCloseMs) return IDLE
    return nowMs - this.#queuedAtMs >= KEEP_ALIVE_AFTER_MS ? "keepAlive" : undefined
  }

  #note(nowMs: number, now: Traffic, last: Traffic | undefined): void {
    const pausedByUs = now.readPaused || now.readPauses !== (last?.readPauses ?? 0)
    if (pausedByUs || now.bytesReceived !== (last?.bytesReceived ?? 0)) this.#receivedAtMs = nowMs
    if (now.bytesQueued !== (last?.bytesQueued ?? 0)) this.#queuedAtMs = nowMs
    const newFrame = now.pendingBytes === 0 || now.framesReceived !== (last?.framesReceived ?? 0)
    this.#frame = follow(this.#frame, pausedByUs || newFrame, now.pendingBytes, nowMs)
    const sendMoved = now.bufferedBytes === 0 || now.bytesHandedOver !== (last?.bytesHandedOver ?? 0)
    this.#send = follow(this.#send, sendMoved, now.bufferedBytes, nowMs)
  }
}

interface Wait {
  readonly sinceMs: number
  readonly byteCount: number
}

function follow(wait: Wait, moved: boolean, byteCount: number, nowMs: number): Wait {
  // A message whose length was not known yet at the tick before may turn out larger, never smaller, than thought.
  return moved
    ? { sinceMs: nowMs, byteCount }
    : { sinceMs: wait.sinceMs, byteCount: Math.max(wait.byteCount, byteCount) }
}

function isOverdue(wait: Wait, nowMs: number, mostExtraMs = Number.POSITIVE_INFINITY): boolean {
  const extraMs = Math.min(mostExtraMs, (wait.byteCount / STALL_BYTES_PER_SECOND) * 1_000)
  return nowMs - wait.sinceMs >= STALL_CLOSE_MS + extraMs
}
