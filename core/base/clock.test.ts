import { afterEach, expect, it, vi } from "vitest"
import { systemClock } from "./clock.js"

afterEach(() => {
  vi.useRealTimers()
})

it.each([
  ["forward", 3_600_000],
  ["back", -3_600_000],
])("time does not jump when the wall clock is set an hour %s [hostile 43]", (_, jumpMs) => {
  vi.useFakeTimers({ toFake: ["Date"], now: 1_700_000_000_000 })
  const before = systemClock.now()
  vi.setSystemTime(Date.now() + jumpMs)
  const elapsedMs = systemClock.now() - before
  expect(elapsedMs).toBeGreaterThanOrEqual(0)
  expect(elapsedMs).toBeLessThan(60_000)
})
