import { describe, expect, it } from "vitest"
import type { ClientSnapshot } from "../../../core/index.js"
import { fakeDocument, fakeSnapshot } from "../../testing/fake-client.js"
import { listed, listedDocuments } from "./document-order.js"
import { NO_HISTORIES, type RateHistories } from "./rate-history.js"
import type { ScreenState } from "./state.js"

type Change = Partial<Pick<ScreenState, "filter" | "sort" | "standing" | "rateHistories">>

const order = (snapshot: ClientSnapshot, change: Change = {}) => ({
  ...{ snapshot, filter: "", standing: undefined, rateHistories: NO_HISTORIES },
  sort: { column: "attention", descending: false } as const,
  ...change,
})

function namesOf(names: readonly string[], change: Change): readonly string[] {
  const documents = names.map((name, place) => fakeDocument({ id: String(place), name }))
  return listedDocuments(order(fakeSnapshot({ documents }), change)).map(({ name }) => name)
}

const waiting = { code: "waiting_for_bytes", peers: 1 } as const
const MIXED = fakeSnapshot({
  documents: [
    fakeDocument({ id: "1", name: "seed b" }),
    fakeDocument({ id: "2", name: "active", upBytesPerSecond: 5 }),
    fakeDocument({ id: "3", name: "paused a", state: "paused" }),
    fakeDocument({ id: "4", name: "downloading", state: "downloading", downBytesPerSecond: 5 }),
    fakeDocument({ id: "5", name: "failed", state: "failed" }),
    fakeDocument({ id: "6", name: "waiting", state: "downloading", why: waiting }),
    fakeDocument({ id: "7", name: "checking", state: "checking" }),
  ],
  jobs: [
    { id: "j", kind: "hashing", name: "a job", filePath: "/srv/a job", doneBytes: 0, totalBytes: 9, bytesPerSecond: 0 },
  ],
})
const ATTENTION = ["failed", "waiting", "downloading", "a job", "checking", "active", "paused a", "seed b"]
const shown = (snapshot: ClientSnapshot, change: Change = {}): readonly string[] =>
  listed(order(snapshot, change)).map((line) => (line.kind === "job" ? line.job.name : line.document.name))

describe("the list of documents", () => {
  it("finds names however large their letters are, and however their accents are written", () => {
    const names = ["e\u0301te\u0301.dat", "\u00c9T\u00c9.pdf", "Run.tar"]
    expect(namesOf(names, { filter: "RUN" })).toEqual(["Run.tar"])
    expect(namesOf(names, { filter: "\u00e9t" })).toEqual(names.slice(0, 2))
    expect(namesOf(names, { filter: "e\u0301t" })).toEqual(names.slice(0, 2))
  })

  it("sorts names as people do, and equal ones by their ids, either way", () => {
    const names = ["run 10", "Run 9", "zebra", "\u00e9t\u00e9", "run 9"]
    const sorted = ["\u00e9t\u00e9", "Run 9", "run 9", "run 10", "zebra"]
    expect(namesOf(names, { sort: { column: "name", descending: false } })).toEqual(sorted)
    const reversed = ["zebra", "run 10", "Run 9", "run 9", "\u00e9t\u00e9"]
    expect(namesOf(names, { sort: { column: "name", descending: true } })).toEqual(reversed)
  })

  it("begins with what asks for attention, in the same order however the documents came [U8]", () => {
    expect(shown(MIXED)).toEqual(ATTENTION)
    expect(shown({ ...MIXED, documents: MIXED.documents.toReversed() })).toEqual(ATTENTION)
  })

  it("keeps a document where it is for some seconds after it has moved last [U8]", () => {
    const history = (down: readonly number[], up: readonly number[]): RateHistories => ({
      ...NO_HISTORIES,
      byDocument: new Map([
        ["6", { down, up: [] }],
        ["1", { down: [], up }],
      ]),
    })
    const lately = history([7, 0, 0], [9, 0, 0])
    expect(shown(MIXED, { rateHistories: lately })).toEqual([
      "failed",
      "downloading",
      "waiting",
      "a job",
      "checking",
      "active",
      "seed b",
      "paused a",
    ])
    const longAgo = history([7, ...new Array(20).fill(0)], [9, ...new Array(20).fill(0)])
    expect(shown(MIXED, { rateHistories: longAgo })).toEqual(ATTENTION)
  })

  it("shows one standing alone, jobs among what is hashed [U8]", () => {
    expect(shown(MIXED, { standing: "hashing" })).toEqual(["a job", "checking"])
    expect(shown(MIXED, { standing: "failed" })).toEqual(["failed"])
    expect(shown(MIXED, { standing: "hashing", filter: "job" })).toEqual(["a job"])
  })

  it("has jobs at the end where nothing is known of them [U8]", () => {
    expect(shown(MIXED, { sort: { column: "up", descending: true } }).at(-1)).toBe("a job")
    expect(shown(MIXED, { sort: { column: "up", descending: false } }).at(-1)).toBe("a job")
  })
})
