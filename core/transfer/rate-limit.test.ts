import { expect, it } from "vitest"
import { FakeClock } from "../testing/fake-clock.js"
import { DocumentLimit } from "./rate-limit.js"
import { TokenBucket } from "./token-bucket.js"

/** Two documents that always want their next kilobyte, for ten seconds; what each was given a second. */
function ratesOf(own: number | undefined, shared: number | undefined): readonly number[] {
  const clock = new FakeClock()
  const bucket = new TokenBucket(clock, shared)
  return [new DocumentLimit(clock, own, bucket), new DocumentLimit(clock, undefined, bucket)]
    .map((limit) => {
      const account = { passed: 0, left: 100_000 }
      const ask = (): void => {
        if (account.left-- > 0)
          limit.spend(limit, 1_000, () => {
            account.passed += 1_000
            ask()
          })
      }
      ask()
      return account
    })
    .map((account, place, all) => {
      if (place === all.length - 1) clock.advance(10_000)
      return account
    })
    .map(({ passed }) => passed / 10_000)
}

it("a document keeps to its own limit, and leaves the rest of the shared one to others [U10]", () => {
  const [limited = 0, other = 0] = ratesOf(20_000, 100_000)
  expect(limited).toBeGreaterThan(18)
  expect(limited).toBeLessThan(21)
  expect(other).toBeGreaterThan(78)
  expect(limited + other).toBeLessThan(105)
})

it("a document's own limit holds where there is no shared one, and is lifted at once [U10]", () => {
  const clock = new FakeClock()
  const limit = new DocumentLimit(clock, 1_000, new TokenBucket(clock, undefined))
  const passed: number[] = []
  for (let block = 0; block < 10; block++) limit.spend(limit, 1_000, () => passed.push(block))
  clock.advance(3_000)
  expect(passed.length).toBeGreaterThanOrEqual(3)
  expect(passed.length).toBeLessThan(6)
  expect([limit.holds(limit), limit.bytesPerSecond]).toEqual([true, 1_000])
  limit.setRate(undefined)
  expect(passed).toHaveLength(10)
  expect([limit.holds(limit), limit.bytesPerSecond]).toEqual([false, undefined])
  expect(clock.timerCount).toBe(0)
})

it("closes without a timer, and never runs what waits [U10]", () => {
  const clock = new FakeClock()
  const limit = new DocumentLimit(clock, 1, new TokenBucket(clock, undefined))
  const passed: number[] = []
  for (let block = 0; block < 3; block++) limit.spend(limit, 1_000, () => passed.push(block))
  const before = passed.length
  limit.close()
  clock.advance(10_000_000)
  expect([passed.length, clock.timerCount]).toEqual([before, 0])
})
