import { describe, expect, it } from "vitest"
import { fuzzyMatches, fuzzyScore } from "./fuzzy.js"

const found = (query: string, ...items: string[]) => fuzzyMatches(items, query, (item) => item)

describe("a fuzzy search", () => {
  it("finds letters in their order, in any case, and nothing else", () => {
    expect(found("dbi", "debian.iso", "bird", "DB-index")).toEqual(["DB-index", "debian.iso"])
    expect(fuzzyScore("xyz", "debian")).toBeUndefined()
    expect(fuzzyScore("ÉT", "e\u0301te\u0301".normalize("NFC"))).toBeGreaterThan(0)
  })

  it("puts whole words before parts of words, and these before strewn letters", () => {
    expect(found("gen", "a grey elephant now", "oxygen.iso", "human genome")).toEqual([
      "human genome",
      "oxygen.iso",
      "a grey elephant now",
    ])
  })

  it("keeps the order for an empty query", () => {
    expect(found(" ", "b", "a")).toEqual(["b", "a"])
  })
})
