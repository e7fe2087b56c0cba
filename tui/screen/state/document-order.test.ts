import { describe, expect, it } from "vitest"
import { fakeDocument, fakeSnapshot } from "../../testing/fake-client.js"
import { listedDocuments } from "./document-order.js"
import type { ScreenState } from "./state.js"

function listed(names: readonly string[], change: Partial<Pick<ScreenState, "filter" | "sort">>): readonly string[] {
  const documents = names.map((name, place) => fakeDocument({ id: String(place), name }))
  const sort = { column: "added", descending: false } as const
  return listedDocuments({ snapshot: fakeSnapshot({ documents }), filter: "", sort, ...change }).map(({ name }) => name)
}

describe("the list of documents", () => {
  it("finds names however large their letters are, and however their accents are written", () => {
    const names = ["Run.tar", "e\u0301te\u0301.dat", "\u00c9T\u00c9.pdf"]
    expect(listed(names, { filter: "RUN" })).toEqual(["Run.tar"])
    expect(listed(names, { filter: "\u00e9t" })).toEqual(names.slice(1))
    expect(listed(names, { filter: "e\u0301t" })).toEqual(names.slice(1))
  })

  it("sorts names as people do, and equal ones as they were added, either way", () => {
    const names = ["run 10", "Run 9", "zebra", "\u00e9t\u00e9", "run 9"]
    const sorted = ["\u00e9t\u00e9", "Run 9", "run 9", "run 10", "zebra"]
    expect(listed(names, { sort: { column: "name", descending: false } })).toEqual(sorted)
    const reversed = ["zebra", "run 10", "Run 9", "run 9", "\u00e9t\u00e9"]
    expect(listed(names, { sort: { column: "name", descending: true } })).toEqual(reversed)
  })
})
