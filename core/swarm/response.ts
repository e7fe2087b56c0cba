import { AnswerPace } from "./answer-pace.js"
import type { SwarmPeer } from "./peer.js"

/** How a peer answers our requests. */
export interface Response {
  /** When payload last came, or when it connected. */
  receivedAtMs: number
  /** When bytes of a block last came, or the first request of a new row went out. */
  progressAtMs: number
  /** When the first request of a row went out that has brought no byte yet, and the shortest that such a wait was so far. */
  askedAtMs: number | undefined
  shortestMs: number | undefined
  /** In a steady stream, or in bursts. */
  readonly pace: AnswerPace
  /** See `NewPeer`. */
  readonly handshakeMs: number | undefined
  /** It sent nothing for too long: how often in a row, and whether that is so now. */
  snubs: number
  isSnubbed: boolean
}

/** A peer, as far as its answers are concerned. */
type Answering = Pick<SwarmPeer, "response">

export function createResponse(nowMs: number, handshakeMs?: number): Response {
  return {
    receivedAtMs: nowMs,
    progressAtMs: nowMs,
    askedAtMs: undefined,
    shortestMs: undefined,
    pace: new AnswerPace(),
    handshakeMs,
    snubs: 0,
    isSnubbed: false,
  }
}

/** The first request of a row goes out. */
export function noteFirstRequest({ response }: Answering, nowMs: number): void {
  response.progressAtMs = nowMs
  response.askedAtMs = nowMs
}

/** Payload of a block came. */
export function noteBytes({ response }: Answering, nowMs: number): void {
  response.receivedAtMs = nowMs
  response.progressAtMs = nowMs
  if (response.askedAtMs !== undefined) {
    response.shortestMs = Math.min(response.shortestMs ?? Number.POSITIVE_INFINITY, nowMs - response.askedAtMs)
    response.askedAtMs = undefined
  }
  response.isSnubbed = false
}

/** A whole block came. */
export function noteBlock({ response }: Answering, byteCount: number, askedAtMs: number, nowMs: number): void {
  response.snubs = 0
  response.pace.note(byteCount, askedAtMs, nowMs)
}

/** We did not read from it, for a limit of ours: its silence is our doing. */
export function excuse({ response }: Answering, nowMs: number): void {
  response.progressAtMs = nowMs
}

/** It owes blocks and sent nothing for too long. */
export function noteSnub({ response }: Answering): void {
  response.isSnubbed = true
  response.snubs++
}
