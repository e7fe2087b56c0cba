import { expect, it } from "vitest"
import { foundWords } from "./found-words.js"

it("says what of a download is on disk and what is missing", () => {
  expect(foundWords({ reusedParts: 0, partCount: 1024, sizeBytes: 2 ** 30 })).toBe(
    "nothing here yet, fetching all 1,024 parts (1.00 GiB)",
  )
  expect(foundWords({ reusedParts: 1204, partCount: 30_000, sizeBytes: 1 })).toBe(
    "1,204 of 30,000 parts verified, fetching 28,796",
  )
  expect(foundWords({ reusedParts: 412, partCount: 500, sizeBytes: 1 })).toBe("412 of 500 parts verified, fetching 88")
})
