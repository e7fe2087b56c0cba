import { describe, expect, it } from "vitest"
import { fakeDocument, fakeSnapshot } from "../../testing/fake-client.js"
import { press, screenState, threeDocuments } from "../../testing/screen-states.js"
import { createFrameSource } from "./frame-source.js"

function sourceOf(first = screenState()) {
  const now = { state: first }
  return { now, frame: createFrameSource(() => now.state) }
}

describe("frames, one after the other", () => {
  it("are one and the same while nothing that is seen has changed", () => {
    const { now, frame } = sourceOf()
    const before = frame()
    now.state = { ...now.state, snapshot: { ...threeDocuments(), takenAtMs: 250 } }
    expect(frame()).toBe(before)
  })

  it("share the rows that look as before", () => {
    const { now, frame } = sourceOf()
    const before = frame().rows
    const [first, ...others] = threeDocuments().documents
    const moved = fakeDocument({ ...first, haveBytes: 200 })
    now.state = { ...now.state, snapshot: fakeSnapshot({ documents: [moved, ...others] }) }
    const after = frame().rows
    const changed = after.flatMap((row, place) => (row === before[place] ? [] : [place]))
    expect(changed).toEqual([3, 6])
  })

  it("are others when only the cursor has moved, or the size of the terminal", () => {
    const { now, frame } = sourceOf(press(screenState(), ":", "ab").state)
    const before = frame()
    now.state = press(now.state, "left").state
    const moved = frame()
    expect(moved.input?.cursorColumn).toBe(2)
    expect(moved).not.toBe(before)
    now.state = { ...now.state, columns: 80 }
    expect(frame().columns).toBe(80)
  })
})
