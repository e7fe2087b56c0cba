import { describe, expect, it } from "vitest"
import { press, screenState } from "../../testing/screen-states.js"
import { inputLine } from "../views/footer.js"
import { reduce, type ScreenEvent } from "./reducer.js"

const pasted = (text: string, isCut = false): ScreenEvent => ({
  kind: "key",
  key: { name: "paste", text, ...(isCut && { isCut }) },
})

describe("a long line", () => {
  it("is cut at 4,096 characters, and says so [U1]", () => {
    const { state } = reduce(press(screenState(), ":upload ").state, pasted("y".repeat(4_096), true))
    expect(state.field.value).toHaveLength(4_096)
    expect(state.mode).toMatchObject({ problem: { message: expect.stringContaining("4,096 characters") } })
    const more = press(state, "z").state
    expect(more.field).toEqual(state.field)
    expect(press(more, "backspace").state.field.value).toHaveLength(4_095)
    expect(press(more, "backspace").state.mode).toMatchObject({ problem: undefined })
  })

  it("shows its end, however many columns its characters take [U1]", () => {
    const { state } = reduce(press(screenState(), ":").state, pasted(`${"a".repeat(200)}${"日".repeat(100)}`))
    const line = inputLine({ ...state, columns: 42 })
    expect(line).toMatchObject({ text: "日".repeat(20), cursorColumn: 41 })
  })
})
