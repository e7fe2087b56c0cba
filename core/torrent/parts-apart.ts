import { decodingUtf8 } from "../base/decode-utf8.js"
import type { Steps } from "../base/steps.js"
import { DIGEST_BYTES } from "./digests.js"

const KEY = '"Parts"'

/** Begins a character that is written as a number: the key and what stands for the list can be written so, too. */
const ESCAPE = "\\u"

/** Stands in the text in place of the list. */
export const PARTS_STAND_APART = "(its parts stand apart)"

/**
 * A torrent file without the entries of `Parts`, and these as they are in it: 1,000,000 digests take 43 MB there, and 110 MiB more as a text
 * and as strings.
 */
export interface PartsApart {
  /** The text, with PARTS_STAND_APART for the list. */
  readonly rest: string
  /** What stands between the brackets of the list. */
  readonly list: Uint8Array
}

/**
 * Takes the list behind the only key "Parts" out of a torrent file, in steps. Undefined where there is no such list, any doubt which it is, or
 * the rest is not UTF-8.
 */
export function* takingPartsApart(bytes: Uint8Array): Steps<PartsApart | undefined> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const key = file.indexOf(KEY)
  const start = key === -1 ? undefined : startOfList(file, key + KEY.length)
  const end = start === undefined ? -1 : file.indexOf(LIST_END, start)
  if (start === undefined || end === -1) return undefined
  const [before, after] = [file.subarray(0, start - 1), file.subarray(end + 1)]
  // The list itself, once it is decoded, holds digests alone.
  for (const [text, doubt] of [
    [before, PARTS_STAND_APART],
    [before, ESCAPE],
    [after, PARTS_STAND_APART],
    [after, ESCAPE],
    [after, KEY],
  ] as const) {
    yield
    if (text.includes(doubt)) return undefined
  }
  const first = yield* decodingUtf8(before)
  // A mark of the encoding there would be left out, as at the beginning of the file.
  const second = after[0] === MARK_START ? undefined : yield* decodingUtf8(after)
  if (first === undefined || second === undefined) return undefined
  return { rest: first + JSON.stringify(PARTS_STAND_APART) + second, list: file.subarray(start, end) }
}

/** Offset behind the bracket that follows a colon. */
function startOfList(file: Uint8Array, from: number): number | undefined {
  const colon = endOfBlanks(file, from)
  if (file[colon] !== COLON) return undefined
  const bracket = endOfBlanks(file, colon + 1)
  return file[bracket] === LIST_START ? bracket + 1 : undefined
}

/** First byte of U+FEFF in UTF-8. */
const MARK_START = 0xef
const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const LIST_START = 0x5b
const LIST_END = 0x5d

/** The characters that JSON allows between values. */
const BLANKS: ReadonlySet<number | undefined> = new Set([0x20, 0x09, 0x0a, 0x0d])

function endOfBlanks(bytes: Uint8Array, from: number): number {
  let at = from
  while (BLANKS.has(bytes[at])) at++
  return at
}

/** Digests that are decoded in one step. Our choice: a millisecond. */
const DECODED_AT_ONCE = 8_192

/** No hex digit. */
const NONE = 0xff

/** By character, its value as a hex digit. */
const DIGITS = Uint8Array.from({ length: 256 }, (_, code) => {
  const value = "0123456789abcdef".indexOf(String.fromCharCode(code).toLowerCase())
  return value === -1 ? NONE : value
})

/** Decodes such a list in steps: Uint8Array, 20 bytes each. Undefined where it is not a list of exactly `count` SHA-1 in 40 hex digits. */
export function* decodingDigests(list: Uint8Array, count: number): Steps<Uint8Array | undefined> {
  // Two quotes, 40 digits and a comma.
  if (count * (2 * DIGEST_BYTES + 3) > list.length + 1) return undefined
  const digests = new Uint8Array(count * DIGEST_BYTES)
  let at = endOfBlanks(list, 0)
  for (let index = 0; index < count; index++) {
    if (list[at] !== QUOTE || !decode(list, at + 1, digests, index * DIGEST_BYTES)) return undefined
    at = endOfBlanks(list, at + 2 + 2 * DIGEST_BYTES)
    if (index + 1 < count) {
      if (list[at] !== COMMA) return undefined
      at = endOfBlanks(list, at + 1)
    }
    if (index % DECODED_AT_ONCE === 0) yield
  }
  return at === list.length ? digests : undefined
}

/** Decodes 40 digits and the quote behind them. */
function decode(list: Uint8Array, from: number, into: Uint8Array, place: number): boolean {
  for (let byte = 0; byte < DIGEST_BYTES; byte++) {
    const high = DIGITS[list[from + 2 * byte] ?? 0] ?? NONE
    const low = DIGITS[list[from + 2 * byte + 1] ?? 0] ?? NONE
    if (high === NONE || low === NONE) return false
    into[place + byte] = high * 16 + low
  }
  return list[from + 2 * DIGEST_BYTES] === QUOTE
}
