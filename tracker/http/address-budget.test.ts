import { describe, expect, it } from "vitest"
import { FakeClock } from "../../core/testing/fake-clock.js"
import { AddressBudget } from "./address-budget.js"

describe("the budget of an address", () => {
  it("lasts for its burst, and fills up again with time", () => {
    const clock = new FakeClock()
    const budget = new AddressBudget({ burst: 2, perSecond: 0.5 }, clock)
    budget.take("a")
    expect(budget.has("a")).toBe(true)
    budget.take("a")
    expect(budget.has("a")).toBe(false)
    expect(budget.has("b")).toBe(true)
    clock.advance(1_999)
    expect(budget.has("a")).toBe(false)
    clock.advance(1)
    expect(budget.has("a")).toBe(true)
    clock.advance(1_000_000)
    for (let taken = 0; taken < 2; taken++) budget.take("a")
    expect(budget.has("a")).toBe(false)
  })

  it("remembers a bounded number of addresses [hostile 42]", () => {
    const budget = new AddressBudget({ burst: 1, perSecond: 0 }, new FakeClock())
    for (let number = 0; number <= 50_000; number++) budget.take(`host ${number}`)
    expect(budget.has("host 50000")).toBe(false)
    expect(budget.has("host 0")).toBe(true)
  })

  it("forgets the address that used up nothing for the longest time, not the busiest [S11]", () => {
    const budget = new AddressBudget({ burst: 1, perSecond: 0 }, new FakeClock())
    for (let number = 0; number < 60_000; number++) {
      budget.take("busy")
      budget.take(`host ${number}`)
    }
    expect(budget.has("busy")).toBe(false)
  })

  it("says when there is something again [S11]", () => {
    const clock = new FakeClock()
    const budget = new AddressBudget({ burst: 10, perSecond: 5 }, clock)
    expect(budget.secondsUntilAny("a")).toBe(1)
    budget.take("a", 60)
    expect(budget.has("a")).toBe(false)
    expect(budget.secondsUntilAny("a")).toBe(11)
    clock.advance(10_200)
    expect(budget.has("a")).toBe(true)
  })
})
