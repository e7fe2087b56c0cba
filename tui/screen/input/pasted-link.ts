import { isLink, tidyLink } from "../../../core/index.js"

/** The link that a pasted text is, in one word; undefined for another text. Line breaks have become blanks, and a link has none. */
export function pastedLink(text: string): string | undefined {
  if (!isLink(text)) return undefined
  return tidyLink(text.replace(/[\s>]+/g, "")) ?? tidyLink(text)
}

/** Whether a line holds the key of a private document: it is not kept. */
export function holdsKey(line: string): boolean {
  return /p2p-tui:\S*#/i.test(line)
}
