import { expect, it } from "vitest"
import { parseTimeSpan } from "./time-span.js"

it.each([
  ["30m", 1_800_000],
  ["90s", 90_000],
  ["1.5h", 5_400_000],
  ["2D", 172_800_000],
  ["7", 7_000],
  ["24d", 2_073_600_000],
])("%s is a span of time", (text, ms) => {
  expect(parseTimeSpan(text)).toBe(ms)
})

it.each(["", "0s", "0.5s", "25d", "m", "-1s", "30 minutes", "1e3s", "NaN"])("%j is none", (text) => {
  expect(parseTimeSpan(text)).toBeUndefined()
})
