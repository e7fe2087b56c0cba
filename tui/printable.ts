import { displayText } from "../core/index.js"

/** Nobody reads further; a path has at most 4,096 bytes on Linux, and a message holds two of them. */
const MAX_LENGTH = 10_000

/**
 * Text of unknown origin made harmless on one line of a terminal. The engine does this at its own border; this is for
 * what reaches the terminal past it: arguments, config values, typed lines that come back in messages.
 */
export function printable(text: string): string {
  return displayText(text, MAX_LENGTH)
}
