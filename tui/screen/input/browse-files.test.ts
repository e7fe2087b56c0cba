import { describe, expect, it } from "vitest"
import type { TreePage, TreeRow } from "../../../core/index.js"
import { fakeDocument, fakeSnapshot } from "../../testing/fake-client.js"
import { fakeFile, fakeFolder, fakePage } from "../../testing/fake-tree.js"
import { press, screenState } from "../../testing/screen-states.js"
import { filesInterest, filesOf, toggledFolder } from "../state/files.js"
import type { ScreenState } from "../state/state.js"
import { reduce } from "./reducer.js"

const TREE = fakeDocument({ id: "1", name: "tree", isFolder: true, fileCount: 5 })
const OTHER = fakeDocument({ id: "2", name: "other", isFolder: true, fileCount: 9 })
const ROWS = [
  fakeFolder("train", { isOpen: true, wantedCount: 1 }),
  fakeFile("train/[1].bin"),
  fakeFile("train/b.bin", { isWanted: false }),
  fakeFolder("z"),
]

/** The files of a document in sight. */
function looking(rows: readonly TreeRow[] = ROWS, page: Partial<TreePage> = {}): ScreenState {
  const snapshot = fakeSnapshot({ documents: [TREE, OTHER] })
  return shown(press(screenState({ snapshot, selectedId: "1" }), "5").state, fakePage(rows, page))
}

function shown(state: ScreenState, page: TreePage | undefined): ScreenState {
  const interest = filesInterest(state)
  if (interest === undefined) throw new TypeError("no files are in sight")
  return reduce(state, { kind: "files", ...interest, page }).state
}

const commandsOf = (state: ScreenState, ...keys: readonly string[]) =>
  press(state, ...keys).effects.flatMap((effect) => (effect.kind === "choose-files" ? [effect.command] : []))

describe("Space in the files", () => {
  it.each([
    [["down"], "--drop=train/[1].bin"],
    [["down", "down"], "--add=train/b.bin"],
    [[], "--add=train"],
    [["end"], "--drop=z"],
  ])("after %o runs %s", (keys, choice) => {
    expect(commandsOf(looking(), ...keys, " ")).toEqual([["select", "1", choice, "--literal"]])
  })

  it("changes of a folder only what the filter shows", () => {
    const filtered = shown(press(looking(), "/", "bin", "enter").state, fakePage(ROWS))
    expect(commandsOf(filtered, "end", " ")).toEqual([["select", "1", "--drop=z", "--literal", "--holding=bin"]])
    expect(commandsOf(filtered, "down", " ")).toEqual([["select", "1", "--drop=train/[1].bin", "--literal"]])
  })

  it("waits for the rows that it is for", () => {
    const start = screenState({ snapshot: fakeSnapshot({ documents: [TREE] }), selectedId: "1" })
    const ahead = press(start, "5", " ", "/", "b", "enter", "down", " ", " ")
    expect(ahead.effects).toEqual([])
    const interest = filesInterest(ahead.state)
    if (interest === undefined) throw new TypeError("no files are in sight")
    const notReady = reduce(ahead.state, { kind: "files", ...interest, page: fakePage([], { isReady: false }) })
    expect(notReady.effects).toEqual([])
    const { state, effects } = reduce(notReady.state, { kind: "files", ...interest, page: fakePage(ROWS) })
    expect(effects).toMatchObject([
      { command: ["select", "1", "--drop=train/[1].bin", "--literal"] },
      { command: ["select", "1", "--add=train/[1].bin", "--literal"] },
    ])
    expect(filesOf(state).waiting).toEqual([])
  })

  it("forgets what waited for rows of another order, filter or view, and too many keys", () => {
    const start = screenState({ snapshot: fakeSnapshot({ documents: [TREE] }), selectedId: "1" })
    const ahead = press(start, "5", ...new Array<string>(200).fill("down")).state
    expect(filesOf(ahead).waiting).toHaveLength(100)
    for (const key of ["1", "tab", "s", "S", "e"]) expect(filesOf(press(ahead, key).state).waiting).toEqual([])
  })

  it("goes by what is being changed, which stays until a page shows it", () => {
    const changing = press(looking(), "down", " ").state
    expect(commandsOf(changing, " ")).toEqual([["select", "1", "--add=train/[1].bin", "--literal"]])
    const made = reduce(changing, { kind: "files-chosen", number: 1, isMade: true }).state
    expect(filesOf(made).changes).toMatchObject([{ number: 1, isMade: true }])
    expect(filesOf(shown(made, fakePage(ROWS))).changes).toEqual([])
    const refused = reduce(changing, { kind: "files-chosen", number: 1, isMade: false }).state
    expect(filesOf(refused).changes).toEqual([])
  })
})

describe("a in the files", () => {
  it("wants all of them, or none", () => {
    expect(commandsOf(looking(ROWS, { matchingWanted: 4 }), "a")).toEqual([["select", "1", "--add=.", "--literal"]])
    expect(commandsOf(looking(), "a")).toEqual([["select", "1", "--drop=.", "--literal"]])
    const found = shown(press(looking(), "/", "b", "enter").state, fakePage(ROWS))
    expect(commandsOf(found, "a")).toEqual([["select", "1", "--drop=.", "--literal", "--holding=b"]])
    expect(commandsOf(shown(found, fakePage([], { matchingCount: 0, matchingWanted: 0 })), "a")).toEqual([])
  })
})

