import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { printableJson, printableLines } from "./printable.js"

const HARMFUL = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u

describe("JSON for a terminal", () => {
  it("means the same, and holds nothing that steers a terminal [hostile 9]", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
        const line = printableJson({ event: text })
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
        expect(JSON.parse(line)).toEqual({ event: text })
      }),
    )
  })

  it("leaves what is harmless as it is", () => {
    expect(printableJson({ name: "日本語 ä.iso" })).toBe('{"name":"日本語 ä.iso"}')
  })

  it("escapes characters beyond the first plane as the pair they are", () => {
    expect(printableJson("\u{e0001}")).toBe('"\\udb40\\udc01"')
  })
})

it("a stack keeps its lines and loses what steers a terminal [hostile 9]", () => {
  const shown = printableLines("Error: \u001b]0;owned\u0007 \u202egpj\n    at main (a.js:1:1)")
  expect(shown.split("\n")).toHaveLength(2)
  expect(shown).not.toMatch(HARMFUL)
})
