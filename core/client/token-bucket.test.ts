import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { TokenBucket } from "./token-bucket.js"

/** Whose turn it is does not matter to most of these. */
const QUEUE = "a document"

const clock = { now: () => Date.now() }

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

/** Spends in blocks for so long; how many bytes have passed by then. */
function passedIn(bucket: TokenBucket, ms: number, blockBytes: number): number {
  let passed = 0
  const spend = () =>
    bucket.spend(QUEUE, blockBytes, () => {
      passed += blockBytes
      spend()
    })
  spend()
  vi.advanceTimersByTime(ms)
  return passed
}

describe("TokenBucket", () => {
  it("lets everything pass at once without a rate, and owes nothing", () => {
    const bucket = new TokenBucket(clock, undefined)
    const passed: number[] = []
    for (let turn = 0; turn < 1_000; turn++) bucket.spend(QUEUE, 1_000_000, () => passed.push(turn))
    bucket.owe(1_000_000_000)
    expect(passed).toHaveLength(1_000)
    expect(bucket.debtMs()).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
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
    vi.advanceTimersByTime(5_000)
    expect(order).toEqual([1, 2, 3, 4])
  })

  it("serves its queues in turn, so that many requests of one do not hold up another", () => {
    const bucket = new TokenBucket(clock, 1_000)
    const order: string[] = []
    for (const turn of [1, 2, 3, 4]) bucket.spend("busy", 100, () => order.push(`busy ${turn}`))
    for (const turn of [1, 2]) bucket.spend("quiet", 100, () => order.push(`quiet ${turn}`))
    vi.advanceTimersByTime(5_000)
    expect(order).toEqual(["busy 1", "busy 2", "quiet 1", "busy 3", "quiet 2", "busy 4"])
  })

  it("lets others have what was spent for nothing, at once (hostile.md 28)", () => {
    const bucket = new TokenBucket(clock, 1_000)
    const order: string[] = []
    bucket.spend("gone", 5_000, () => order.push("gone"))
    bucket.spend("here", 100, () => order.push("here"))
    expect(order).toEqual(["gone"])
    bucket.giveBack(5_000)
    expect(order).toEqual(["gone", "here"])
    expect(vi.getTimerCount()).toBe(0)
  })

  it("has room for any number who find that they are gone when it is their turn (hostile.md 28)", () => {
    const bucket = new TokenBucket(clock, 1_000)
    let turns = 0
    bucket.spend(QUEUE, 10_000, () => undefined)
    for (let peer = 0; peer < 100_000; peer++)
      bucket.spend(QUEUE, 1, () => {
        turns++
        bucket.giveBack(1)
      })
    bucket.giveBack(10_000)
    expect(turns).toBe(100_000)
  })

  it("gives no burst after a long rest", () => {
    const bucket = new TokenBucket(clock, 1_000_000)
    vi.advanceTimersByTime(60_000)
    const passed = passedIn(bucket, 0, 10_000)
    bucket.close()
    expect(passed).toBeLessThanOrEqual(110_000)
  })

  it("has bytes that came from a socket waited for", () => {
    const bucket = new TokenBucket(clock, 1_000)
    bucket.owe(500)
    expect(bucket.debtMs()).toBe(500)
    vi.advanceTimersByTime(200)
    expect(bucket.debtMs()).toBe(300)
    vi.advanceTimersByTime(10_000)
    expect(bucket.debtMs()).toBe(0)
  })

  it("takes a new rate for those that wait too, and lets all go when it is lifted", () => {
    const bucket = new TokenBucket(clock, 1)
    let passed = 0
    for (let turn = 0; turn < 5; turn++) bucket.spend(QUEUE, 1_000, () => passed++)
    expect(passed).toBe(1)
    bucket.setRate(1_000)
    vi.advanceTimersByTime(1_000)
    expect(passed).toBe(2)
    bucket.setRate(undefined)
    expect(passed).toBe(5)
    expect(bucket.bytesPerSecond).toBeUndefined()
    expect(vi.getTimerCount()).toBe(0)
  })

  it("has one timer while somebody waits, none after it is closed", () => {
    const bucket = new TokenBucket(clock, 10)
    for (let turn = 0; turn < 20; turn++) bucket.spend(QUEUE, 100, () => undefined)
    expect(vi.getTimerCount()).toBe(1)
    bucket.close()
    bucket.close()
    expect(vi.getTimerCount()).toBe(0)
  })
})
