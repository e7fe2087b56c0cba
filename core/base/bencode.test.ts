import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { decodeBencode, rawItems, readingEntries } from "./bencode.js"
import { type BencodeInput, encodeBencode, writeBencode } from "./encode-bencode.js"
import { P2pError } from "./errors.js"
import { atOnce } from "./steps.js"

const bytes = (text: string) => Uint8Array.from(Buffer.from(text, "latin1"))
const text = (value: Uint8Array) => Buffer.from(value).toString("latin1")

describe("bencode", () => {
  it("encodes the canonical form, keys sorted as raw bytes", () => {
    const value = { z: 1, "a-b": "ü", a: [0, -7, bytes("\xff")], "\xfe": {}, left: undefined }
    expect(text(encodeBencode(value))).toBe("d1:ali0ei-7e1:\xffe3:a-b2:\xc3\xbc1:zi1e1:\xfedee")
  })

  it("decodes integers, strings, lists and dictionaries", () => {
    const value = decodeBencode(bytes("d1:ali0ei-42ee1:b3:\x00\xff:e"))
    expect(value).toEqual(Object.assign(Object.create(null), { a: [0, -42], b: bytes("\x00\xff:") }))
  })

  it("keeps __proto__ an ordinary key", () => {
    const value = decodeBencode(bytes("d9:__proto__i1ee"))
    expect(Object.keys(value)).toEqual(["__proto__"])
  })

  it("accepts unsorted keys, which common clients send", () => {
    expect(decodeBencode(bytes("d1:bi1e1:ai2ee"))).toEqual(Object.assign(Object.create(null), { b: 1, a: 2 }))
  })

  it("copies byte strings, so that the input may be reused", () => {
    const input = bytes("2:ab")
    const value = decodeBencode(input)
    input.fill(0)
    expect(value).toEqual(bytes("ab"))
  })

  it.each([
    ["nothing", ""],
    ["truncated string", "5:abcd"],
    ["string without its colon", "4"],
    ["huge length", "9007199254740991:a"],
    ["length beyond 2^53-1", "9999999999999999:a"],
    ["very long number", `i${"1".repeat(1000)}e`],
    ["negative length", "-1:a"],
    ["leading zero in a length", "01:a"],
    ["leading zero", "i03e"],
    ["negative zero", "i-0e"],
    ["plus sign", "i+1e"],
    ["fraction", "i1.5e"],
    ["empty integer", "ie"],
    ["open integer", "i12"],
    ["open list", "li1e"],
    ["open dictionary", "d1:ai1e"],
    ["key without value", "d1:ae"],
    ["key that is no string", "di1ei2ee"],
    ["key twice", "d1:ai1e1:ai2ee"],
    ["trailing garbage", "i1ex"],
    ["unknown type", "x"],
    ["200,000 open lists", "l".repeat(200_000)],
    ["a list of a million empty strings [hostile 5]", `l${"0:".repeat(1_000_000)}e`],
    ["a list of a million empty lists [hostile 5]", `l${"le".repeat(1_000_000)}e`],
    ["200,000 open dictionaries", "d1:a".repeat(200_000)],
  ])("refuses %s", (_, input) => {
    expect(() => decodeBencode(bytes(input))).toThrow(expect.objectContaining({ code: "bad_bencode" }))
  })

  it("holds the depth and size limits it is given", () => {
    expect(decodeBencode(bytes("lllleeee"), { maxDepth: 4 })).toEqual([[[[]]]])
    expect(() => decodeBencode(bytes("lllleeee"), { maxDepth: 3 })).toThrow(/3 levels/)
    expect(() => decodeBencode(bytes("4:abcd"), { maxBytes: 5 })).toThrow(/at most 5/)
  })

  it("reads leniently, as common clients do, only with the option [E7]", () => {
    const cases: readonly [string, unknown][] = [
      ["i7ee", 7],
      ["i-0e", 0],
      ["i-007e", -7],
      ["i99999999999999999999e", Number.POSITIVE_INFINITY],
      ["i-99999999999999999999e", Number.NEGATIVE_INFINITY],
      ["d1:ai1e1:ai2ee", { a: 1 }],
    ]
    for (const [encoded, value] of cases) {
      expect(decodeBencode(bytes(encoded), { lenient: true })).toEqual(value)
      expect(() => decodeBencode(bytes(encoded))).toThrow(P2pError)
    }
    for (const broken of ["ie", "i-e", "i1", "i1x", "4:abc", "d1:a"])
      expect(() => decodeBencode(bytes(broken), { lenient: true })).toThrow(P2pError)
  })

  it("refuses to encode what bencode can't say", () => {
    for (const value of [1.5, Number.NaN, 2 ** 53, { "€": 1 }] satisfies BencodeInput[])
      expect(() => encodeBencode(value)).toThrow(RangeError)
  })

  it("comes back the same after a round trip, at any shape", () => {
    const { tree } = fc.letrec<{ tree: BencodeInput }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.maxSafeInteger(),
        fc.uint8Array({ maxLength: 20 }),
        fc.array(tie("tree"), { maxLength: 4 }),
        fc.dictionary(
          fc.uint8Array({ maxLength: 5 }).map((raw) => text(raw)),
          tie("tree"),
          { maxKeys: 4 },
        ),
      ),
    }))
    fc.assert(
      fc.property(tree, (value) => {
        const encoded = encodeBencode(value)
        expect(encodeBencode(decodeBencode(encoded))).toEqual(encoded)
      }),
    )
  })

  it("answers any bytes with a value or its one typed error", () => {
    const alphabet = fc.constantFrom(..."ilde0123:-x".split(""))
    fc.assert(
      fc.property(fc.array(alphabet, { maxLength: 60 }), (chars) => {
        try {
          decodeBencode(bytes(chars.join("")), { lenient: chars.length % 2 === 0 })
        } catch (error) {
          expect(error).toBeInstanceOf(P2pError)
        }
      }),
    )
  })
})

