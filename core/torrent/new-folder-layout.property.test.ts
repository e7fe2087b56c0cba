import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type NewFile, newFolderLayout } from "./new-folder-layout.js"

const file = (path: string, sizeBytes: number): NewFile => ({ path, sizeBytes, isExecutable: false })
const entriesOf = (files: readonly NewFile[], partSizeBytes?: number) => {
  const { layout } = newFolderLayout(files, partSizeBytes)
  return Array.from({ length: layout.entryCount }, (_, index) => layout.entry(index))
}

const files = fc.uniqueArray(
  fc.record({
    path: fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }),
    sizeBytes: fc.oneof(fc.nat(30), fc.constantFrom(0, 15, 16, 17, 32)),
    isExecutable: fc.boolean(),
  }),
  { selector: ({ path }) => path, minLength: 1, maxLength: 20 },
)

describe("the layout of a new folder", () => {
  it("has every file once, in the order of the bytes of its path; large ones at the border of a part", () => {
    fc.assert(
      fc.property(files, (given) => {
        const { layout } = newFolderLayout(given, 16)
        const all = Array.from({ length: layout.entryCount }, (_, index) => ({ ...layout.entry(index), index }))
        const real = all.filter(({ isPadding }) => !isPadding)
        const sorted = [...given].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)))
        expect(real.map(({ path, sizeBytes, isExecutable }) => ({ path, sizeBytes, isExecutable }))).toEqual(sorted)
        for (const { sizeBytes, index, isPadding } of all) {
          if (!isPadding && sizeBytes >= 16) expect(layout.offsetOf(index) % 16).toBe(0)
          // Padding stands only where it is needed, directly before a large file.
          if (isPadding) {
            expect(sizeBytes).toBeLessThan(16)
            expect(all[index + 1]?.sizeBytes).toBeGreaterThanOrEqual(16)
          }
        }
      }),
    )
  })

  it("packs small files, and pads before large ones", () => {
    expect(entriesOf([file("c", 20), file("a", 5), file("b", 3), file("d", 16)], 16).map((e) => e.path)).toEqual([
      ...["a", "b", ".pad/8", "c", ".pad/12", "d"],
    ])
  })

  it("orders characters beyond 16 bits as their bytes, not as JavaScript does", () => {
    expect(entriesOf([file("\u{1f600}", 1), file("\uff5e", 1)], 16).map((e) => e.path)).toEqual(["\uff5e", "\u{1f600}"])
  })

  it("chooses parts for the size with its padding", () => {
    // Each file is one byte more than a part: padding nearly doubles the folder.
    const many = Array.from({ length: 1_500 }, (_, index) => file(`f${index}`, 256 * 1024 + 1))
    const { layout, partSizeBytes } = newFolderLayout(many)
    expect(partSizeBytes).toBe(512 * 1024)
    expect(Math.ceil(layout.sizeBytes / partSizeBytes)).toBeLessThanOrEqual(2_000)
  })
})
