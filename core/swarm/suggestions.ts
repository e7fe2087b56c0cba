import type { SwarmPeer } from "./peer.js"

/** Parts that a peer suggests to us (BEP 6). */
export interface Suggestions {
  /** In order, for those that were of use when it said so. */
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

/** Notes a suggested part. A part of no use now is not kept: once it is of use, the reason for the suggestion is outdated. */
export function noteSuggestion({ suggestions }: Suggesting, index: number, isOfUse: boolean, nowMs: number): void {
  suggestions.lastAtMs = nowMs
  if (isOfUse && suggestions.parts.push(index) > MAX_SUGGESTIONS) suggestions.parts.shift()
}

/** Removes the first suggestion, which is of no use any more. */
export function dropSuggestion({ suggestions }: Suggesting): void {
  suggestions.parts.shift()
}

/** It chokes us: what it suggested is void. */
export function forgetSuggestions({ suggestions }: Suggesting): void {
  suggestions.parts.length = 0
}
