import type { SwarmPeer } from "./peer.js"

/** Parts that a peer suggests to us (BEP 6). */
export interface Suggestions {
  /** Parts that were useful when they were suggested, in order. */
  readonly parts: number[]
  /** When it last suggested any part. */
  lastAtMs: number
}

/** Suggestions of one peer that are remembered. */
const MAX_SUGGESTIONS = 64

type Suggesting = Pick<SwarmPeer, "suggestions">

export function createSuggestions(): Suggestions {
  return { parts: [], lastAtMs: Number.NEGATIVE_INFINITY }
}

/** Notes a suggested part. A useless one is not kept: once it is useful, the reason for the suggestion is outdated. */
export function noteSuggestion({ suggestions }: Suggesting, index: number, isOfUse: boolean, nowMs: number): void {
  suggestions.lastAtMs = nowMs
  if (isOfUse && suggestions.parts.push(index) > MAX_SUGGESTIONS) suggestions.parts.shift()
}

/** Removes the first suggestion, which is not useful any more. */
export function dropSuggestion({ suggestions }: Suggesting): void {
  suggestions.parts.shift()
}

/** The peer chokes us: its suggestions are void. */
export function forgetSuggestions({ suggestions }: Suggesting): void {
  suggestions.parts.length = 0
}
