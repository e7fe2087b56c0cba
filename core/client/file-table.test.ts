import { describe, expect, it } from "vitest"
import type { FilesQuery } from "../api/selection.js"
import { fileEntry, havingParts } from "../testing/folder-entries.js"
import type { Bitfield } from "../torrent/bitfield.js"
import { FileSelection } from "../torrent/file-selection.js"
import { FolderLayout } from "../torrent/folder-layout.js"
import { createLengths } from "../torrent/lengths.js"
import { type FilesNow, FileTable } from "./file-table.js"

const layout = FolderLayout.of([
  fileEntry("Train/b.png", 150),
  fileEntry(".pad/50", 50, true),
  fileEntry("a.txt", 250),
  { ...fileEntry("run", 0), isExecutable: true },
  fileEntry("train/a.png", 50),
])
const lengths = createLengths(layout.sizeBytes, 100)
const NOTHING: FilesNow = { nowMs: 0, have: undefined, selection: undefined }

const having = (...parts: readonly number[]) => havingParts(lengths, parts)

function page(query: Partial<FilesQuery> = {}, now: Partial<FilesNow> = {}) {
  return new FileTable(layout, lengths).page({ sort: "path", from: 0, count: 10, ...query }, { ...NOTHING, ...now })
}
const paths = (query: Partial<FilesQuery>, have?: Bitfield) =>
  page(query, have && { have }).rows.map(({ path }) => path)

describe("the files of a document", () => {
  it("are all wanted by default, and padding is none of them", () => {
    expect(page()).toEqual({
      ...{ total: 4, matching: 4, wantedFiles: 4, wantedBytes: 450 },
      rows: [
        { index: 0, path: "Train/b.png", size: 150, wanted: true, doneBytes: 0, executable: false },
        { index: 2, path: "a.txt", size: 250, wanted: true, doneBytes: 0, executable: false },
        { index: 3, path: "run", size: 0, wanted: true, doneBytes: 0, executable: true },
        { index: 4, path: "train/a.png", size: 50, wanted: true, doneBytes: 0, executable: false },
      ],
    })
  })

  it("show which of them are wanted", () => {
    const { wantedFiles, wantedBytes, rows } = page(
      {},
      { selection: new FileSelection(layout, (index) => index === 2) },
    )
    expect([wantedFiles, wantedBytes, rows.map(({ wanted }) => wanted)]).toEqual([1, 250, [false, true, false, false]])
  })

  it("show their bytes in verified parts, also where a part runs over a border", () => {
    expect(page({}, { have: having(1, 4) }).rows.map(({ doneBytes }) => doneBytes)).toEqual([50, 50, 0, 50])
  })

  it.each([
    [{ sort: "size" }, ["run", "train/a.png", "Train/b.png", "a.txt"]],
    [{ sort: "size", descending: true }, ["a.txt", "Train/b.png", "train/a.png", "run"]],
    [{ filter: "TRAIN/" }, ["Train/b.png", "train/a.png"]],
    [{ filter: "no such" }, []],
    [{ from: 1, count: 2 }, ["a.txt", "run"]],
    [{ from: 9 }, []],
    [{ count: 0 }, []],
  ] as const)("are filtered, sorted and cut: %o", (query, expected) => {
    expect(paths(query)).toEqual(expected)
  })

  it("are sorted by their done share", () => {
    expect(paths({ sort: "done" }, having(1, 4))).toEqual(["a.txt", "Train/b.png", "run", "train/a.png"])
    expect(paths({ sort: "done", descending: true }, having(2, 3))).toEqual([
      "run",
      "a.txt",
      "train/a.png",
      "Train/b.png",
    ])
  })

  it("keep their place for a second while parts arrive", () => {
    const table = new FileTable(layout, lengths)
    const have = having(4)
    const look = (nowMs: number) =>
      table
        .page({ sort: "done", from: 0, count: 10 }, { nowMs, have, selection: undefined })
        .rows.map(({ index }) => index)
    expect(look(0)).toEqual([0, 2, 3, 4])
    have.add(0)
    expect(look(999)).toEqual([0, 2, 3, 4])
    expect(look(1_000)).toEqual([2, 0, 3, 4])
  })

  it("are found again by a shorter filter", () => {
    const table = new FileTable(layout, lengths)
    const matching = (filter: string) => table.page({ filter, sort: "path", from: 0, count: 0 }, NOTHING).matching
    expect(["train", "train/a", "a", ""].map(matching)).toEqual([2, 1, 3, 4])
  })

  it.each([{ from: -1 }, { from: 0.5 }, { count: Number.NaN }, { sort: "name" as "path" }])("refuse %o", (query) => {
    expect(() => page(query)).toThrow(expect.objectContaining({ code: "bad_argument" }))
  })
})

describe("a folder of many files", () => {
  it("is looked through once, not at every page", () => {
    let looks = 0
    const count = 300_000
    const many = FolderLayout.of(
      Array.from({ length: count }, (_, index) => fileEntry(`f/${String(index).padStart(6, "0")}`, 1_024)),
    )
    const watched = new Proxy(many, {
      get(target, name) {
        if (name === "path" || name === "sizeOf") looks++
        const value: unknown = Reflect.get(target, name, target)
        return typeof value === "function" ? value.bind(target) : value
      },
    })
    const table = new FileTable(watched, createLengths(many.sizeBytes, 262_144))
    for (const sort of ["path", "size", "done"] as const) {
      const query = { sort, filter: "f/", from: 150_000, count: 50 }
      table.page(query, NOTHING)
      const before = looks
      expect(table.page(query, NOTHING).rows).toHaveLength(50)
      expect(looks - before).toBeLessThan(500)
    }
    expect(table.page({ sort: "path", from: 0, count: count }, NOTHING).rows).toHaveLength(1_000)
  })
})
