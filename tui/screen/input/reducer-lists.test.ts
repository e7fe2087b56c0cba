import { describe, expect, it } from "vitest"
import { fakeDocument, fakeSnapshot } from "../../testing/fake-client.js"
import { press, screenState } from "../../testing/screen-states.js"
import type { ScreenState } from "../state/state.js"
import { reduce } from "./reducer.js"

describe("a list to choose from", () => {
  it("walks through what Tab found, keeps one at Enter, and goes back at Esc [U9]", () => {
    const asked = press(screenState(), ":pa").state
    const choices = ["pause", "paste"].map((label) => ({ label, field: { value: `${label} `, cursor: 6 } }))
    const offered = reduce(asked, { kind: "completed", asked: asked.field, field: asked.field, choices }).state
    expect(press(offered, "tab").state.field.value).toBe("pause ")
    expect(press(offered, "tab", "down").state.field.value).toBe("paste ")
    expect(press(offered, "up").state.field.value).toBe("paste ")
    expect(press(offered, "tab", "tab", "tab", "enter").effects).toEqual([])
    expect(press(offered, "tab", "enter", "x").state).toMatchObject({
      field: { value: "pause x" },
      mode: { choices: [] },
    })
    expect(press(offered, "tab", "escape").state).toMatchObject({ field: { value: "pa" }, mode: { choices: [] } })
  })

  it("finds earlier lines by their letters with Ctrl-R, the latest first [U9]", () => {
    const state = screenState({ history: ["pause beta", "limit down 1MB/s", "pause alpha"] })
    expect(press(state, ":", "ctrl-r", "pau", "enter").state.field.value).toBe("pause alpha")
    expect(press(state, ":", "ctrl-r", "pau", "ctrl-r", "enter").state.field.value).toBe("pause beta")
    expect(press(state, ":", "ctrl-r", "escape").state).toMatchObject({
      mode: { kind: "command" },
      field: { value: "" },
    })
  })
})

describe("the order of the list", () => {
  it("begins with the largest where that is more useful, and is kept for the next run [U8]", () => {
    const { state, effects } = press(screenState(), "s", "s")
    expect(state.sort).toEqual({ column: "size", descending: true })
    expect(effects.at(-1)).toEqual({ kind: "keep-sort", sort: state.sort })
    expect(press(screenState(), "s").state.sort).toEqual({ column: "name", descending: false })
    expect(press(state, "S").state.sort).toEqual({ column: "size", descending: false })
  })

  it("has its first line selected until a key is pressed [U8]", () => {
    const failed = { ...fakeDocument({ id: "9", name: "z" }), state: "failed" } as const
    const { documents } = screenState().snapshot
    const event = { kind: "snapshot", snapshot: fakeSnapshot({ documents: [...documents, failed] }) } as const
    expect(reduce(screenState(), event).state.selectedId).toBe("9")
    expect(reduce(press(screenState(), "down").state, event).state.selectedId).toBe("2")
  })

  it("goes through the states that there are, and back to all [U8]", () => {
    const shown = (...keys: readonly string[]) => press(screenState(), ...keys).state.standing
    expect([shown("f"), shown("f", "f"), shown("f", "f", "f"), shown("f", "f", "f", "f")]).toEqual([
      "downloading",
      "seeding",
      "paused",
      undefined,
    ])
    expect([shown("F"), shown("f", "escape")]).toEqual(["paused", undefined])
    expect(press(screenState(), "F").state.selectedId).toBe("3")
  })
})

describe("the finder", () => {
  it("goes to a document that a filter hides, to a command and to a peer [U9]", () => {
    const state = screenState({ filter: "beta" })
    expect(press(state, "ctrl-p", "gamma", "enter").state).toMatchObject({
      selectedId: "3",
      filter: "",
      view: "documents",
    })
    expect(press(state, "ctrl-p", "recheck", "enter").state).toMatchObject({ field: { value: "recheck " } })
    expect(press(state, "ctrl-p", "escape").state).toMatchObject({ mode: { kind: "browse" }, filter: "beta" })
    expect(press(state, "ctrl-p", "nothing at all", "enter").state.mode).toMatchObject({ kind: "pick" })
  })
})

describe("a removed document", () => {
  const without = (id: string) => {
    const { documents } = screenState().snapshot
    return {
      kind: "snapshot",
      snapshot: fakeSnapshot({ documents: documents.filter((each) => each.id !== id) }),
    } as const
  }

  it("is taken up again: a whole file is shared as it is, the rest is downloaded [U9]", () => {
    const seed = reduce(screenState(), without("2")).state
    expect(press(seed, "U").effects).toEqual([
      {
        kind: "run-commands",
        commands: [["upload", "--open", "--", "/files/alpha.iso", "/files/alpha.iso.torrent.json"]],
        said: "alpha.iso is in the list again",
      },
    ])
    const paused = reduce(screenState(), without("3")).state
    expect(press(paused, "U").effects).toEqual([
      {
        kind: "run-commands",
        commands: [["download", "--", "/files/gamma.txt.torrent.json", "/files/gamma.txt"]],
        said: "gamma.txt is in the list again",
      },
    ])
  })

  it("is named as the list shows it when it is taken up again", () => {
    const [first, second] = ["abcd1", "ef012"].map((id) => fakeDocument({ id, name: "data", isFolder: true }))
    const start = screenState({ snapshot: fakeSnapshot({ documents: [first, second].flatMap((each) => each ?? []) }) })
    const left = reduce(start, { kind: "snapshot", snapshot: fakeSnapshot({ documents: first ? [first] : [] }) }).state
    expect(press(left, "U").effects).toMatchObject([{ said: "data/ (ef01) is in the list again" }])
  })

  it("is taken up once, and nothing is where nothing was removed [U9]", () => {
    const { state } = press(reduce(screenState(), without("3")).state, "U")
    expect(press(state, "U").effects).toEqual([])
    expect(press(screenState(), "U").state.message?.text).toContain("nothing was removed")
  })
})

describe("the mouse", () => {
  const mouse = (state: ScreenState, what: "click" | "wheel-up" | "wheel-down", column: number, row: number) =>
    reduce(state, { kind: "mouse", press: { what, column, row } }).state

  it("selects lines, goes to tabs and scrolls [U9]", () => {
    expect(mouse(screenState(), "click", 10, 4).selectedId).toBe("2")
    expect(mouse(screenState(), "click", 10, 20).selectedId).toBe("1")
    expect(mouse(screenState(), "click", 30, 1).view).toBe("peers")
    expect(mouse(screenState(), "click", 13, 1).view).toBe("documents")
    expect(mouse(screenState(), "wheel-down", 0, 0).selectedId).toBe("3")
    expect(mouse(press(screenState(), ":").state, "click", 10, 4).selectedId).toBe("1")
  })

  it("is left to the terminal by a key, for the next run too [U9]", () => {
    const { state, effects } = press(screenState(), "m")
    expect([state.mouse, effects]).toEqual([false, [{ kind: "mouse", on: false }]])
  })
})