const queryAfter = (state: ScreenState, ...keys: readonly string[]) => filesInterest(press(state, ...keys).state)?.query

describe("folders in the files", () => {
  it("are opened and closed", () => {
    expect(queryAfter(looking(), "end", "enter")).toMatchObject({ isOpen: false, except: [1] })
    const opened = shown(press(looking(), "end", "enter").state, fakePage(ROWS))
    expect(queryAfter(opened, "enter")).toMatchObject({ except: [] })
    expect(queryAfter(looking(), "end", "right")).toMatchObject({ except: [1] })
    expect(queryAfter(looking(), "left")).toMatchObject({ except: [5] })
    expect(queryAfter(looking(), "e")).toMatchObject({ isOpen: true, except: [] })
    expect(queryAfter(looking(), "e", "e")).toMatchObject({ isOpen: false, except: [] })
  })

  it("are gone into and out of", () => {
    const cursorAfter = (...keys: readonly string[]) => filesOf(press(looking(), ...keys).state).cursor
    expect(cursorAfter("right")).toBe(1)
    expect(cursorAfter("down", "down", "left")).toBe(0)
    expect(cursorAfter("end", "left")).toBe(3)
  })

  it("are open under a filter, and as they were after it", () => {
    const opened = press(looking(), "end", "enter").state
    expect(queryAfter(opened, "/", "x")).toMatchObject({ filter: "x", isOpen: true, except: [] })
    expect(queryAfter(opened, "/", "x", "enter", "escape")).toMatchObject({ isOpen: false, except: [1] })
    expect(press(opened, "/", "x", "enter", "escape").state.view).toBe("files")
    expect(press(opened, "escape").state.view).toBe("documents")
  })

  it("are remembered no more than a query may name", () => {
    let files = filesOf(looking())
    for (let folder = 1; folder <= 1_001; folder++) files = { ...files, ...toggledFolder(files, folder) }
    expect(files.folders.except).toHaveLength(1_000)
    expect(files.folders.except).not.toContain(1)
  })
})

describe("the files", () => {
  it("are sorted by the next column, and the other way round", () => {
    expect(queryAfter(looking())).toMatchObject({ sort: "path", descending: false })
    expect(queryAfter(looking(), "s")).toMatchObject({ sort: "size", descending: true })
    expect(queryAfter(looking(), "s", "s", "S")).toMatchObject({ sort: "done", descending: false })
    expect(press(looking(), "s").state.sort.column).toBe("attention")
  })

  it("are asked for around what is in sight, some lines at a time", () => {
    const rows = Array.from({ length: 76 }, (_, index) => fakeFile(String(index)))
    const many = looking(rows, { rowCount: 300_000 })
    expect(filesInterest(many)).toMatchObject({ id: "1", query: { from: 0, count: 68 } })
    expect(queryAfter(many, "down")).toEqual(queryAfter(many))
    const { from = 0, count = 0 } = queryAfter(many, "end") ?? {}
    expect(from + count).toBeGreaterThanOrEqual(300_000)
    expect(count).toBe(68)
    expect(filesInterest(press(many, "1").state)).toBeUndefined()
  })

  it("of another document begin anew, sorted likewise", () => {
    const other = press(looking(), "s", "down", "e", "1", "up", "5").state
    expect(other.selectedId).toBe("2")
    expect(filesInterest(other)).toMatchObject({ id: "2", query: { sort: "size", isOpen: false, from: 0 } })
    expect(filesOf(shown(other, fakePage([fakeFile("x")]))).cursor).toBe(0)
  })

  it("keep what is shown until the next page is ready, and the cursor in it", () => {
    const last = press(looking(), "end").state
    const waiting = shown(last, { ...fakePage([]), isReady: false })
    expect(filesOf(waiting)).toMatchObject({ cursor: 3, isBehind: true, shown: { page: { rows: ROWS } } })
    expect(filesOf(shown(waiting, fakePage(ROWS.slice(0, 2))))).toMatchObject({ cursor: 1, isBehind: false })
  })

  it("leave a page alone that is of another document", () => {
    const state = looking()
    const { query } = filesInterest(state) ?? {}
    if (query === undefined) throw new TypeError("no files are in sight")
    expect(reduce(state, { kind: "files", id: "2", query, page: fakePage([]) }).state).toBe(state)
  })

  it("take clicks: on a row it is the cursor's, on its mark it is changed; the wheel moves it", () => {
    const click = (column: number, row: number) =>
      reduce(looking(), { kind: "mouse", press: { what: "click", column, row } })
    // Two lines of header, facts and titles.
    expect(filesOf(click(20, 6).state).cursor).toBe(2)
    expect(click(20, 6).effects).toEqual([])
    expect(click(3, 5).effects).toMatchObject([{ command: ["select", "1", "--drop=train/[1].bin", "--literal"] }])
    for (const row of [2, 3, 8, 20]) expect(filesOf(click(3, row).state).cursor).toBe(0)
    const wheel = reduce(looking(), { kind: "mouse", press: { what: "wheel-down", column: 0, row: 0 } })
    expect(filesOf(wheel.state).cursor).toBe(3)
  })
})
