import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { compareNaturally } from "./natural-order.js"

const sorted = (...names: readonly string[]) => names.toSorted((a, b) => compareNaturally(a, b))

describe("the natural order of names", () => {
  it.each([
    [["run 9", "run 10", "run 100"]],
    [["a", "B", "c"]],
    [["a", "a1", "a1b", "aa"]],
    [["img007", "img7", "img08"]],
    [["1", "99999999999999999999", "100000000000000000000"]],
    [["", "0", "00", "a"]],
  ])("is %o", (names) => {
    expect(sorted(...names.toReversed())).toEqual(names)
  })

  it("looks only at what follows what all begin with", () => {
    expect(compareNaturally("d9/a", "d9/b", 3)).toBeLessThan(0)
  })

  it("is an order", () => {
    const names = fc.string({ unit: fc.constantFrom("a", "B", "b", "0", "1", "9", " ", "\u00E9"), maxLength: 6 })
    fc.assert(
      fc.property(names, names, names, (a, b, c) => {
        expect(Math.sign(compareNaturally(a, b)) + Math.sign(compareNaturally(b, a))).toBe(0)
        expect(compareNaturally(a, b) === 0).toBe(a === b)
        if (compareNaturally(a, b) <= 0 && compareNaturally(b, c) <= 0)
          expect(compareNaturally(a, c)).toBeLessThanOrEqual(0)
      }),
    )
  })
})
