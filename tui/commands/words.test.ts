import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { CommandLineError } from "./command-line-error.js"
import { quoteWord, splitWords } from "./words.js"

const texts = (line: string): readonly string[] => splitWords(line).map((word) => word.text)

describe("splitWords", () => {
  it.each([
    ["download a b", ["download", "a", "b"]],
    ["  a\t b \r", ["a", "b"]],
    [`upload "my file.iso" 'it''s'`, ["upload", "my file.iso", "its"]],
    [`a\\ b "say \\"hi\\"" '\\n'`, ["a b", 'say "hi"', "\\n"]],
    [`"" ''`, ["", ""]],
    [`pre"mid dle"post`, ["premid dlepost"]],
    ["", []],
  ])("splits %s", (line, words) => {
    expect(texts(line)).toEqual(words)
  })

  it("says where a word stands, quotes included", () => {
    expect(splitWords(`a "b c"`).map((word) => word.span)).toEqual([
      { start: 0, end: 1 },
      { start: 2, end: 7 },
    ])
  })

  it.each([
    [`upload "a b`, { start: 7, end: 11 }],
    ["a \\", { start: 2, end: 3 }],
  ])("points at what is never closed in %s", (line, span) => {
    try {
      splitWords(line)
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(CommandLineError)
      expect((error as CommandLineError).span).toEqual(span)
    }
  })

  it("gives back any words that were quoted", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (words) => {
        expect(texts(words.map(quoteWord).join(" "))).toEqual(words)
      }),
    )
  })
})
