import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { widthOf } from "./cells.js"
import { wrapText } from "./wrap-text.js"

describe("wrapping", () => {
  it.each([
    ["", 10, [""]],
    ["no peer has it", 20, ["no peer has it"]],
    ["no peer has it", 7, ["no peer", "has it"]],
    ["a /very/long/path b", 6, ["a", "/very/", "long/p", "ath b"]],
    ["日本語の書類", 5, ["日本", "語の", "書類"]],
  ])("puts %j into %d columns as %j", (text, width, lines) => {
    expect(wrapText(text, width)).toEqual(lines)
  })

  it("keeps every character and every width", () => {
    const words = fc.string({ unit: fc.constantFrom("a", "b", " ", "日", "é"), maxLength: 60 })
    fc.assert(
      fc.property(words, fc.integer({ min: 2, max: 20 }), (text, width) => {
        const lines = wrapText(text, width)
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width)
        expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""))
      }),
    )
  })
})
