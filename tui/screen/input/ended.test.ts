import { describe, expect, it } from "vitest"
import type { DocumentSnapshot } from "../../../core/index.js"
import { fakeDocument, fakeSnapshot } from "../../testing/fake-client.js"
import { linesOf, press, screenState } from "../../testing/screen-states.js"
import type { ScreenState } from "../state/state.js"
import { reduce } from "./reducer.js"

const loading = ["1", "2"].map((id) => fakeDocument({ id, name: `${id}.iso`, state: "downloading", haveCount: 1 }))
const start = () => screenState({ snapshot: fakeSnapshot({ documents: [...loading, fakeDocument({ id: "3" })] }) })
const ended = (...states: readonly ("seeding" | "failed")[]) =>
  reduce(start(), {
    kind: "snapshot",
    snapshot: fakeSnapshot({
      documents: [
        ...states.map((state, place) => fakeDocument({ ...loading[place], state })),
        ...loading.slice(states.length),
      ],
    }),
  })

describe("a download that ends", () => {
  it("says so, whichever run began it, and is marked until its line is gone to [U9]", () => {
    const { state, effects } = ended("seeding")
    expect(state.message).toEqual({ text: "1.iso is complete, 100 KiB", tone: "good" })
    expect(effects).toEqual([{ kind: "notify", text: "1.iso is complete, 100 KiB" }])
    expect(linesOf(state).join("\n")).toMatch(/^ !S {2}1\.iso/m)
    expect(press(state, "down").state.unseen.size).toBe(0)
    expect(press(state, "4").state.unseen.size).toBe(1)
    const row = linesOf(state).findIndex((line) => line.startsWith(" !S  1.iso"))
    expect(reduce(state, { kind: "mouse", press: { what: "click", column: 10, row } }).state.unseen.size).toBe(0)
  })

  it("says how it failed, and of several how many there are [U9]", () => {
    expect(ended("failed").state.message).toEqual({ text: "1.iso has failed", tone: "bad" })
    expect(ended("seeding", "seeding").state.message?.text).toBe("2.iso is complete, 100 KiB; 1 more have ended")
  })

  it("is not said of what was complete before [U9]", () => {
    const again = reduce(start(), {
      kind: "snapshot",
      snapshot: fakeSnapshot({ documents: [fakeDocument({ id: "3" })] }),
    })
    expect(again.effects).toEqual([])
  })
})

describe("what is said of a download that goes on", () => {
  const said = (id: string) =>
    reduce(start(), { kind: "message", message: { text: "its description", tone: "plain", whileDownloading: id } })
      .state
  const now = (state: ScreenState, ...documents: readonly DocumentSnapshot[]) =>
    reduce(state, { kind: "snapshot", snapshot: fakeSnapshot({ documents }) }).state.message?.text

  it("is not said any more when it rests, or is gone [L5]", () => {
    expect(now(said("1"), fakeDocument({ ...loading[0], state: "downloading" }))).toBe("its description")
    expect(now(said("1"), fakeDocument({ ...loading[0], state: "paused" }))).toBeUndefined()
    expect(now(said("1"))).toBeUndefined()
    expect(now(said("1"), fakeDocument({ ...loading[0], state: "seeding" }))).toBe("1.iso is complete, 100 KiB")
  })

  it("stays while the picture of another process does not have it yet", () => {
    expect(now(said("9"), ...loading)).toBe("its description")
  })
})
