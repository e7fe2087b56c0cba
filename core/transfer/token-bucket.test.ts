import { beforeEach, describe, expect, it } from "vitest"
import { FakeClock } from "../testing/fake-clock.js"
import { TokenBucket } from "./token-bucket.js"

/** Whose turn it is does not matter to most of these. */
const QUEUE = { name: "a document" }

let clock: FakeClock

beforeEach(() => {
  clock = new FakeClock()
})

/** A queue that always wants its next block; what it was given so far. */
function greedy(bucket: TokenBucket, blockBytes: number, queue: object = {}): { passed: number } {
  const account = { passed: 0 }
  const ask = () =>
    bucket.spend(queue, blockBytes, () => {
      account.passed += blockBytes
      ask()
    })
  ask()
  return account
}

/** Spends in blocks for `ms`; returns the bytes that have passed by then. */
function passedIn(bucket: TokenBucket, ms: number, blockBytes: number): number {
  const account = greedy(bucket, blockBytes, QUEUE)
  clock.advance(ms)
  return account.passed
}

describe("TokenBucket", () => {
  it("lets everything pass at once without a rate, and owes nothing", () => {
    const bucket = new TokenBucket(clock, undefined)
    const passed: number[] = []
    for (let turn = 0; turn < 1_000; turn++) bucket.spend(QUEUE, 1_000_000, () => passed.push(turn))
    expect(passed).toHaveLength(1_000)
    expect(clock.timerCount).toBe(0)
  })

  it.each([
    [1_000_000, 16_384],
    [32_000_000, 262_144],
    [100_000, 16_384],
  ])("keeps to %i bytes per second within five percent over 10 s, in blocks of %i", (rate, blockBytes) => {
    const bucket = new TokenBucket(clock, rate)
    const passed = passedIn(bucket, 10_000, blockBytes)
    bucket.close()
    expect(passed / (rate * 10)).toBeGreaterThan(0.95)
    expect(passed / (rate * 10)).toBeLessThan(1.05)
  })

  it("keeps the order of asking", () => {
    const bucket = new TokenBucket(clock, 1_000)
    const order: number[] = []
    for (const turn of [1, 2, 3, 4]) bucket.spend(QUEUE, turn === 2 ? 900 : 10, () => order.push(turn))
    clock.advance(5_000)
    expect(order).toEqual([1, 2, 3, 4])
  })

  it("gives queues the same bytes, however many requests one has waiting and however large", () => {
    const bucket = new TokenBucket(clock, 1_000)
    let busy = 0
    const queue = {}
    for (let turn = 0; turn < 100; turn++)
      bucket.spend(queue, 400, () => {
        busy += 400
      })
    const quiet = greedy(bucket, 100)
    clock.advance(20_000)
    bucket.close()
    expect(busy + quiet.passed).toBeGreaterThan(19_000)
    expect(Math.abs(busy - quiet.passed)).toBeLessThanOrEqual(400)
  })

  it("gives no credit for idle time: an idle queue gets no more than the others afterwards", () => {
    const bucket = new TokenBucket(clock, 1_000)
    const steady = greedy(bucket, 100)
    clock.advance(10_000)
    const before = steady.passed
    const rested = greedy(bucket, 100)
    clock.advance(4_000)
    bucket.close()
    expect(rested.passed).toBeGreaterThan(1_500)
    // One block each that was under way when the count began and when it ended.
    expect(Math.abs(rested.passed - (steady.passed - before))).toBeLessThanOrEqual(200)
  })

  it("reports whose bytes wait [E13]", () => {
    const bucket = new TokenBucket(clock, 1_000)
    const [one, other] = [{}, {}]
    bucket.spend(one, 1_000_000, () => undefined)
    expect(bucket.holds(one)).toBe(false)
    bucket.spend(one, 1, () => undefined)
    expect(bucket.holds(one)).toBe(true)
    expect(bucket.holds(other)).toBe(false)
    bucket.setRate(undefined)
    expect(bucket.holds(one)).toBe(false)
  })

  it("gives no burst after a long rest", () => {
    const bucket = new TokenBucket(clock, 1_000_000)
    clock.advance(60_000)
    const passed = passedIn(bucket, 0, 10_000)
    bucket.close()
    expect(passed).toBeLessThanOrEqual(110_000)
  })

  it("takes a new rate for those that wait too, and lets all go when it is lifted", () => {
    const bucket = new TokenBucket(clock, 1)
    let passed = 0
    for (let turn = 0; turn < 5; turn++) bucket.spend(QUEUE, 1_000, () => passed++)
    expect(passed).toBe(1)
    bucket.setRate(1_000)
    clock.advance(1_000)
    expect(passed).toBe(2)
    bucket.setRate(undefined)
    expect(passed).toBe(5)
    expect(bucket.bytesPerSecond).toBeUndefined()
    expect(clock.timerCount).toBe(0)
  })

  it("has one timer while a request waits, none after it is closed", () => {
    const bucket = new TokenBucket(clock, 10)
    for (let turn = 0; turn < 20; turn++) bucket.spend(QUEUE, 100, () => undefined)
    expect(clock.timerCount).toBe(1)
    bucket.close()
    bucket.close()
    expect(clock.timerCount).toBe(0)
  })
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
    expect(clock.timerCount).toBe(0)
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
