import fc from "fast-check"
import { expect, it } from "vitest"
import { corpusTexts } from "../testing/corpus.js"
import { displayText } from "./display.js"

const hostileText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "\u001b[2J",
        "\u009b2J",
        "\u001b]0;x\u0007",
        "\u202e",
        "\u2066",
        "\r\n",
        "\t",
        "\u200d",
        "\ud83d",
        "\udc69",
        "👩",
        "e\u0301",
      ),
      fc.string({ unit: "binary", maxLength: 10 }),
    ),
    { maxLength: 12 },
  )
  .map((pieces) => pieces.join(""))

it("nothing that steers a terminal gets through, and what got through is left alone [hostile 9]", () => {
  fc.assert(
    fc.property(hostileText, fc.integer({ min: 1, max: 60 }), (text, maxLength) => {
      const shown = displayText(text, maxLength)
      expect(shown.replace(/[\u200c\u200d]/g, "")).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
      expect([...shown].length).toBeLessThanOrEqual(maxLength)
      expect(displayText(shown, maxLength)).toBe(shown)
    }),
    { examples: corpusTexts("display").map((text) => [text, 40]), numRuns: 1_000 },
  )
})
