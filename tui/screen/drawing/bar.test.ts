import { describe, expect, it } from "vitest"
import { bar, sparkline } from "./bar.js"
import { ASCII, UNICODE } from "./glyphs.js"

describe("a bar", () => {
  it.each([
    [0, "░░░░"],
    [0.25, "█░░░"],
    [0.29, "█▏░░"],
    [0.999, "███▉"],
    [1, "████"],
    [Number.NaN, "░░░░"],
    [7, "████"],
  ])("of %d is %s, and full only when nothing is missing", (fraction, drawn) => {
    expect(bar(fraction, 4, UNICODE)).toBe(drawn)
  })

  it("does with ASCII", () => {
    expect(bar(0.5, 4, ASCII)).toBe("##..")
  })
})

describe("a sparkline", () => {
  it("draws the latest values against their largest, and nothing for none", () => {
    expect(sparkline([9, 0, 1, 4, 8], 4, UNICODE)).toBe(" ▂▅█")
    expect(sparkline([1], 4, UNICODE)).toBe("   █")
    expect(sparkline([], 0, UNICODE)).toBe("")
  })
})
