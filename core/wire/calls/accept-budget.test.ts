import { describe, expect, it } from "vitest"
import { AcceptBudget } from "./accept-budget.js"

const limits = { maxPending: 4, maxPendingPerHost: 3, burstPerHost: 5, refillPerSecond: 1 }

describe("accept budget", () => {
  it("lets one address have only so many handshakes at once, and others beside it [hostile 33]", () => {
    const budget = new AcceptBudget(limits)
    expect([1, 2, 3, 4].map(() => budget.admit("10.0.0.1", 0))).toEqual([true, true, true, false])
    expect(budget.admit("10.0.0.2", 0)).toBe(true)
    expect(budget.admit("10.0.0.3", 0)).toBe(false)
    budget.release("10.0.0.1")
    expect(budget.admit("10.0.0.1", 0)).toBe(true)
  })

  it("slows down an address that knocks again and again [hostile 33]", () => {
    const budget = new AcceptBudget(limits)
    let admitted = 0
    for (let knock = 0; knock < 5_000; knock++) {
      if (!budget.admit("10.0.0.1", knock)) continue
      admitted++
      budget.release("10.0.0.1")
    }
    expect(admitted).toBe(9)
  })

  it("forgets an address that has been quiet", () => {
    const budget = new AcceptBudget(limits)
    budget.admit("10.0.0.1", 0)
    budget.forget(60_000)
    expect(budget.hostCount).toBe(1)
    budget.release("10.0.0.1")
    budget.forget(60_001)
    expect(budget.hostCount).toBe(0)
  })
})
