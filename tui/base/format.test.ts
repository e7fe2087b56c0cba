import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { formatBytes, formatCount, formatDuration, formatPercent, formatRate } from "./format.js"
import { parseRate } from "./rate.js"

it.each([0, 7, 999, 1_000, 12_345, 999_999, 1_234_567, 10_000_000])(
  "formatCount groups %d as the locale does",
  (count) => {
    expect(formatCount(count)).toBe(count.toLocaleString("en-US"))
  },
)

describe("formatBytes", () => {
  it.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.00 KiB"],
    [10 * 1024 - 1, "10.0 KiB"],
    [1023.4 * 1024, "1023 KiB"],
    [1023.6 * 1024, "1.00 MiB"],
    [5 * 1024 ** 3, "5.00 GiB"],
  ])("shows %d as %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })

  it("never needs more than eight columns, as a rate ten", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (bytes) => {
        expect(formatBytes(Math.abs(bytes)).length).toBeLessThanOrEqual(8)
        expect(formatRate(Math.abs(bytes)).length).toBeLessThanOrEqual(10)
      }),
    )
  })
})

describe("formatPercent", () => {
  it("says 100 % only when nothing is missing", () => {
    expect(formatPercent(999_999, 1_000_000)).toBe("99.9 %")
    expect(formatPercent(1_000_000, 1_000_000)).toBe("100 %")
    expect(formatPercent(0, 0)).toBe("100 %")
    expect(formatPercent(1, 3)).toBe("33.3 %")
  })
})

describe("formatDuration", () => {
  it.each([
    [undefined, "-"],
    [0, "0s"],
    [59.2, "1m00s"],
    [184, "3m04s"],
    [3720, "1h02m"],
    [183_600, "2d03h"],
    [1e9, "99d+"],
  ])("shows %s as %s", (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text)
  })
})

describe("parseRate", () => {
  it.each([
    ["10MB/s", 10_000_000],
    ["512KiB", 524_288],
    ["1.5m", 1_500_000],
    ["300000", 300_000],
    ["none", null],
    ["off", null],
    ["0", undefined],
    ["fast", undefined],
    ["-1", undefined],
    ["10 parsecs", undefined],
  ])("reads %s as %s", (text, rate) => {
    expect(parseRate(text)).toBe(rate)
  })
})
