import { describe, expect, it } from "vitest"
import type { DocumentSnapshot } from "../../../core/index.js"
import { fakeDocument, fakeSnapshot } from "../../testing/fake-client.js"
import { reduce } from "../input/reducer.js"
import { initialState, type ScreenState } from "../state/state.js"
import { frameOf } from "./frame.js"

const COUNT = 2_000

/** A screen of many documents that counts how often one of them is looked at. */
function rig() {
  let reads = 0
  const counted = (document: DocumentSnapshot): DocumentSnapshot =>
    new Proxy(document, {
      get: (target, key) => {
        reads++
        return Reflect.get(target, key)
      },
    })
  const documents = Array.from({ length: COUNT }, (_, place) =>
    counted(fakeDocument({ id: `${10_000 + place}`, name: `document ${(place * 7) % COUNT}` })),
  )
  const snapshot = fakeSnapshot({ documents })
  let state: ScreenState = initialState({ snapshot, columns: 120, rows: 40, ascii: false, history: [] })
  const press = (...names: readonly string[]): number => {
    reads = 0
    for (const name of names) {
      const text = name.length === 1 ? name : undefined
      state = reduce(state, { kind: "key", key: { name, text } }).state
      frameOf(state)
    }
    return reads / names.length
  }
  const take = (next: typeof snapshot): number => {
    reads = 0
    state = reduce(state, { kind: "snapshot", snapshot: next }).state
    frameOf(state)
    return reads
  }
  frameOf(state)
  return { press, take, snapshot }
}

/** Of the lines in sight each document is looked at for its columns. */
const IN_SIGHT = 1_000

describe("a key without another snapshot", () => {
  it.each([
    ["the list", []],
    ["the parts", ["2"]],
    ["the peers of all", ["3", "o"]],
    ["help", ["?"]],
    ["the command line", [":"]],
    ["the finder", ["ctrl-p"]],
    ["a list that is filtered", ["/", "1", "enter"]],
  ])("looks at the documents in sight alone: %s", (_place, way) => {
    const { press } = rig()
    press(...way, "down")
    const reads = press("down", "up", "down", "pagedown", "pageup")
    expect(reads).toBeLessThan(IN_SIGHT)
  })

  it("costs less than another snapshot, of which every document is looked at", () => {
    const { take, snapshot } = rig()
    expect(take({ ...snapshot, documents: [...snapshot.documents] })).toBeGreaterThan(COUNT)
  })
})
