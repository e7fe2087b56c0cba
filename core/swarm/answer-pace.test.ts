import { describe, expect, it } from "vitest"
import { AnswerPace } from "./answer-pace.js"

describe("the longest wait", () => {
  it("is that of the last windows, a second at most [F5]", () => {
    const pace = new AnswerPace()
    const waits: number[] = []
    for (const [waitMs, nowMs] of [
      [500, 1_000],
      [20, 10_000],
      [30, 20_000],
      [40, 36_000],
      [60_000, 100_000],
      [5, 200_000],
    ] as const) {
      pace.note(1, nowMs - waitMs, nowMs)
      waits.push(pace.waitMs)
    }
    expect(waits).toEqual([500, 500, 500, 40, 1_000, 5])
  })

  it("begins with the block before: what is queued behind others does not count [F5]", () => {
    const pace = new AnswerPace()
    for (let nowMs = 100; nowMs <= 2_000; nowMs += 100) pace.note(1, 0, nowMs)
    expect(pace.waitMs).toBe(100)
  })
})

describe("a burst", () => {
  /** Blocks of 1,000 bytes at each of the times, asked for at the others. */
  function paceOf(blocks: readonly (readonly [askedAtMs: number, nowMs: number])[]): AnswerPace {
    const pace = new AnswerPace()
    for (const [askedAtMs, nowMs] of blocks) pace.note(1_000, askedAtMs, nowMs)
    return pace
  }

  it("that was all that had been asked for may be twice as large [F5]", () => {
    const pace = paceOf([
      [0, 500],
      [0, 501],
      [0, 502],
      [502, 1_000],
    ])
    expect(pace.burstBytes(1_000)).toBe(6_000)
    expect(pace.burstBytes(10_000)).toBe(0)
  })

  it("that left requests waiting is the peer's own limit [F5]", () => {
    expect(
      paceOf([
        [0, 500],
        [0, 501],
        [0, 502],
        [0, 1_000],
      ]).burstBytes(1_000),
    ).toBe(0)
  })
})
