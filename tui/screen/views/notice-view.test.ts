import { describe, expect, it } from "vitest"
import { linesOf, press, screenState } from "../../testing/screen-states.js"
import { reduce } from "../input/reducer.js"
import { initialState, type ScreenState } from "../state/state.js"

const notice = { title: "first start", lines: ["one two three", "four five"] }

const noticed = (columns: number, rows: number): ScreenState => ({
  ...initialState({ ...screenState(), columns, rows, notice }),
})
const textOf = (state: ScreenState) => linesOf(state).map((line) => line.trimEnd())

describe("a text that is shown first", () => {
  it("stands in place of the documents, with a blank line between its paragraphs", () => {
    const lines = textOf(noticed(100, 24))
    const start = lines.indexOf("first start")
    expect(lines.slice(start, start + 5)).toEqual(["first start", "", "one two three", "", "four five"])
    expect(lines.join("\n")).not.toContain("beta.iso")
    expect(lines.at(-1)).toBe("any key closes this text")
  })

  it("has no blank lines where there is no room for them, and says where it was cut", () => {
    const rowsThatFit = (rows: number) => {
      const lines = textOf(noticed(60, rows))
      return lines.slice(lines.indexOf("first start"), -1).filter((line) => line !== "")
    }
    expect(rowsThatFit(8)).toEqual(["first start", "one two three", "four five"])
    const long = { ...notice, lines: Array.from({ length: 30 }, (_, index) => `line ${index}`) }
    const cut = textOf({ ...screenState(), rows: 15, mode: { kind: "notice", ...long } })
    expect(cut).toContain("line 1")
    expect(cut).toContain("a larger terminal shows the rest")
    expect(cut).not.toContain("line 29")
  })

  it("is closed by any key, which does nothing else", () => {
    for (const key of ["x", "q", "escape", "enter", " "]) {
      const { state, effects } = press(noticed(100, 24), key)
      expect([state.mode.kind, state.view, effects], key).toEqual(["browse", "documents", []])
    }
  })

  it("is closed by a link that is pasted, and its download is at hand", () => {
    const text = `magnet:?xt=urn:btih:${"0a".repeat(20)}`
    const { state } = reduce(noticed(100, 24), { kind: "key", key: { name: "paste", text } })
    expect(state).toMatchObject({ mode: { kind: "command" }, field: { value: `download ${text}` } })
  })
})
