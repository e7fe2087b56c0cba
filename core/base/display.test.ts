import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { displayText } from "./display.js"

describe("displayText", () => {
  it("leaves ordinary text of any script as it is", () => {
    expect(displayText("Übung 日本語 👩 e\u0301.iso", 40)).toBe("Übung 日本語 👩 e\u0301.iso")
  })

  it.each([
    ["an escape sequence", "a\u001b[2Jb", "a\uFFFD[2Jb"],
    ["a C1 control sequence introducer", "a\u009b2Jb", "a\uFFFD2Jb"],
    ["a bell and a delete", "a\u0007\u007fb", "a\uFFFD\uFFFDb"],
    ["a turn of the writing direction", "a\u202eb\u2066c", "a\uFFFDb\uFFFDc"],
    ["a lone surrogate", "a\ud800b", "a\uFFFDb"],
    ["a line separator", "a\u2028b", "a\uFFFDb"],
  ])("replaces %s [hostile 9]", (_, hostile, shown) => {
    expect(displayText(hostile, 40)).toBe(shown)
  })

  it("turns line breaks and tabs into spaces and drops joiners", () => {
    expect(displayText("a\r\n\tb\u200dc", 40)).toBe("a   bc")
  })

  it.each([
    ["Persian", "می\u200cخواهم.pdf"],
    ["Hindi", "क्\u200dष.txt"],
  ])("keeps the joiners of words: %s [E13]", (_, text) => {
    expect(displayText(text, 40)).toBe(text)
  })

  it("drops joiners that only hide, and those of pictures, whose width is unknown [E13]", () => {
    expect(displayText("a\u200cb \u200dخ\u200c", 40)).toBe("ab خ")
    expect(displayText("👩\u200d👩", 40)).toBe("👩👩")
  })

  it("cuts at code points and says so", () => {
    expect(displayText("abcdef", 6)).toBe("abcdef")
    expect(displayText("abcdefg", 6)).toBe("abcde…")
    expect(displayText("👩👩👩", 2)).toBe("👩…")
    expect(displayText("a".repeat(10_000_000), 3)).toBe("aa…")
  })

  it("never lets a control, format or surrogate character through, whatever comes [hostile 9]", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), fc.integer({ min: 1, max: 50 }), (text, maxLength) => {
        const shown = displayText(text, maxLength)
        expect(shown.replace(/[\u200c\u200d]/g, "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
        expect([...shown].length).toBeLessThanOrEqual(maxLength)
      }),
    )
  })
})
