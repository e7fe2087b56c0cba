import { describe, expect, it } from "vitest"
import type { TreeQuery, TreeRow } from "../api/file-tree.js"
import { fileEntry, havingParts } from "../testing/folder-entries.js"
import { FileSelection } from "../torrent/file-selection.js"
import { FolderLayout } from "../torrent/folder-layout.js"
import { createLengths } from "../torrent/lengths.js"
import type { FilesNow } from "./file-table.js"
import { TreeTable } from "./tree-table.js"

const layout = FolderLayout.of([
  fileEntry("train/run10.bin", 100),
  fileEntry("a.txt", 250),
  fileEntry(".pad/50", 50, true),
  fileEntry("train/deep/x.bin", 300),
  fileEntry("train/run9.bin", 100),
  fileEntry("B.txt", 0),
])
const lengths = createLengths(layout.sizeBytes, 100)
const NOTHING: FilesNow = { nowMs: 0, have: undefined, selection: undefined }
const CLOSED: TreeQuery = { sort: "path", isOpen: false, except: [], from: 0, count: 100 }

const having = (...parts: readonly number[]) => havingParts(lengths, parts)

function page(query: Partial<TreeQuery> = {}, now: Partial<FilesNow> = {}) {
  return new TreeTable(layout, lengths, () => {}).page({ ...CLOSED, ...query }, { ...NOTHING, ...now })
}
/** "  train/" */
const shown = ({ depth, name, kind }: TreeRow) => `${"  ".repeat(depth)}${name}${kind === "folder" ? "/" : ""}`
const rows = (query: Partial<TreeQuery>, now: Partial<FilesNow> = {}) => page(query, now).rows.map(shown)
const folderNumber = (path: string) =>
  page({ isOpen: true }).rows.flatMap((row) =>
    row.kind === "folder" && row.literalPath === path ? row.folder : [],
  )[0] ?? -1

describe("the files of a folder as a tree", () => {
  it("show the top, folders first, by name", () => {
    expect(rows({})).toEqual(["train/", "a.txt", "B.txt"])
  })

  it("show what is in open folders", () => {
    expect(rows({ isOpen: true })).toEqual([
      ...["train/", "  deep/", "    x.bin", "  run9.bin", "  run10.bin"],
      ...["a.txt", "B.txt"],
    ])
    expect(rows({ except: [folderNumber("train")] })).toEqual([
      ...["train/", "  deep/", "  run9.bin", "  run10.bin"],
      ...["a.txt", "B.txt"],
    ])
    expect(rows({ isOpen: true, except: [folderNumber("train/deep")] })).not.toContain("    x.bin")
  })

  it.each([
    [{ sort: "size" }, ["B.txt", "a.txt", "train/", "  run10.bin", "  run9.bin", "  deep/", "    x.bin"]],
    [
      { sort: "size", descending: true },
      ["train/", "  deep/", "    x.bin", "  run10.bin", "  run9.bin", "a.txt", "B.txt"],
    ],
    [{ descending: true }, ["train/", "  deep/", "    x.bin", "  run10.bin", "  run9.bin", "B.txt", "a.txt"]],
    [{ filter: "RUN" }, ["train/", "  run9.bin", "  run10.bin"]],
    [{ filter: "deep" }, ["train/", "  deep/", "    x.bin"]],
    [{ filter: "nothing" }, []],
    [{ from: 1, count: 2 }, ["  deep/", "    x.bin"]],
    [{ from: 9 }, []],
  ] as const)("are filtered, sorted and cut: %o", (query, expected) => {
    expect(rows({ isOpen: true, ...query })).toEqual(expected)
  })

  it("are sorted by their done share, folders among files", () => {
    expect(rows({ sort: "done", isOpen: true }, { have: having(0, 1) })).toEqual([
      ...["train/", "  deep/", "    x.bin", "  run9.bin", "  run10.bin"],
      ...["a.txt", "B.txt"],
    ])
    expect(rows({ sort: "done", descending: true }, { have: having(0, 1) })).toEqual(["B.txt", "a.txt", "train/"])
  })

  it("have the figures of what is below, and of what passes the filter", () => {
    const selection = new FileSelection(layout, (index) => index === 0 || index === 1)
    expect(page({}, { selection, have: having(0, 1, 4) })).toEqual({
      ...{ isReady: true, rowCount: 3, fileCount: 5, matchingCount: 5, matchingBytes: 750, matchingWanted: 2 },
      rows: [
        {
          ...{ kind: "folder", folder: 1, depth: 0, name: "train", literalPath: "train", parentRow: undefined },
          ...{ sizeBytes: 500, doneBytes: 200, isOpen: false, fileCount: 3, wantedCount: 1 },
        },
        {
          ...{ kind: "file", depth: 0, name: "a.txt", literalPath: "a.txt", parentRow: undefined },
          ...{ sizeBytes: 250, doneBytes: 100, isWanted: true },
        },
        {
          ...{ kind: "file", depth: 0, name: "B.txt", literalPath: "B.txt", parentRow: undefined },
          ...{ sizeBytes: 0, doneBytes: 0, isWanted: false },
        },
      ],
    })
    expect(page({ filter: "run" }, { selection })).toMatchObject({
      ...{ fileCount: 5, matchingCount: 2, matchingBytes: 200, matchingWanted: 1 },
      rows: [{ sizeBytes: 200, fileCount: 2, wantedCount: 1 }],
    })
  })

  it("name the row of the folder that each is in", () => {
    expect(page({ isOpen: true }).rows.map(({ parentRow }) => parentRow)).toEqual([
      ...[undefined, 0, 1, 0, 0],
      ...[undefined, undefined],
    ])
  })

  it("show names fit to show, and have the path as it is for commands", () => {
    const hostile = "a\u001b[2J\u202E.txt"
    const other = FolderLayout.of([fileEntry(hostile, 1)])
    const [row] = new TreeTable(other, createLengths(1, 1), () => {}).page(CLOSED, NOTHING).rows
    expect(row).toMatchObject({ name: "a\uFFFD[2J\uFFFD.txt", literalPath: hostile })
  })

  it("keep their place for a second while parts arrive", () => {
    const table = new TreeTable(layout, lengths, () => {})
    const have = having(1)
    const look = (nowMs: number) =>
      table.page({ ...CLOSED, sort: "done", descending: true }, { nowMs, have, selection: undefined }).rows.map(shown)
    expect(look(0)).toEqual(["B.txt", "a.txt", "train/"])
    for (const part of [0, 4, 5, 6]) have.add(part)
    expect(look(999)).toEqual(["B.txt", "a.txt", "train/"])
    expect(look(1_000)).toEqual(["B.txt", "train/", "a.txt"])
  })

  it.each([{ from: -1 }, { count: 0.5 }, { sort: "name" as "path" }, { except: new Array<number>(1_001).fill(1) }])(
    "refuse %o",
    (query) => {
      expect(() => page(query)).toThrow(expect.objectContaining({ code: "bad_argument" }))
    },
  )
})

