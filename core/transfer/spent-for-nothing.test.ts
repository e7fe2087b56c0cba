import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { systemClock } from "../base/clock.js"
import { TokenBucket } from "./token-bucket.js"

/** vitest moves it. */
const clock = { ...systemClock, now: () => Date.now() }

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

describe("what was spent on a peer that is gone", () => {
  it("is for the others, at once [hostile 28]", () => {
    const bucket = new TokenBucket(clock, 1_000)
    const order: string[] = []
    bucket.spend({ name: "gone" }, 5_000, () => order.push("gone"))
    bucket.spend({ name: "here" }, 100, () => order.push("here"))
    expect(order).toEqual(["gone"])
    bucket.giveBack(5_000)
    expect(order).toEqual(["gone", "here"])
    expect(vi.getTimerCount()).toBe(0)
  })

  it("is given back by any number of them in one turn [hostile 28]", () => {
    const bucket = new TokenBucket(clock, 1_000)
    const queue = { name: "a document" }
    let turns = 0
    bucket.spend(queue, 10_000, () => undefined)
    for (let peer = 0; peer < 20_000; peer++)
      bucket.spend(queue, 1, () => {
        turns++
        bucket.giveBack(1)
      })
    bucket.giveBack(10_000)
    expect(turns).toBe(20_000)
  })
})
