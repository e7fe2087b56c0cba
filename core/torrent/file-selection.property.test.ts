import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { FileSelection } from "./file-selection.js"
import { FolderLayout } from "./folder-layout.js"
import { createLengths } from "./lengths.js"

const entry = fc.record({ sizeBytes: fc.integer({ min: 0, max: 40 }), isPadding: fc.boolean(), isWanted: fc.boolean() })
const entries = fc.array(entry, { maxLength: 30 })

function select(given: readonly { sizeBytes: number; isPadding: boolean; isWanted: boolean }[]) {
  const layout = FolderLayout.of(given.map((each, index) => ({ ...each, path: `f${index}`, isExecutable: false })))
  return { layout, selection: new FileSelection(layout, (index) => given[index]?.isWanted === true) }
}

describe("the files that are wanted", () => {
  it("want the parts that hold a byte of theirs, and no other", () => {
    fc.assert(
      fc.property(entries, fc.integer({ min: 1, max: 50 }), (given, partSizeBytes) => {
        const { layout, selection } = select(given)
        const lengths = createLengths(layout.sizeBytes, partSizeBytes)
        // Of every byte of the document, counted one by one: is it wanted?
        const bytes = given.flatMap((each) => Array(each.sizeBytes).fill(each.isWanted && !each.isPadding) as boolean[])
        const parts = Array.from({ length: lengths.partCount }, (_, part) =>
          bytes.slice(part * partSizeBytes, (part + 1) * partSizeBytes).includes(true),
        )
        const found = selection.parts(lengths)
        expect(parts.map((_, part) => found.has(part))).toEqual(parts)
        expect(selection.sizeBytes).toBe(bytes.filter(Boolean).length)
      }),
    )
  })

  it("are counted without padding, which nobody can want", () => {
    fc.assert(
      fc.property(entries, (given) => {
        const { selection } = select(given)
        const wanted = given.map(({ isWanted, isPadding }) => isWanted && !isPadding)
        expect(given.map((_, index) => selection.has(index))).toEqual(wanted)
        expect(selection.fileCount).toBe(wanted.filter(Boolean).length)
        expect(selection.isWhole).toBe(given.every(({ isWanted, isPadding }) => isWanted || isPadding))
      }),
    )
  })
})
