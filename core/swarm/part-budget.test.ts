import { describe, expect, it } from "vitest"
import { MAX_FAR_BYTES, PartBudget } from "./part-budget.js"

describe("PartBudget", () => {
  it("grants up to its limit, and again what was given back", () => {
    const budget = new PartBudget(100)
    expect(budget.take(60, 5)).toBe(true)
    expect(budget.take(40, 6)).toBe(true)
    expect(budget.take(1, 7)).toBe(false)
    budget.give(40)
    expect(budget.take(40, 6)).toBe(true)
    expect(budget.usedBytes).toBe(100)
  })

  it("always grants a document its first two parts, so that no document stands still because of others", () => {
    const budget = new PartBudget(100)
    budget.take(100, 5)
    expect(budget.take(1_000, 0)).toBe(true)
    expect(budget.take(1_000, 1)).toBe(true)
    expect(budget.take(1, 2)).toBe(false)
  })

  it("grants more for what far peers have under way, within a bound, and no more of it when they are gone", () => {
    const budget = new PartBudget(100)
    budget.changeFar(125)
    expect(budget.take(150, 5)).toBe(true)
    expect(budget.take(1, 6)).toBe(false)
    budget.changeFar(-125)
    budget.give(50)
    expect(budget.take(1, 5)).toBe(false)
    budget.changeFar(2 * MAX_FAR_BYTES)
    expect(budget.take(MAX_FAR_BYTES - 75, 5)).toBe(true)
    expect(budget.take(1, 6)).toBe(false)
  })

  it("grants no more for far peers that have less under way than near ones would", () => {
    const budget = new PartBudget(100)
    budget.changeFar(75)
    expect(budget.limitBytes).toBe(100)
  })

  it("always grants a document of huge parts its first part alone [E11]", () => {
    const budget = new PartBudget(100)
    const hugeBytes = PartBudget.hugePartBytes
    expect(budget.take(hugeBytes, 0)).toBe(true)
    expect(budget.take(hugeBytes, 1)).toBe(false)
    expect(budget.take(hugeBytes - 1, 1)).toBe(true)
  })
})
