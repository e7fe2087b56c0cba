import type { SwarmConfig } from "./config.js"
import type { SwarmPeer } from "./peer.js"
import type { Request } from "./request-book.js"
import { isWanted, type SwarmState } from "./state.js"

/** A part of which a peer refused a block while it served us (BEP 6). */
export interface Refusal {
  /** In a row, without a block of the part in between. */
  readonly times: number
  readonly untilMs: number
}

/** Blocks refused in a row after which a peer counts as serving nothing at the moment (our choice). */
const MAX_REFUSED_IN_A_ROW = 16

/** The requests that a peer refused while it served us. */
export interface Refusals {
  /** By part: it is asked for it again after a wait. */
  readonly parts: Map<number, Refusal>
  /** Blocks it refused, and pauses it was given for that, since the last block that came; when the last pause ends. */
  inARow: number
  pauses: number
  askAgainAtMs: number
}

export function createRefusals(): Refusals {
  return { parts: new Map(), inARow: 0, pauses: 0, askAgainAtMs: Number.NEGATIVE_INFINITY }
}

/**
 * The peer refuses a block although it serves us: it can't read the part, or has too many requests waiting (transmission takes 512). The
 * part is asked of it again after a wait, and no more is asked at a time than it had taken.
 */
export function noteRefusal(config: SwarmConfig, peer: SwarmPeer, { block }: Request, nowMs: number): void {
  const earlier = peer.refusals.parts.get(block.index)
  // Requests that were out together are one refusal.
  if (earlier === undefined || earlier.untilMs <= nowMs) {
    const times = earlier === undefined ? 1 : earlier.times + 1
    peer.refusals.parts.set(block.index, { times, untilMs: nowMs + waitMs(config, times) })
  }
  peer.refusals.inARow++
  if (peer.refusals.inARow < MAX_REFUSED_IN_A_ROW || peer.refusals.askAgainAtMs > nowMs) return
  peer.refusals.pauses++
  peer.refusals.askAgainAtMs = nowMs + waitMs(config, peer.refusals.pauses)
}

/** A block came: the peer serves, and this part of all. */
export function noteServed(peer: SwarmPeer, index: number): void {
  peer.refusals.inARow = 0
  peer.refusals.pauses = 0
  if (peer.refusals.parts.size > 0) peer.refusals.parts.delete(index)
}

/** The part is here. */
export function forgetRefusals(peer: SwarmPeer, index: number): void {
  peer.refusals.parts.delete(index)
}

/** It refused all that it was asked for lately: one block at a time shows whether it still does. */
export function isRefusing(peer: SwarmPeer): boolean {
  return peer.refusals.inARow >= MAX_REFUSED_IN_A_ROW
}

/**
 * Why no wanted part of the peer is a valid source: it refused blocks of each, or each was wrong when it came from the peer alone. Undefined
 * while one valid part is left. The waits between refusals don't count: a peer that was asked again and has not answered still refuses.
 */
export function whyNoSource(state: SwarmState, peer: SwarmPeer): "refuses" | "bad_parts" | undefined {
  if (isRefusing(peer)) return "refuses"
  const bad = state.book.get(peer.contact.address)?.badParts ?? new Set<number>()
  const isLeft = (index: number) => peer.has.parts.has(index) && isWanted(state, index)
  const badCount = countWhere(bad, isLeft)
  const refusedCount = countWhere(peer.refusals.parts.keys(), (index) => isLeft(index) && !bad.has(index))
  if (badCount + refusedCount < peer.interest.wanted) return undefined
  return refusedCount > 0 ? "refuses" : "bad_parts"
}

function countWhere(parts: Iterable<number>, counts: (index: number) => boolean): number {
  let count = 0
  for (const index of parts) if (counts(index)) count++
  return count
}

export function isRefused(peer: SwarmPeer, index: number, nowMs: number): boolean {
  return (peer.refusals.parts.get(index)?.untilMs ?? Number.NEGATIVE_INFINITY) > nowMs
}

function waitMs({ refusalMs, maxRefusalMs }: SwarmConfig, times: number): number {
  return Math.min(maxRefusalMs, refusalMs * 2 ** (times - 1))
}
