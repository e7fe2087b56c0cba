import fc from "fast-check"
import { expect, it } from "vitest"
import { decodingUtf8 } from "./decode-utf8.js"
import { atOnce } from "./steps.js"

const decode = (bytes: Uint8Array) => atOnce(decodingUtf8(bytes))

function decodedWhole(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

it("decodes what a decoder at once decodes, and refuses the same", () => {
  const texts = fc.string({ unit: "grapheme" }).map((text) => new TextEncoder().encode(text))
  fc.assert(
    fc.property(fc.oneof(texts, fc.uint8Array()), (bytes) => {
      expect(decode(bytes)).toBe(decodedWhole(bytes))
    }),
  )
})

it.each([0, 1, 2])("decodes letters that stand over the border of a step, %i bytes before it", (before) => {
  const text = "a".repeat(before) + "\u20ac".repeat(1024 * 1024)
  expect(decode(new TextEncoder().encode(text))).toBe(text)
})

it("refuses a letter that is cut off", () => {
  expect(decode(new TextEncoder().encode("\u20ac").subarray(0, 2))).toBeUndefined()
})

it("takes a step for each MiB", () => {
  const steps = decodingUtf8(new TextEncoder().encode("\u20ac".repeat(1024 * 1024)))
  let count = 0
  while (!steps.next().done) count++
  expect(count).toBe(3)
})