describe("a tree of many files", () => {
  const COUNT = 100_000
  const many = FolderLayout.of(
    Array.from({ length: COUNT }, (_, index) =>
      fileEntry(`d${index % 7}/f${(index * 7_919) % COUNT}`, 1_000 + (index % 13)),
    ),
  )
  const manyLengths = createLengths(many.sizeBytes, 262_144)

  /** The page when it is ready, and how many pages were not. */
  async function readyPage(table: TreeTable, told: () => Promise<void>, query: TreeQuery) {
    let page = table.page(query, NOTHING)
    let waits = 0
    for (; !page.isReady; waits++) {
      await told()
      page = table.page(query, NOTHING)
    }
    return { page, waits }
  }

  it("is worked out between other work, once, and then told", async () => {
    let tell = (): void => {}
    const told = () =>
      new Promise<void>((resolve) => {
        tell = resolve
      })
    const table = new TreeTable(many, manyLengths, () => tell())
    const query = { ...CLOSED, isOpen: true, from: 50_000, count: 50 }
    const first = await readyPage(table, told, query)
    expect([first.waits, first.page.rowCount, first.page.rows.length]).toEqual([1, COUNT + 7, 50])
    const again = await readyPage(table, told, { ...query, from: 0 })
    expect([again.waits, again.page.rows[1]?.name]).toEqual([0, "f0"])
    const sorted = await readyPage(table, told, { ...query, sort: "size", from: 0 })
    expect([sorted.waits, sorted.page.rows[1]?.sizeBytes]).toEqual([1, 1_000])
    const filtered = await readyPage(table, told, { ...query, filter: "d3/f1", from: 0 })
    expect(filtered.page.rows[0]).toMatchObject({ name: "d3" })
    expect(filtered.page.rowCount).toBeLessThan(3_000)
  })

  it("gives a list up that nobody asks for any more", async () => {
    let told = 0
    const table = new TreeTable(many, manyLengths, () => told++)
    for (let letter = 0; letter < 9; letter++) table.page({ ...CLOSED, filter: `f${letter}` }, NOTHING)
    await expect.poll(() => table.page({ ...CLOSED, filter: "f8" }, NOTHING).isReady).toBe(true)
    await expect.poll(() => told).toBe(4)
  })
})
