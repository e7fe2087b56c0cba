import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { FolderLayout } from "./folder-layout.js"

const sizes = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 40 })), { maxLength: 30 })
const layoutOf = (given: readonly number[]) =>
  FolderLayout.of(
    given.map((sizeBytes, index) => ({ path: `f${index}`, sizeBytes, isPadding: false, isExecutable: false })),
  )

describe("the layout of a folder", () => {
  it("finds every byte in the file and at the place where it stands", () => {
    fc.assert(
      fc.property(sizes, fc.nat(1300), fc.nat(300), (given, offset, length) => {
        // The file and the place in it of every byte of the document, counted one by one.
        const bytes = given.flatMap((size, file) => Array.from({ length: size }, (_, at) => `${file}:${at}`))
        const spans = layoutOf(given).spans(offset, length)
        const found = spans.flatMap(({ fileIndex, fileOffset, length: count }) =>
          Array.from({ length: count }, (_, at) => `${fileIndex}:${fileOffset + at}`),
        )
        expect(found).toEqual(bytes.slice(offset, offset + length))
        expect(spans.every(({ length: count }) => count > 0)).toBe(true)
      }),
    )
  })

  it("gives back what it was built of", () => {
    const files = [
      { path: "a/b", sizeBytes: 3, isPadding: false, isExecutable: true },
      { path: ".pad/5", sizeBytes: 5, isPadding: true, isExecutable: false },
      { path: "c", sizeBytes: 0, isPadding: false, isExecutable: false },
    ]
    const layout = FolderLayout.of(files)
    expect(files.map((_, index) => layout.entry(index))).toEqual(files)
    expect([layout.entryCount, layout.fileCount, layout.sizeBytes]).toEqual([3, 2, 8])
    expect(layout.offsetOf(2)).toBe(8)
  })
})
