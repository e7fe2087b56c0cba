import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { TorrentFileError } from "../base/errors.js"
import { parseTorrent } from "./parse-torrent.js"
import { serializeTorrent } from "./serialize-torrent.js"

const HASH = "0b5f9c34-5b3e-4c7a-9d4e-2f1d6a7b8c90"
const DIGEST = "a".repeat(40)
const good = { Size: 600, PartSize: 256, Parts: [DIGEST, DIGEST, DIGEST], Hash: HASH }

const textOf = (changes: object) => JSON.stringify({ FileInfo: { ...good, ...changes } })

function refusal(content: string | Uint8Array): TorrentFileError {
  try {
    parseTorrent(content)
  } catch (error) {
    if (error instanceof TorrentFileError) return error
    throw error
  }
  throw new Error("it was accepted")
}

describe("a torrent file", () => {
  it("is read in our own words", () => {
    const torrent = parseTorrent(textOf({ Name: "a.iso", Parts: ["00".repeat(20), DIGEST, "ff".repeat(20)] }))
    expect(torrent).toMatchObject({ hash: HASH, sizeBytes: 600, partSizeBytes: 256, name: "a.iso", secret: undefined })
    expect([...torrent.partDigests]).toEqual([...Array(20).fill(0), ...Array(20).fill(0xaa), ...Array(20).fill(0xff)])
  })

  it("is read from bytes, with or without a byte order mark", () => {
    expect(parseTorrent(Buffer.from(textOf({ Name: "ä" }))).name).toBe("ä")
    expect(parseTorrent(Buffer.from(`\ufeff${textOf({})}`)).sizeBytes).toBe(600)
  })

  it("needs neither Name nor Secret, and takes a Secret of 32 bytes", () => {
    expect(parseTorrent(textOf({})).name).toBeUndefined()
    expect(parseTorrent(textOf({ Secret: "AB".repeat(32) })).secret).toEqual(new Uint8Array(32).fill(0xab))
  })

  it("describes an empty file without parts [hostile 2]", () => {
    expect(parseTorrent(textOf({ Size: 0, Parts: [] })).partDigests).toHaveLength(0)
  })

  it("folds upper case in the uuid and in the digests [hostile 3]", () => {
    const torrent = parseTorrent(textOf({ Hash: HASH.toUpperCase(), Parts: Array(3).fill("A".repeat(40)) }))
    expect(torrent.hash).toBe(HASH)
    expect(torrent.partDigests).toEqual(parseTorrent(textOf({})).partDigests)
  })

  it("keeps a hostile name as it is written: it feeds the info hash, never a path [hostile 6]", () => {
    expect(parseTorrent(textOf({ Name: "../../etc/passwd" })).name).toBe("../../etc/passwd")
  })

  it.each([
    ["Parts too few [hostile 1]", { Parts: [DIGEST] }, "FileInfo.Parts", /1 digests.*= 3/],
    ["Parts too many [hostile 1]", { Parts: Array(4).fill(DIGEST) }, "FileInfo.Parts", /4 digests.*= 3/],
    ["Parts of an empty file [hostile 1]", { Size: 0 }, "FileInfo.Parts", /3 digests.*= 0/],
    ["Parts missing", { Parts: undefined }, "FileInfo.Parts", /missing/],
    ["Parts no list", { Parts: { length: 3 } }, "FileInfo.Parts", /an object/],
    ["PartSize 0 [hostile 2]", { PartSize: 0 }, "FileInfo.PartSize", /got 0/],
    ["PartSize negative [hostile 2]", { PartSize: -256 }, "FileInfo.PartSize", /got -256/],
    ["PartSize fractional [hostile 2]", { PartSize: 256.5 }, "FileInfo.PartSize", /got 256.5/],
    ["PartSize as text [hostile 2]", { PartSize: "256" }, "FileInfo.PartSize", /got "256"/],
    ["PartSize beyond 256 MiB [hostile 2]", { PartSize: 256 * 2 ** 20 + 1 }, "FileInfo.PartSize", /268435456/],
    ["PartSize missing", { PartSize: undefined }, "FileInfo.PartSize", /missing/],
    ["Size beyond 2^53-1 [hostile 2]", { Size: 2 ** 53 }, "FileInfo.Size", /2\^53/],
    ["Size as text [hostile 2]", { Size: "600" }, "FileInfo.Size", /got "600"/],
    ["Size null [hostile 2]", { Size: null }, "FileInfo.Size", /got null/],
    ["Size negative [hostile 2]", { Size: -1 }, "FileInfo.Size", /got -1/],
    ["a digest too short [hostile 3]", { Parts: [DIGEST, DIGEST, "ab"] }, "FileInfo.Parts[2]", /got "ab"/],
    ["a digest too long [hostile 3]", { Parts: [DIGEST, `${DIGEST}\n`, DIGEST] }, "FileInfo.Parts[1]", /40 hex/],
    ["a digest not hex [hostile 3]", { Parts: ["g".repeat(40), DIGEST, DIGEST] }, "FileInfo.Parts[0]", /40 hex/],
    [
      "a digest of wide characters [hostile 3]",
      { Parts: ["\u0161".repeat(40), DIGEST, DIGEST] },
      "FileInfo.Parts[0]",
      /40 hex/,
    ],
    ["a digest that is a number [hostile 3]", { Parts: [1, DIGEST, DIGEST] }, "FileInfo.Parts[0]", /got 1/],
    ["Hash no uuid [hostile 8]", { Hash: "../../peers?x=" }, "FileInfo.Hash", /uuid/],
    ["Hash with a line feed [hostile 8]", { Hash: `${HASH}\n` }, "FileInfo.Hash", /uuid/],
    ["Hash missing [hostile 8]", { Hash: undefined }, "FileInfo.Hash", /missing/],
    ["Name no text [hostile 6]", { Name: 5 }, "FileInfo.Name", /got 5/],
    ["Name too long [hostile 6]", { Name: "x".repeat(4097) }, "FileInfo.Name", /4096/],
    ["Name with half a character [hostile 6]", { Name: "a\ud800" }, "FileInfo.Name", /Unicode/],
    ["Secret too short", { Secret: "abcd" }, "FileInfo.Secret", /32 bytes/],
  ])("is refused: %s", (_, changes, field, message) => {
    const error = refusal(textOf(changes))
    expect(error.field).toBe(field)
    expect(error.code).toBe("bad_torrent")
    expect(error.message).toMatch(message)
    expect(error.message).toContain(field)
  })

  it.each([
    ["1e999, which JSON.parse makes Infinity [hostile 2]", "1e999", /Infinity/],
    ["-0 [hostile 2]", "-0", /-0/],
  ])("is refused: Size or PartSize %s", (_, literal, message) => {
    for (const [field, good] of Object.entries({ Size: 600, PartSize: 256 })) {
      const error = refusal(textOf({}).replace(`"${field}":${good}`, `"${field}":${literal}`))
      expect(error.field).toBe(`FileInfo.${field}`)
      expect(error.message).toMatch(message)
    }
  })

  it.each([
    ["no JSON", "hello"],
    ["nothing", ""],
    ["null", "null"],
    ["a list", "[]"],
    ["no UTF-8", Uint8Array.of(0x7b, 0xff)],
    ["200,000 open brackets [hostile 5]", "[".repeat(200_000)],
    [
      "200,000 brackets where FileInfo should be [hostile 5]",
      `{"FileInfo":${"[".repeat(200_000)}${"]".repeat(200_000)}}`,
    ],
    [
      "200,000 brackets where Size should be [hostile 5]",
      textOf({}).replace("600", "[".repeat(200_000) + "]".repeat(200_000)),
    ],
    ["64 MiB of brackets, without parsing them [hostile 5]", "[".repeat(64 * 2 ** 20)],
    ["1,010,001 objects [hostile 5]", textOf({}).replace("{", `{"x":[${"{},".repeat(1_010_000)}{}],`)],
    ["more than 64 MiB [hostile 4]", " ".repeat(64 * 2 ** 20 + 1)],
  ])("is refused: %s", (_, content) => {
    expect(refusal(content).code).toBe("bad_torrent")
  })

  it("is refused beyond 1,000,000 parts [hostile 4]", () => {
    expect(refusal(textOf({ Size: 1_000_001, PartSize: 1, Parts: [] })).message).toMatch(
      /1000001 parts, at most 1000000/,
    )
  })

  it("is read although it holds thousands of unknown lists [hostile 5]", () => {
    expect(parseTorrent(textOf({}).replace("{", `{"x":[${"[],".repeat(9_000)}[]],`)).sizeBytes).toBe(600)
  })

  it("is read with exactly 1,000,000 parts, as the largest one we make [hostile 4]", () => {
    const partDigests = new Uint8Array(1_000_000 * 20)
    const torrent = { hash: HASH, sizeBytes: 256e6, partSizeBytes: 256, partDigests, name: "x", secret: undefined }
    const content = Buffer.from(serializeTorrent(torrent))
    expect(content.length).toBeLessThanOrEqual(64 * 2 ** 20)
    expect(parseTorrent(content).partDigests).toHaveLength(20_000_000)
  })

  it("keeps __proto__, constructor and unknown keys inert, and of a key given twice the last [hostile 5]", () => {
    const text = `{"__proto__": {"polluted": 1}, "constructor": 1, "FileInfo": {"__proto__": {"Size": 1}, "toString": 1,
      "Size": 1, "Size": 600, "PartSize": 256, "Parts": ["${DIGEST}","${DIGEST}","${DIGEST}"], "Hash": "${HASH}"}}`
    expect(Object.keys(parseTorrent(text)).sort()).toEqual(Object.keys(parseTorrent(textOf({}))).sort())
    expect(parseTorrent(text).sizeBytes).toBe(600)
    expect({}).not.toHaveProperty("polluted")
  })

  it("does not put what steers a terminal into its message [hostile 9]", () => {
    for (const hostile of ["\u001b[2J", "\u009b2J", "\u202egnp", "\r\n", "\u2028"]) {
      expect(refusal(textOf({ Hash: hostile })).message).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
      expect(refusal(hostile).message).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
    }
  })

  it("never shows a secret in a message", () => {
    expect(refusal(textOf({ Secret: "c0ffee".repeat(10) })).message).not.toContain("c0ffee")
  })

  it("with 100,000 parts is read back as it was written", () => {
    const partDigests = new Uint8Array(100_000 * 20).map((_, index) => index)
    const torrent = { hash: HASH, sizeBytes: 25_600_000, partSizeBytes: 256, partDigests, name: "x", secret: undefined }
    const again = parseTorrent(serializeTorrent(torrent))
    expect(Buffer.compare(again.partDigests, partDigests)).toBe(0)
    expect(again).toMatchObject({ hash: HASH, sizeBytes: 25_600_000, partSizeBytes: 256, name: "x" })
  })

  it("of any JSON is read or refused with its one typed error", () => {
    const field = fc.oneof(fc.jsonValue(), fc.constantFrom(...Object.values(good)))
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom("Size", "PartSize", "Parts", "Hash", "Name"), field), (fields) => {
        try {
          parseTorrent(JSON.stringify({ FileInfo: fields }))
        } catch (error) {
          expect(error).toBeInstanceOf(TorrentFileError)
        }
      }),
    )
  })
})

