import { expect, it } from "vitest"
import { fileEntry, havingParts } from "../testing/folder-entries.js"
import { FileSelection } from "../torrent/file-selection.js"
import { FolderLayout } from "../torrent/folder-layout.js"
import { createLengths } from "../torrent/lengths.js"
import { DoneFiles } from "./done-files.js"

const layout = FolderLayout.of([
  fileEntry("a", 100),
  fileEntry("b", 150),
  fileEntry(".pad/50", 50, true),
  fileEntry("c", 50),
  fileEntry("d", 50),
  fileEntry("empty", 0),
])
const lengths = createLengths(layout.sizeBytes, 100)

const having = (...parts: readonly number[]) => havingParts(lengths, parts)

it.each([
  [[], undefined, 1],
  [[1], undefined, 1],
  [[0, 1], undefined, 2],
  [[0, 1, 2], undefined, 3],
  [[3], undefined, 3],
  [[0, 1, 2, 3], undefined, 5],
  [[0, 3], ["b", "d"], 1],
])("counts the wanted files of which every part is there, no padding: parts %j, of %j", (parts, wanted, count) => {
  const selection = wanted && new FileSelection(layout, (index) => wanted.includes(layout.path(index)))
  expect(new DoneFiles(layout, lengths).count({ nowMs: 0, have: having(...parts), selection })).toBe(count)
})

it("looks at all files once a second at most while parts come, and at once when others are wanted", () => {
  const done = new DoneFiles(layout, lengths)
  const have = having(0)
  const at = (nowMs: number, selection?: FileSelection) => done.count({ nowMs, have, selection })
  expect(at(0)).toBe(2)
  have.add(3)
  expect(at(999)).toBe(2)
  expect(at(1_000)).toBe(4)
  have.add(1)
  have.add(2)
  expect(at(1_001, new FileSelection(layout, (index) => index < 2))).toBe(2)
})
