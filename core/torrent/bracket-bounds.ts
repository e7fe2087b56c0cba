import { TorrentFileError } from "../base/errors.js"
import { atOnce, type Steps } from "../base/steps.js"
import { MAX_FOLDER_ENTRIES } from "./folder-bounds.js"

/** Brackets that open a list or an object; a file in `Files` has two. */
const MAX_OPEN_BRACKETS = 10_000 + 2 * MAX_FOLDER_ENTRIES

/** Brackets or keys for which JSON.parse takes no memory worth counting, whatever their depth and names; ours have three and seven without `Files`. */
const HARMLESS_COUNT = 10_000

/** Names of keys beyond those: objects of ever new forms take hundreds of bytes each. A file has three; the rest is for what we don't know. */
const MAX_KEY_NAMES = 32

/** Ours has five levels; the rest is for keys that we don't know. */
const MAX_DEPTH = 64

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const LIST_START = 0x5b
const LIST_END = 0x5d
const OBJECT_START = 0x7b
const OBJECT_END = 0x7d

/** Characters that are looked at in one step. Our choice: some milliseconds. */
const LOOKED_AT_ONCE = 1024 * 1024

/**
 * Refuses JSON for which JSON.parse would take gigabytes and many seconds, before it is parsed: 64 MiB of brackets do, and so do keys. The
 * contents of long strings do not count.
 * @throws TorrentFileError.
 */
export function refuseBrackets(text: string): void {
  atOnce(refusingBrackets(text))
}

/** The same in steps. */
export function* refusingBrackets(text: string): Steps<void> {
  if (yield* isHarmless(text)) return
  const walk = new Walk(text)
  while (walk.at < text.length) {
    walk.to(walk.at + LOOKED_AT_ONCE)
    yield
  }
}

class Walk {
  at = 0
  readonly #text: string
  readonly #counts = new Counts()
  #stringStart = 0
  #stringEnd = 0

  constructor(text: string) {
    this.#text = text
  }

  /** Goes on to `end`, or to the end of the string that it is in. */
  to(end: number): void {
    const text = this.#text
    const last = Math.min(end, text.length)
    let at = this.at
    for (; at < last; at++) {
      const char = text.charCodeAt(at)
      if (char === QUOTE) {
        this.#stringStart = at + 1
        this.#stringEnd = endOfString(text, at)
        at = this.#stringEnd
      } else if (char === LIST_START || char === OBJECT_START) this.#counts.open()
      else if (char === LIST_END || char === OBJECT_END) this.#counts.close()
      else if (char === COLON && this.#counts.isBeyondHarmlessKeys())
        this.#counts.name(text.slice(this.#stringStart, this.#stringEnd))
    }
    this.at = at
  }
}

/** The counts so far, outside of strings. */
class Counts {
  #brackets = 0
  #depth = 0
  #keys = 0
  readonly #names = new Set<string>()

  open(): void {
    if (++this.#brackets > MAX_OPEN_BRACKETS) throw refused(`more than ${MAX_OPEN_BRACKETS} lists and objects`)
    if (++this.#depth > MAX_DEPTH) throw refused(`more than ${MAX_DEPTH} lists and objects inside each other`)
  }

  close(): void {
    this.#depth--
  }

  /** Counts one more key. */
  isBeyondHarmlessKeys(): boolean {
    return ++this.#keys > HARMLESS_COUNT
  }

  name(key: string): void {
    if (this.#names.add(key).size > MAX_KEY_NAMES)
      throw refused(`more than ${HARMLESS_COUNT} keys, with more than ${MAX_KEY_NAMES} names`)
  }
}

/** Counts in strings, too: a search costs a tenth of the walk above. */
function* isHarmless(text: string): Steps<boolean> {
  return !(yield* hasMoreThan(text, ["[", "{"])) && !(yield* hasMoreThan(text, [":"]))
}

function* hasMoreThan(text: string, characters: readonly string[]): Steps<boolean> {
  let count = 0
  for (const character of characters) {
    for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1))
      if (++count > HARMLESS_COUNT) return true
    yield
  }
  return false
}

/** Offset of the quote that ends the string which begins at `start`; the end of the text where none does. */
export function endOfString(text: string, start: number): number {
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
