import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { textOf } from "./cells.js"
import { ASCII } from "./glyphs.js"
import { widthBesideBar, withScrollBar } from "./scroll-bar.js"

const barOf = (start: number, shown: number, count: number): string =>
  withScrollBar(new Array(shown).fill([{ text: "row" }]), { start, shown, count }, 10, ASCII)
    .map((row) => textOf(row).slice(-1))
    .join("")

describe("a scroll bar", () => {
  it("stands at the top, at the bottom, and nowhere in a list that is all in sight", () => {
    expect(barOf(0, 4, 16)).toBe("#|||")
    expect(barOf(12, 4, 16)).toBe("|||#")
    expect(barOf(0, 4, 8)).toBe("##||")
    expect(barOf(0, 3, 3)).toBe("www")
    expect([widthBesideBar(80, 3, 3), widthBesideBar(80, 4, 3)]).toEqual([80, 78])
  })

  it("touches an end only there, and is one piece, in any list", () => {
    const sizes = fc.record({ shown: fc.integer({ min: 3, max: 60 }), more: fc.integer({ min: 2, max: 100_000 }) })
    fc.assert(
      fc.property(sizes, fc.double({ min: 0, max: 1, noNaN: true }), ({ shown, more }, where) => {
        const bar = barOf(Math.round(where * more), shown, shown + more)
        expect(bar).toMatch(/^\|*#+\|*$/)
        expect(bar).toHaveLength(shown)
      }),
    )
  })
})
