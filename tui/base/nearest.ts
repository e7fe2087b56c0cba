import { closest, distance } from "fastest-levenshtein"

/**
 * The word of `known` that `word` was most likely meant to be, or undefined when none is near: at most a third of its
 * letters differ (at least two may), or it begins with `word`.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const typed = word.toLowerCase()
  const begun = typed.length >= 2 ? known.filter((candidate) => candidate.toLowerCase().startsWith(typed)) : []
  if (begun.length === 1) return begun[0]
  if (known.length === 0 || typed.length > 64) return undefined
  const candidate = closest(typed, known)
  return distance(typed, candidate.toLowerCase()) <= Math.max(2, Math.floor(candidate.length / 3))
    ? candidate
    : undefined
}

/** ', did you mean "download"?' or "": ready to be put after a message. */
export function didYouMean(word: string, known: readonly string[]): string {
  const candidate = nearest(word, known)
  return candidate === undefined ? "" : `, did you mean "${candidate}"?`
}
