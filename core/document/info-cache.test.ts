import { expect, it } from "vitest"
import { FakeClock } from "../testing/fake-clock.js"
import { InfoCache } from "./info-cache.js"

const MIB = 1024 * 1024

/** A cache, and how often each key was loaded. */
function cacheOf(sizeBytes: number) {
  const clock = new FakeClock()
  const cache = new InfoCache(clock)
  const loads = new Map<object, number>()
  const get = (key: object) =>
    cache.get(key, async () => {
      loads.set(key, (loads.get(key) ?? 0) + 1)
      return new Uint8Array(sizeBytes)
    })
  return { clock, cache, loads, get }
}

it("loads an info dictionary once while peers ask for it, and drops it 30 s after the last request", async () => {
  const { clock, loads, get } = cacheOf(8)
  const key = {}
  await Promise.all([get(key), get(key)])
  clock.advance(20_000)
  await get(key)
  clock.advance(29_000)
  await get(key)
  expect(loads.get(key)).toBe(1)
  clock.advance(60_000)
  expect(clock.timerCount).toBe(0)
  await get(key)
  expect(loads.get(key)).toBe(2)
})

it("keeps at most 64 MiB, and of those the dictionaries that were used last", async () => {
  const { loads, get } = cacheOf(30 * MIB)
  const [first, second, third] = [{}, {}, {}]
  for (const key of [first, second, first, third, first, third]) await get(key)
  expect([first, second, third].map((key) => loads.get(key))).toEqual([1, 1, 1])
  await get(second)
  expect(loads.get(second)).toBe(2)
})

it("keeps one dictionary of any size, and no timer after it is closed", async () => {
  const { clock, cache, loads, get } = cacheOf(65 * MIB)
  const key = {}
  await get(key)
  await get(key)
  expect(loads.get(key)).toBe(1)
  cache.close()
  expect(clock.timerCount).toBe(0)
})
