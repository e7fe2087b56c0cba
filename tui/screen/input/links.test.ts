import { describe, expect, it } from "vitest"
import { FAKE_LINK } from "../../testing/fake-client.js"
import { press, screenState } from "../../testing/screen-states.js"
import type { ScreenState } from "../state/state.js"
import { frameOf } from "../views/frame.js"
import { reduce } from "./reducer.js"

const paste = (state: ScreenState, text: string) => reduce(state, { kind: "key", key: { name: "paste", text } })
const MAGNET = `magnet:?xt=urn:btih:${"0a".repeat(20)}`

describe("a link on the screen", () => {
  it.each([
    ["as it is", FAKE_LINK],
    ["in angle brackets, with blanks in place of line breaks", `<${FAKE_LINK.slice(0, 50)} > ${FAKE_LINK.slice(50)}> `],
  ])("that is pasted starts the command that downloads it: %s", (_, text) => {
    for (const state of [screenState(), press(screenState(), ":").state])
      expect(paste(state, text).state).toMatchObject({
        mode: { kind: "command" },
        field: { value: `download ${FAKE_LINK}` },
      })
  })

  it("that is pasted behind a command is one word of it, and other texts are as they are", () => {
    const typed = press(screenState(), ":download ").state
    expect(paste(typed, ` ${MAGNET}\u200b`).state.field.value).toBe(`download ${MAGNET}`)
    expect(paste(press(screenState(), ":").state, "a b").state.field.value).toBe("a b")
    expect(paste(screenState(), "x").state.mode.kind).toBe("browse")
  })

  it("with a key is not kept in the history; others are [L4]", () => {
    const run = (link: string) => {
      const { state, effects } = press(paste(screenState(), link).state, "enter")
      return [state.history, effects.map(({ kind }) => kind)]
    }
    expect(run(FAKE_LINK)).toEqual([screenState().history, ["run-line"]])
    expect(run(MAGNET)).toEqual([
      [...screenState().history, `download ${MAGNET}`],
      ["run-line", "remember"],
    ])
  })

  it("of the selected document is asked for by a key, to be copied or drawn", () => {
    const id = screenState().selectedId
    expect(press(screenState(), "l").effects).toEqual([{ kind: "run-commands", commands: [["link", id]] }])
    expect(press(screenState(), "Q").effects).toEqual([{ kind: "run-commands", commands: [["link", id, "--qr"]] }])
  })

  it("is drawn as a QR code until the next key, or says what room it needs", () => {
    const rows = ["█".repeat(30), `${"█".repeat(29)} `]
    const shown = reduce(screenState(), { kind: "qr", title: "the link of a.iso", rows }).state
    const text = (state: ScreenState) =>
      frameOf(state)
        .rows.map((row) => row.map((cell) => cell.text).join(""))
        .join("\n")
    expect(text(shown)).toContain(`the link of a.iso`)
    expect(text(shown)).toContain(rows[1])
    const large = new Array<string>(60).fill("█".repeat(200))
    expect(text(reduce(screenState(), { kind: "qr", title: "the link of a.iso", rows: large }).state)).toMatch(
      /needs a terminal of 200 columns and \d+ more lines/,
    )
    expect(press(shown, "q").state.mode).toEqual({ kind: "browse" })
  })
})
