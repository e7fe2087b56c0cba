import { expect, it } from "vitest"
import { foundWords } from "./found-words.js"

it("tells of a download what is on disk and what is missing", () => {
  expect(foundWords({ reusedParts: 412, partCount: 500 })).toBe("412 of 500 parts verified, fetching 88")
})
