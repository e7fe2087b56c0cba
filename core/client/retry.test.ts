import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { Retry } from "./retry.js"

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

it("looks for what went away at growing intervals, and tries once when it is back [A9]", async () => {
  const lookedAtMs: number[] = []
  const again = vi.fn()
  const begun = Date.now()
  const isBack = async () => lookedAtMs.push(Date.now() - begun) === 6
  new Retry().when(isBack, again)
  await vi.advanceTimersByTimeAsync(600_000)
  expect(lookedAtMs).toEqual([5_000, 15_000, 35_000, 75_000, 135_000, 195_000])
  expect(again).toHaveBeenCalledTimes(1)
})

it("does nothing any more once it is stopped, also while it looks [A9]", async () => {
  const again = vi.fn()
  const retry = new Retry()
  let answer = (_: boolean): void => undefined
  retry.when(() => new Promise((resolve) => (answer = resolve)), again)
  await vi.advanceTimersByTimeAsync(5_000)
  retry.stop()
  answer(true)
  await vi.advanceTimersByTimeAsync(600_000)
  retry.soon(again)
  retry.stop()
  await vi.advanceTimersByTimeAsync(600_000)
  expect(again).not.toHaveBeenCalled()
  expect(vi.getTimerCount()).toBe(0)
})