describe("the Trackers of a torrent file", () => {
  const withTrackers = (trackers: unknown) => JSON.stringify({ FileInfo: good, Trackers: trackers })

  it("are http and https URLs in their order, each once; others are left out", () => {
    const urls = ["http://b:5000", "udp://c:1", "https://a/x", "http://b:5000", "no URL"]
    expect(parseTorrent(withTrackers(urls)).trackers).toEqual(["http://b:5000", "https://a/x"])
  })

  it("are none where none can be used", () => {
    expect("trackers" in parseTorrent(withTrackers(["udp://c:1"]))).toBe(false)
    expect("trackers" in parseTorrent(textOf({}))).toBe(false)
  })

  it.each([
    ["no list", "http://b:5000"],
    ["something else than texts", [1]],
    ["more than 100", Array(101).fill("http://b:5000")],
    ["one of more than 2,048 characters", [`http://b/${"a".repeat(2_048)}`]],
  ])("are refused when they are %s", (_, value) => {
    expect(refusal(withTrackers(value)).field).toBe("Trackers")
  })

  it("stand behind what torrent files are recognised by", () => {
    const text = serializeTorrent({ ...parseTorrent(textOf({})), trackers: ["http://b:5000"] })
    expect(text.indexOf("FileInfo")).toBeLessThan(text.indexOf("Trackers"))
    expect(parseTorrent(text).trackers).toEqual(["http://b:5000"])
  })
})
