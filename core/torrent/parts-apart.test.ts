import { describe, expect, it } from "vitest"
import { TorrentFileError } from "../base/errors.js"
import { atOnce } from "../base/steps.js"
import { parseTorrent } from "./parse-torrent.js"
import { decodingDigests, PARTS_STAND_APART, takingPartsApart } from "./parts-apart.js"

const HASH = "0b2f0a4e-6f9f-4f0e-8b0a-3d9f1c2b4a5d"
const hexOf = (index: number) => index.toString(16).padStart(40, "0")
const bytesOf = (text: string) => new TextEncoder().encode(text)

function fileOf(partCount: number, more: Readonly<Record<string, unknown>> = {}): string {
  const Parts = Array.from({ length: partCount }, (_, index) => hexOf(index))
  return JSON.stringify({ FileInfo: { Size: partCount * 16, PartSize: 16, Parts, Hash: HASH, ...more } })
}

/** What is thrown for a file, or what it is, as bytes and as text: the text is always parsed as a whole. */
function bothWays(text: string): unknown[] {
  return [bytesOf(text), text].map((content) => {
    try {
      return parseTorrent(content)
    } catch (error) {
      if (error instanceof TorrentFileError) return [error.field, error.message]
      throw error
    }
  })
}

describe("the parts of a torrent file", () => {
  it("are decoded without a text of them", () => {
    const apart = atOnce(takingPartsApart(bytesOf(fileOf(3))))
    expect(apart?.rest).toBe(fileOf(3, { Parts: PARTS_STAND_APART }))
    const digests = atOnce(decodingDigests(apart?.list ?? new Uint8Array(0), 3))
    expect(Buffer.from(digests ?? []).toString("hex")).toBe(hexOf(0) + hexOf(1) + hexOf(2))
  })

  it.each([0, 1, 2, 8_192, 8_193])("are the same as parsed as a whole, %i of them", (partCount) => {
    const [apart, whole] = bothWays(fileOf(partCount))
    expect(apart).toEqual(whole)
    expect(apart).toHaveProperty("partDigests.length", partCount * 20)
  })

  it.each([
    ["blanks everywhere", JSON.stringify(JSON.parse(fileOf(5)), null, "\t \r\n")],
    ["digits in upper case", fileOf(2).replaceAll("00", "AF")],
    ["a list with a list in it", fileOf(2).replace(`"${hexOf(1)}"`, `["${hexOf(1)}"]`)],
    ["a digest too many", fileOf(2).replace(`"${hexOf(1)}"`, `"${hexOf(1)}","${hexOf(1)}"`)],
    ["a digest too few", fileOf(2).replace(`,"${hexOf(1)}"`, "")],
    ["a comma at the end", fileOf(2).replace(`"${hexOf(1)}"`, `"${hexOf(1)}",`)],
    ["no comma", fileOf(2).replace(`","`, `" "`)],
    ["a character that is no digit", fileOf(2).replace("0001", "000g")],
    ["a digest of 39 digits", fileOf(2).replace("0001", "001")],
    ["a digest with a bracket in it", fileOf(2).replace("0001", "000]")],
    ["an escaped digit", fileOf(2).replace("0001", "000\\u0031")],
    ["the key twice", fileOf(2).replace(`"Hash"`, `"Parts":[],"Hash"`)],
    ["the key a second time with an escape", fileOf(2).replace(`"Hash"`, `"P\\u0061rts":[],"Hash"`)],
    [
      "the key and the stand-in with escapes",
      fileOf(2).replace(`"Hash"`, `"P\\u0061rts":"${PARTS_STAND_APART.replace(" ", "\\u0020")}","Hash"`),
    ],
    ["the key elsewhere", `{"Parts":["${hexOf(1)}"],"FileInfo":{"Size":16,"PartSize":16,"Hash":"${HASH}"}}`],
    ["the stand-in as its value", fileOf(2, { Parts: PARTS_STAND_APART })],
    ["the stand-in as its name", fileOf(2, { Name: PARTS_STAND_APART })],
    ["a name that holds the key", fileOf(2, { Name: `"Parts":[` })],
    ["a mark of an encoding behind the list", fileOf(2).replace("],", "],\ufeff")],
    ["a list without an end", fileOf(2).slice(0, 120)],
    ["a wrong size", fileOf(2, { Size: -1 })],
  ])("are parsed as a whole where there is doubt: %s", (_, text) => {
    const [apart, whole] = bothWays(text)
    expect(apart).toEqual(whole)
  })
})
