import { expect, it } from "vitest"
import { agoWords } from "./ago-words.js"

it.each([
  [0, "just now"],
  [9, "just now"],
  [19, "10 s ago"],
  [60, "1 min ago"],
  [7_199, "119 min ago"],
  [7_200, "2 h ago"],
  [172_799, "47 h ago"],
  [172_800, "2 d ago"],
])("says that %i seconds have passed", (seconds, words) => {
  expect(agoWords(1_000 * seconds)).toBe(words)
})
