import { expect, it } from "vitest"
import { FakeClock } from "../testing/fake-clock.js"
import { NoteLimiter } from "./note-limiter.js"

it("tells twenty of a kind in a minute, and then how many more there were [S14]", () => {
  const clock = new FakeClock()
  const limiter = new NoteLimiter(clock)
  const told = Array.from({ length: 5_000 }, () => limiter.admits("part_failed")).filter(Boolean)
  expect(told).toHaveLength(20)
  expect(limiter.admits("peer_banned")).toBe(true)
  clock.advance(59_999)
  expect(limiter.takeSuppressed()).toEqual([])
  clock.advance(1)
  expect(limiter.takeSuppressed()).toEqual([["part_failed", 4_980]])
  expect(limiter.takeSuppressed()).toEqual([])
  expect(limiter.admits("part_failed")).toBe(true)
})
