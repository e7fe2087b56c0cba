import fc from "fast-check"
import { expect, it } from "vitest"
import { corpus } from "../testing/corpus.js"
import { nearly } from "../testing/edits.js"
import { decodeBencode, isBencodeDictionary, rawItems, readingEntries } from "./bencode.js"
import { type BencodeInput, encodeBencode } from "./encode-bencode.js"
import { P2pError } from "./errors.js"
import { atOnce } from "./steps.js"

const { tree } = fc.letrec<{ tree: BencodeInput }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    fc.maxSafeInteger(),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie("tree"), { maxLength: 5 }),
    fc.dictionary(
      fc.uint8Array({ maxLength: 5 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
      tie("tree"),
      { maxKeys: 5 },
    ),
  ),
}))

const encoded = tree.map((value) => encodeBencode(value))

it("reads anything or refuses it with its one typed error; what it reads, it writes and reads the same", () => {
  fc.assert(
    fc.property(fc.oneof(nearly(encoded), fc.uint8Array({ maxLength: 200 })), (bytes) => {
      const value = decodedOrRefused(bytes)
      if (value === undefined) return
      const again = encodeBencode(value)
      expect(decodeBencode(again)).toEqual(value)
      // Only the order of keys may differ from the one canonical form.
      expect(again.length).toBe(bytes.length)
    }),
    { examples: corpus("bencode").map((bytes) => [bytes]), numRuns: 500 },
  )
})

it("cuts out the very bytes that an entry was sent as", () => {
  fc.assert(
    fc.property(fc.oneof(encoded, nearly(encoded)), (bytes) => {
      const value = decodedOrRefused(bytes)
      if (isBencodeDictionary(value)) {
        const decoded = [...rawEntries(bytes)].map(([key, raw]) => [key, decodeBencode(raw)])
        expect(Object.fromEntries(decoded)).toEqual({ ...value })
      }
      if (Array.isArray(value)) expect([...itemsOf(bytes)].map((raw) => decodeBencode(raw))).toEqual(value)
    }),
  )
})

it("reads raw bytes piece by piece only where they are well-formed, apart from keys inside", () => {
  fc.assert(
    fc.property(fc.oneof(nearly(encoded), fc.uint8Array({ maxLength: 200 })), (bytes) => {
      try {
        const pieces = bytes[0] === 0x64 ? [...rawEntries(bytes).values()] : [...itemsOf(bytes)]
        for (const piece of pieces) decodeBencode(piece)
      } catch (error) {
        expect(error).toMatchObject({ code: "bad_bencode" })
        expect(decodedOrRefused(bytes) === undefined || bytes[0] !== 0x6c).toBe(true)
      }
    }),
    { examples: corpus("bencode").map((bytes) => [bytes]), numRuns: 500 },
  )
})

function decodedOrRefused(bytes: Uint8Array) {
  try {
    return decodeBencode(bytes)
  } catch (error) {
    if (!(error instanceof P2pError)) throw error
    expect(error.code).toBe("bad_bencode")
    return undefined
  }
}

/** Without the steps. */
function itemsOf(content: Uint8Array): Uint8Array[] {
  return [...rawItems(content)].filter((item) => item !== undefined)
}

function rawEntries(content: Uint8Array): ReadonlyMap<string, Uint8Array> {
  return atOnce(readingEntries(content))
}
