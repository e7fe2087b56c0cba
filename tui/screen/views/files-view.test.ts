import { describe, expect, it } from "vitest"
import type { TreePage } from "../../../core/index.js"
import { fakeDocument, fakeSnapshot } from "../../testing/fake-client.js"
import { fakeFile, fakeFolder, fakePage } from "../../testing/fake-tree.js"
import { linesOf, press, screenState } from "../../testing/screen-states.js"
import { widthOf } from "../drawing/cells.js"
import { reduce } from "../input/reducer.js"
import { filesInterest } from "../state/files.js"
import type { ScreenState } from "../state/state.js"

const SELECTION = {
  ...{
    only: [],
    wantedFiles: 1_204,
    wantedBytes: 3 * 1024 ** 2,
    partCount: 9,
    partBytes: 9,
    haveCount: 0,
    haveBytes: 0,
  },
}
const TREE = fakeDocument({ id: "1", name: "tree", isFolder: true, fileCount: 30_000, selection: SELECTION })
const ROWS = [
  fakeFolder("train", { isOpen: true, fileCount: 30_000, wantedCount: 1_204, doneBytes: 512 }),
  fakeFile("train/a.bin", { doneBytes: 1024 }),
  fakeFile("train/b.bin", { isWanted: false }),
  fakeFolder("z", { wantedCount: 0 }),
  fakeFile("empty", { sizeBytes: 0 }),
]

function looking(
  page: TreePage | undefined = fakePage(ROWS),
  change: Partial<ScreenState> = {},
  ...keys: readonly string[]
) {
  const snapshot = fakeSnapshot({ documents: [TREE] })
  const state = press(screenState({ snapshot, selectedId: "1", ...change }), "5", ...keys).state
  const interest = filesInterest(state)
  return interest === undefined ? state : reduce(state, { kind: "files", ...interest, page }).state
}
const trimmed = (state: ScreenState) => linesOf(state).map((line) => line.trimEnd())

describe("the view of files", () => {
  it("shows a tree with what is wanted, sizes and done shares", () => {
    expect(trimmed(looking(undefined, { columns: 72 })).slice(2, 9)).toEqual([
      "tree/  1,204 of 30,000 files wanted, 3.00 MiB",
      "      ↑Name                          Files     Size    Done",
      "> [-] ▾ train/                1,204/30,000 2.00 KiB  25.0 % ███░░░░░░░░░",
      "  [x]     a.bin                            1.00 KiB   100 % ████████████",
      "  [ ]     b.bin                            1.00 KiB   0.0 % ░░░░░░░░░░░░",
      "  [ ] ▸ z/                               2 2.00 KiB   0.0 % ░░░░░░░░░░░░",
      "  [x]   empty                                   0 B         ████████████",
    ])
  })

  it("drops columns on narrow screens, and none of the marks", () => {
    const narrow = trimmed(looking(fakePage(ROWS), { columns: 40, rows: 8 }))
    expect(narrow.slice(1, 5)).toEqual([
      "tree/  1,204 of 30,000 files wanted, 3.…",
      "      ↑Name               Size    Done",
      "> [-] ▾ train/        2.00 KiB  25.0 % █",
      "  [x]     a.bin       1.00 KiB   100 % │",
    ])
  })

  it.each([
    [60, 15],
    [100, 30],
    [40, 8],
  ])("fills %i columns and %i lines with as many rows of many as there is room for", (columns, rows) => {
    const many = Array.from({ length: 400 }, (_, index) => fakeFile(`f${index}`))
    const state = looking(fakePage(many, { rowCount: 300_000 }), { columns, rows })
    const lines = linesOf(state)
    expect(lines).toHaveLength(rows - 1)
    expect(lines.every((line) => widthOf(line) === columns)).toBe(true)
    expect(lines.join("\n")).toMatch(/1-\d+ of 300,000/)
    expect(lines.filter((line) => / f\d+ /.test(line))).toHaveLength(columns >= 60 ? rows - 7 : rows - 6)
  })

  it("has ASCII for all that is drawn", () => {
    const lines = linesOf(looking(fakePage(ROWS), { ascii: true }))
    expect(lines.join("\n")).toMatch(/^[\x20-\x7e\n]*$/)
    expect(lines.slice(4, 8).map((line) => line.slice(0, 14))).toEqual([
      ...["> [-] - train/", "  [x]     a.bi", "  [ ]     b.bi", "  [ ] + z/    "],
    ])
  })

  it("marks what is being changed, with what it will be", () => {
    const changing = press(looking(), "down", " ").state
    expect(trimmed(changing)[5]).toMatch(/^>~\[ \] {5}a\.bin/)
    const folder = press(looking(), " ").state
    expect(trimmed(folder)[6]).toMatch(/^ ~\[x\] {5}b\.bin/)
    expect(trimmed(folder)[7]).toMatch(/^ {2}\[ \] ▸ z/)
    const made = reduce(changing, { kind: "files-chosen", number: 1, isMade: true }).state
    expect(trimmed(made)[5]).toMatch(/^> \[ \] {5}a\.bin/)
  })

  it("says what the filter finds, and when nothing does", () => {
    const filtered = looking(fakePage(ROWS, { matchingCount: 2, matchingBytes: 2048 }), {}, "/", "bin", "enter")
    expect(trimmed(filtered)[2]).toContain("filter bin: 2 files, 2.00 KiB")
    const none = looking(fakePage([], { matchingCount: 0, matchingBytes: 0 }), {}, "/", "bin", "enter")
    expect(trimmed(none)[3]).toBe('No file with "bin" in its path. Esc shows all.')
  })

  it("says that it is looking, until there is a page", () => {
    const start = press(screenState({ snapshot: fakeSnapshot({ documents: [TREE] }), selectedId: "1" }), "5").state
    expect(trimmed(start)[3]).toBe("Looking through the files")
    const waiting = reduce(looking(), { kind: "files", ...filesInterest(looking()), page: undefined } as never).state
    expect(trimmed(waiting)[2]).toMatch(/ {2}looking$/)
  })

  it("sets deep rows in no further than half of their column", () => {
    const deep = fakeFile(`${"d/".repeat(99)}end.bin`)
    expect(trimmed(looking(fakePage([deep])))[4]).toContain("end.bin")
  })

  it("has no files of a document that is known by its link only, and of none", () => {
    const unknown = fakeSnapshot({ documents: [{ ...TREE, isDescribed: false }] })
    expect(trimmed(looking(undefined, { snapshot: unknown }))[2]).toContain("when its description has come")
    expect(trimmed(looking(undefined, { snapshot: fakeSnapshot(), selectedId: undefined }))[2]).toContain(
      "No document is selected",
    )
  })
})
