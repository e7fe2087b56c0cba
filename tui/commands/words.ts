import { CommandLineError, type Span } from "./command-line-error.js"

/** One word of a command line, quotes taken off. */
export interface Word {
  readonly text: string
  /** Where it stands in the line; undefined for words that came one by one, as a shell hands them over. */
  readonly span: Span | undefined
}

/** A line as it was typed, or the words that a shell has split already. */
export type GivenCommand = string | readonly string[]

/** Bytes of one line of commands: more than two paths of 4,096 bytes with every byte escaped. Our choice. */
export const MAX_LINE_BYTES = 64 * 1024

/** The words of a command. Throws CommandLineError as `splitWords`, and "line_too_long". */
export function wordsOf(given: GivenCommand): readonly Word[] {
  if (typeof given !== "string") return given.map((text) => ({ text, span: undefined }))
  if (Buffer.byteLength(given) <= MAX_LINE_BYTES) return splitWords(given)
  throw new CommandLineError("line_too_long", `a line may have ${MAX_LINE_BYTES} bytes, and has more`, undefined)
}

/**
 * Splits a command line into words. White space separates; '…' keeps everything as it is; in "…" a backslash keeps
 * the next quote or backslash; outside quotes it keeps any next character. Nothing is expanded.
 * Throws CommandLineError ("open_quote", "open_escape") that says where.
 */
export function splitWords(line: string): readonly Word[] {
  const words: Word[] = []
  let at = 0
  while (at < line.length) {
    if (isSpace(line[at])) at++
    else {
      const word = readWord(line, at)
      words.push(word.word)
      at = word.end
    }
  }
  return words
}

function isSpace(char: string | undefined): boolean {
  return char === " " || char === "\t" || char === "\r" || char === "\n"
}

function readWord(line: string, start: number): { word: Word; end: number } {
  let text = ""
  let at = start
  while (at < line.length && !isSpace(line[at])) {
    const char = line[at]
    if (char === "'" || char === '"') {
      const quoted = readQuoted(line, at, char)
      text += quoted.text
      at = quoted.end
    } else if (char === "\\") {
      if (at + 1 >= line.length) {
        throw new CommandLineError("open_escape", "the line ends after a backslash", { start: at, end: at + 1 })
      }
      text += line[at + 1]
      at += 2
    } else {
      text += char
      at++
    }
  }
  return { word: { text, span: { start, end: at } }, end: at }
}

function readQuoted(line: string, start: number, quote: string): { text: string; end: number } {
  let text = ""
  let at = start + 1
  while (at < line.length) {
    const char = line[at]
    if (char === quote) return { text, end: at + 1 }
    const next = line[at + 1]
    if (char === "\\" && quote === '"' && (next === '"' || next === "\\")) {
      text += next
      at += 2
    } else {
      text += char
      at++
    }
  }
  throw new CommandLineError("open_quote", `the quote ${quote} at column ${start + 1} is never closed`, {
    start,
    end: line.length,
  })
}

/** A word as it must be typed: quoted where it has to be. Inverse of `splitWords` for one word. */
export function quoteWord(text: string): string {
  if (text !== "" && !/[\s'"\\]/.test(text)) return text
  return `"${text.replace(/["\\]/g, "\\$&")}"`
}
