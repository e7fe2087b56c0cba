import { TorrentFileError } from "../base/errors.js"
import { MAX_FOLDER_ENTRIES } from "./folder-bounds.js"

/** Brackets that open a list or an object; a file in `Files` has two. */
const MAX_OPEN_BRACKETS = 10_000 + 2 * MAX_FOLDER_ENTRIES

/** So few take JSON.parse no memory worth counting, whatever their depth; ours have three without `Files`. */
const HARMLESS_BRACKETS = 10_000

/** Ours has five levels; the rest is for keys that we don't know. */
const MAX_DEPTH = 64

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b])
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d])

/**
 * Refuses JSON that would take JSON.parse gigabytes and many seconds, before it is parsed: 64 MiB of brackets do. Brackets in strings do not
 * count where there are many.
 * @throws TorrentFileError.
 */
export function refuseBrackets(text: string): void {
  if (!hasMoreThan(text, HARMLESS_BRACKETS)) return
  let count = 0
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char === QUOTE) at = endOfString(text, at)
    else if (OPENING.has(char)) {
      if (++count > MAX_OPEN_BRACKETS) throw refused(`more than ${MAX_OPEN_BRACKETS} lists and objects`)
      if (++depth > MAX_DEPTH) throw refused(`more than ${MAX_DEPTH} lists and objects inside each other`)
    } else if (CLOSING.has(char)) depth--
  }
}

/** Counts brackets in strings too: a search costs a tenth of the walk above. */
function hasMoreThan(text: string, allowed: number): boolean {
  let count = 0
  for (const bracket of ["[", "{"])
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1))
      if (++count > allowed) return true
  return false
}

/** Offset of the quote that ends the string which begins at `start`; the end of the text where none does. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let backslashes = 0
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++
    if (backslashes % 2 === 0) return at
  }
  return text.length
}

function refused(what: string): TorrentFileError {
  return new TorrentFileError("(file)", `torrent file: ${what}`)
}
