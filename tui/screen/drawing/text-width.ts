import stringWidth from "string-width"

/**
 * ASCII without controls, and what glyphs.ts draws (lines, blocks, shades, arrows, dots, the lock): one cell each. Most of the
 * screen is made of these, and needs no look into the width tables. The text is the inside of a character class.
 */
export const NARROW_CHARACTERS = String.raw`\x20-\x7E\u00B7\u203A\u2026\u2190-\u2193\u2500-\u259F\u25D8`

const NARROW = new RegExp(`^[${NARROW_CHARACTERS}]*$`)

/** Sequences that set a style: no cells. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const STYLES = /\x1B\[[\d;:]*m/g

/**
 * Columns that `text` takes on a terminal. The bundled programs use this in Ink too (tui/patches/patches.ts), where the width
 * of bars was the largest cost of a frame.
 */
export default function textWidth(text: string): number {
  if (NARROW.test(text)) return text.length
  const plain = text.replace(STYLES, "")
  return NARROW.test(plain) ? plain.length : stringWidth(plain)
}

/** Is every character of `text`, but for styles, one cell wide on every terminal? */
export function isNarrow(text: string): boolean {
  return NARROW.test(text) || NARROW.test(text.replace(STYLES, ""))
}
