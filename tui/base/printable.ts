import { displayMessage } from "../../core/index.js"

/**
 * Text of unknown origin made harmless on one line of a terminal. The engine does this at its own border; this is for
 * what reaches the terminal past it: arguments, config values, typed lines that come back in messages.
 */
export function printable(text: string): string {
  return displayMessage(text)
}

/** The same for text of several lines: a stack may quote anything. */
export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n")
}

/** What JSON may hold as it is, and a terminal that shows it had better not see: DEL, C1, format and bidi characters, line separators. */
const UNSAFE_IN_JSON = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu

/** JSON on one line that means the same and is harmless on a terminal: what is unsafe there is escaped. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE_IN_JSON, (character) =>
    Array.from({ length: character.length }, (_, unit) => escaped(character.charCodeAt(unit))).join(""),
  )
}

function escaped(codeUnit: number): string {
  return `\\u${codeUnit.toString(16).padStart(4, "0")}`
}
