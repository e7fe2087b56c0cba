import { folded } from "./folded.js"

/** What one matched letter is worth: at the beginning of a word, behind the letter matched before it, and anywhere else. */
const AT_WORD = 8
const BEHIND = 5
const ANYWHERE = 1

/**
 * How well the letters of `query` are found in `text`, in their order and in any case; undefined when they are not. Of two texts the one
 * with the higher number is more likely meant.
 */
export function fuzzyScore(query: string, text: string): number | undefined {
  const wanted = folded(query).replaceAll(" ", "")
  const given = folded(text)
  // A whole piece of the text beats any letters that are strewn over it.
  const whole = given.indexOf(wanted)
  if (wanted !== "" && whole !== -1)
    return wanted.length * (isWordStart(given, whole) ? 2 * AT_WORD : AT_WORD) - whole / 1_000
  let score = 0
  let place = -1
  for (const letter of wanted) {
    const next = given.indexOf(letter, place + 1)
    if (next === -1) return undefined
    score += isWordStart(given, next) ? AT_WORD : next === place + 1 ? BEHIND : ANYWHERE
    place = next
  }
  return score - given.length / 1_000
}

function isWordStart(text: string, place: number): boolean {
  return place === 0 || /[^\p{L}\p{N}]/u.test(text.charAt(place - 1))
}

/** Of `items` those that match, best first; equal ones, and all for an empty query, stay in their order. */
export function fuzzyMatches<T>(items: readonly T[], query: string, textOf: (item: T) => string): readonly T[] {
  if (query.trim() === "") return items
  return items
    .flatMap((item) => {
      const score = fuzzyScore(query, textOf(item))
      return score === undefined ? [] : [{ item, score }]
    })
    .sort((a, b) => b.score - a.score)
    .map(({ item }) => item)
}
