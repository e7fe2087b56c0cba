import type { TextDecoder as Decoder } from "node:util"
import type { Steps } from "./steps.js"

/** Bytes that are decoded in one step. Our choice: some milliseconds. */
const DECODED_AT_ONCE = 1024 * 1024

/** Decodes a text in UTF-8, without the mark of its encoding, in steps. Undefined where it is none. */
export function* decodingUtf8(bytes: Uint8Array): Steps<string | undefined> {
  const decoder = new TextDecoder("utf-8", { fatal: true })
  let text = ""
  for (let from = 0; from < bytes.length; from += DECODED_AT_ONCE) {
    const isLast = from + DECODED_AT_ONCE >= bytes.length
    const decoded = decodeOrRefuse(decoder, bytes.subarray(from, from + DECODED_AT_ONCE), isLast)
    if (decoded === undefined) return undefined
    text += decoded
    yield
  }
  return text
}

function decodeOrRefuse(decoder: Decoder, bytes: Uint8Array, isLast: boolean): string | undefined {
  try {
    return decoder.decode(bytes, { stream: !isLast })
  } catch (error) {
    // What it throws for bytes that are no UTF-8.
    if (error instanceof TypeError) return undefined
    throw error
  }
}
