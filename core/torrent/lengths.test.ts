import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Bitfield } from "./bitfield.js"
import { bytesMissing, bytesOfParts, createLengths, isBlockInside, partLength, partOffset } from "./lengths.js"

/** Three parts of 100 bytes and one of 50. */
const lengths = createLengths(350, 100)

function partsOf(partCount: number, indices: readonly number[]): Bitfield {
  const parts = new Bitfield(partCount)
  for (const index of indices) parts.add(index)
  return parts
}

describe("the lengths of a document", () => {
  it.each([
    [0, 100, 0],
    [1, 100, 1],
    [100, 100, 1],
    [101, 100, 2],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 1],
  ])("of %i bytes in parts of %i has %i parts", (sizeBytes, partSizeBytes, partCount) => {
    expect(createLengths(sizeBytes, partSizeBytes).partCount).toBe(partCount)
  })

  it("has a last part of what is left", () => {
    expect([0, 1, 2, 3].map((index) => [partOffset(lengths, index), partLength(lengths, index)])).toEqual([
      [0, 100],
      [100, 100],
      [200, 100],
      [300, 50],
    ])
  })

  it("counts the bytes of any parts, and those that are missing, the last part as short as it is", () => {
    const sizes = fc.record({ sizeBytes: fc.nat(5_000), partSizeBytes: fc.integer({ min: 1, max: 700 }) })
    fc.assert(
      fc.property(sizes, fc.array(fc.nat(5_000)), ({ sizeBytes, partSizeBytes }, picks) => {
        const some = createLengths(sizeBytes, partSizeBytes)
        const indices = [...new Set(picks.filter((index) => index < some.partCount))]
        const parts = partsOf(some.partCount, indices)
        const bytes = indices.reduce((sum, index) => sum + partLength(some, index), 0)
        expect(bytesOfParts(some, parts)).toBe(bytes)
        expect(bytesMissing(some, parts)).toBe(sizeBytes - bytes)
      }),
    )
  })
})

describe("a block", () => {
  it.each([
    [0, 0, 100],
    [2, 99, 1],
    [3, 0, 50],
  ])("of part %i from %i on with %i bytes is inside", (index, begin, length) => {
    expect(isBlockInside(lengths, index, begin, length)).toBe(true)
  })

  it.each([
    [4, 0, 1],
    [-1, 0, 1],
    [0, 0, 0],
    [0, 0, 101],
    [0, -1, 2],
    [0, 1, 100],
    [3, 0, 51],
    [0, 100, 1],
    [Number.NaN, 0, 1],
    [0, Number.NaN, 1],
    [0, 0, Number.NaN],
    [4_294_967_295, 4_294_967_295, 4_294_967_295],
  ])("of part %d from %d on with %d bytes is not (peers send any number)", (index, begin, length) => {
    expect(isBlockInside(lengths, index, begin, length)).toBe(false)
  })
})
