import { describe, expect, it } from "vitest"
import { ReadBudget } from "./read-budget.js"

describe("the time that a peer's messages may take", () => {
  it("is a tenth of all time, however it is spent", () => {
    for (const usedMs of [0.01, 0.3, 7, 20]) {
      const budget = new ReadBudget(0)
      let nowMs = 0
      let totalMs = 0
      while (nowMs < 100_000) {
        nowMs += usedMs
        totalMs += usedMs
        nowMs += budget.spend(usedMs, nowMs, 0)
      }
      expect(totalMs / nowMs).toBeCloseTo(0.1, 2)
    }
  })

  it("lets a moment's burst pass, but not a second one at once", () => {
    const budget = new ReadBudget(0)
    expect(budget.spend(15, 15, 0)).toBe(0)
    expect(budget.spend(15, 30, 0)).toBeGreaterThan(50)
  })

  it("saves nothing up over a long rest", () => {
    const budget = new ReadBudget(0)
    expect(budget.spend(0, 1e9, 0)).toBe(0)
    expect(budget.spend(15, 1e9, 0)).toBe(0)
    expect(budget.spend(10, 1e9, 0)).toBeCloseTo(50)
  })

  it("costs nothing where payload moves: a block pays for far more than it takes", () => {
    const budget = new ReadBudget(0)
    let nowMs = 0
    for (let block = 0; block < 100_000; block++) {
      budget.earn(16 * 1024)
      nowMs += 0.05
      expect(budget.spend(0.05, nowMs, 0)).toBe(0)
    }
  })

  it("is shared among all that have used theirs up", () => {
    const waitOf = (others: number) => {
      const budget = new ReadBudget(0)
      budget.spend(20, 0, others)
      return budget.spend(10, 0, others)
    }
    expect(waitOf(4)).toBeGreaterThan(4.5 * waitOf(0))
  })

  it("does not make a peer wait for a long stop of this thread", () => {
    expect(new ReadBudget(0).spend(60_000, 60_000, 0)).toBe(0)
  })
})
