import { describe, expect, it } from "vitest"
import { fakeDocument, fakeSnapshot } from "../../testing/fake-client.js"
import { NO_HISTORIES, type RateHistories, sampleRates } from "./rate-history.js"

/** The histories after snapshots of one document at these times with these rates. */
function sampled(...samples: readonly (readonly [atMs: number, down: number])[]): RateHistories {
  return samples.reduce((histories, [takenAtMs, downBytesPerSecond]) => {
    const documents = [fakeDocument({ id: "1", downBytesPerSecond })]
    return sampleRates(histories, fakeSnapshot({ takenAtMs, documents }))
  }, NO_HISTORIES)
}

const downOf = (histories: RateHistories): readonly number[] | undefined => histories.byDocument.get("1")?.down

describe("the history of rates", () => {
  it("takes one sample a second however many snapshots come", () => {
    expect(downOf(sampled([0, 5], [250, 6], [500, 7], [1_000, 8], [1_400, 9]))).toEqual([5, 8])
  })

  it("counts seconds without a snapshot as standing still", () => {
    expect(downOf(sampled([0, 5], [4_000, 6]))).toEqual([5, 0, 0, 0, 6])
  })

  it("keeps two minutes", () => {
    const long = sampled(...Array.from({ length: 300 }, (_, second) => [second * 1_000, second + 1] as const))
    expect(downOf(long)).toHaveLength(120)
    expect(downOf(long)?.at(-1)).toBe(300)
    expect(downOf(sampled([0, 5], [86_400_000, 6]))).toHaveLength(120)
  })

  it("begins with the first movement and ends with the document", () => {
    expect(downOf(sampled([0, 0], [1_000, 0]))).toBeUndefined()
    const gone = sampleRates(sampled([0, 5]), fakeSnapshot({ takenAtMs: 2_000 }))
    expect(gone.byDocument.size).toBe(0)
  })
})
