import type { SwarmConfig } from "./config.js"
import { isWanted, type Request, type SwarmPeer, type SwarmState } from "./state.js"

/** A part of which a peer refused a block while it served us (BEP 6). */
export interface Refusal {
  /** In a row, without a block of the part in between. */
  readonly times: number
  readonly untilMs: number
}

/** Refused so many blocks in a row, and it is taken for a peer that serves nothing at the moment (our choice). */
const MAX_REFUSED_IN_A_ROW = 16

/** A queue shorter than this is not believed: a block may be refused for other reasons than their number (our choice). */
const LEAST_QUEUE = 64

/**
 * The peer refuses a block although it serves us: it can't read the part, or has too many requests waiting (transmission takes 512). The
 * part is asked of it again after a wait, and no more is asked at a time than it had taken.
 */
export function noteRefusal(config: SwarmConfig, peer: SwarmPeer, { block }: Request, nowMs: number): void {
  const waiting = peer.requests.size
  if (waiting > LEAST_QUEUE) peer.maxRequests = Math.max(LEAST_QUEUE, Math.floor(waiting * 0.9))
  const earlier = peer.refused.get(block.index)
  // Requests that were out together are one refusal.
  if (earlier === undefined || earlier.untilMs <= nowMs) {
    const times = earlier === undefined ? 1 : earlier.times + 1
    peer.refused.set(block.index, { times, untilMs: nowMs + waitMs(config, times) })
  }
  peer.refusedInARow++
  if (peer.refusedInARow < MAX_REFUSED_IN_A_ROW || peer.askAgainAtMs > nowMs) return
  peer.pauses++
  peer.askAgainAtMs = nowMs + waitMs(config, peer.pauses)
}

/** A block came: the peer serves, and this part of all. */
export function noteServed(peer: SwarmPeer, index: number): void {
  peer.refusedInARow = 0
  peer.pauses = 0
  if (peer.refused.size > 0) peer.refused.delete(index)
}

/** It refused all that it was asked for lately: one block at a time shows whether it still does. */
export function isRefusing(peer: SwarmPeer): boolean {
  return peer.refusedInARow >= MAX_REFUSED_IN_A_ROW
}

/**
 * Why no wanted part of the peer is a valid source: it refused blocks of each, or each was wrong when it came from the peer alone. Undefined
 * while one part is left that may come. The waits between refusals don't count: who is asked again and has not answered still refuses.
 */
export function whyNoSource(state: SwarmState, peer: SwarmPeer): "refuses" | "bad_parts" | undefined {
  if (isRefusing(peer)) return "refuses"
  const bad = state.book.get(peer.address)?.badParts ?? new Set<number>()
  const isLeft = (index: number) => peer.have.has(index) && isWanted(state, index)
  const badCount = countWhere(bad, isLeft)
  const refusedCount = countWhere(peer.refused.keys(), (index) => isLeft(index) && !bad.has(index))
  if (badCount + refusedCount < peer.wanted) return undefined
  return refusedCount > 0 ? "refuses" : "bad_parts"
}

function countWhere(parts: Iterable<number>, counts: (index: number) => boolean): number {
  let count = 0
  for (const index of parts) if (counts(index)) count++
  return count
}

export function isRefused(peer: SwarmPeer, index: number, nowMs: number): boolean {
  return (peer.refused.get(index)?.untilMs ?? Number.NEGATIVE_INFINITY) > nowMs
}

function waitMs({ refusalMs, maxRefusalMs }: SwarmConfig, times: number): number {
  return Math.min(maxRefusalMs, refusalMs * 2 ** (times - 1))
}
