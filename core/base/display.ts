import { WORD_JOINER } from "./joiners.js"

/** What stands in for a character that must not reach a terminal or a log. */
const REPLACEMENT = "\uFFFD"

/**
 * Everything that could move the cursor, start an escape sequence, turn the writing direction or hide: controls
 * (C0, DEL, C1), format characters (bidi, joiners, tags), lone surrogates, private use, unassigned, line separators.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u

/** Joiners in pictures are harmless but make the width uncertain, others are invisible; the text is readable without them. */
const DROPPED = /[\u200C\u200D]/u
const KEPT = new RegExp(WORD_JOINER, "u")

const WHITE_SPACE = /[\t\n\r]/u

/** Longest message of an event, characters: two paths of 4,096 bytes fit. */
const MAX_MESSAGE_LENGTH = 10_000

/**
 * Makes a string that came from elsewhere (a peer, a tracker, a torrent file, a file name) fit to show and to log
 * on a terminal that its characters could steer: one line, no control, escape or bidi characters, at most `maxLength` code points, the last of them
 * "…" when something was cut. Costs O(maxLength) however long `text` is.
 */
export function displayText(text: string, maxLength: number): string {
  // Nearly all displayed text is harmless, and there is much of it.
  if (text.length <= maxLength && !UNSAFE.test(text)) return text
  // At most two UTF-16 units make a code point; a few more show whether anything was cut.
  const codePoints = [...text.slice(0, 2 * maxLength + 2)]
  const shown: string[] = []
  for (const [at, character] of codePoints.entries()) {
    const isJoiner = DROPPED.test(character)
    const isKept = isJoiner && KEPT.test(`${codePoints[at - 1] ?? ""}${character}${codePoints[at + 1] ?? ""}`)
    if (isJoiner && !isKept) continue
    if (shown.length === maxLength) return cutShort(shown)
    shown.push(isKept ? character : displayCharacter(character))
  }
  return shown.join("")
}

/** One fewer and "…", without a joiner before it. */
function cutShort(shown: readonly string[]): string {
  const kept = shown.slice(0, -1)
  while (DROPPED.test(kept.at(-1) ?? "")) kept.pop()
  return [...kept, "…"].join("")
}

/** A whole message that may quote such strings (paths above all), fit to show and to log. */
export function displayMessage(message: string): string {
  return displayText(message, MAX_MESSAGE_LENGTH)
}

function displayCharacter(character: string): string {
  if (WHITE_SPACE.test(character)) return " "
  return UNSAFE.test(character) ? REPLACEMENT : character
}
