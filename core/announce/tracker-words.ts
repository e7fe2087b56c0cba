/** Of a tracker's own words, as much as fits a line or two. */
const MAX_SHOWN_CHARACTERS = 200

/** A tracker's text without anything a terminal obeys: controls, escapes, directional marks become U+FFFD (hostile.md 9). */
export function trackerWords(text: string): string {
  return text.slice(0, MAX_SHOWN_CHARACTERS).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, "\ufffd")
}