describe("bencode that is read piece by piece", () => {
  const million = Buffer.from(`l${"0:".repeat(1_000_000)}e`)

  it("may hold a million values, which are built one at a time", () => {
    let count = 0
    for (const item of itemsOf(million)) count += item.length
    expect(count).toBe(2_000_000)
    expect(rawEntries(Buffer.from(`d1:a${million.toString()}e`)).get("a")).toHaveLength(million.length)
  })

  it.each([
    ["of 10,001 keys [G3]", `d${Array.from({ length: 10_001 }, (_, key) => `5:${10_000 + key}i0e`).join("")}e`],
    ["with a key twice", "d1:ai0e1:ai0ee"],
    ["deeper than 32 levels", `d1:a${"l".repeat(33)}${"e".repeat(33)}e`],
    ["with more behind it", "d1:ai0ee0:"],
    ["that is cut off", "d1:al"],
    ["that is a list", "le"],
  ])("is no dictionary %s", (_, text) => {
    expect(() => rawEntries(Buffer.from(text))).toThrow(expect.objectContaining({ code: "bad_bencode" }))
  })

  it.each(["de", "l", "lee", "li-0ee"])("is no list: %s", (text) => {
    expect(() => [...itemsOf(Buffer.from(text))]).toThrow(expect.objectContaining({ code: "bad_bencode" }))
  })
})

describe("bencode that is written piece by piece", () => {
  it("is the same as in one piece, whatever the sizes of strings", () => {
    const parts = [100_000, 65_536, 65_535, 21_846, 1, 0].map((length) => "ä".repeat(length))
    const value = [...parts, new Uint8Array(70_000), { a: new Set(["x", 5]) }]
    const pieces: Buffer[] = []
    writeBencode(value, (bytes) => pieces.push(Buffer.from(bytes)))
    const whole = parts.map((text) => `${Buffer.byteLength(text)}:${text}`).join("")
    const expected = `l${whole}70000:${"\0".repeat(70_000)}d1:al1:xi5eeee`
    expect(Buffer.concat(pieces).equals(Buffer.from(expected))).toBe(true)
    expect(Buffer.from(encodeBencode(value)).equals(Buffer.from(expected))).toBe(true)
  })
})

/** Without the steps. */
function itemsOf(content: Uint8Array): Uint8Array[] {
  return [...rawItems(content)].filter((item) => item !== undefined)
}

function rawEntries(content: Uint8Array): ReadonlyMap<string, Uint8Array> {
  return atOnce(readingEntries(content))
}
