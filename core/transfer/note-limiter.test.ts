import { expect, it } from "vitest"
import { FakeClock } from "../testing/fake-clock.js"
import { NoteLimiter } from "./note-limiter.js"

it("admits twenty notes of a name per minute, and counts the others [S14]", () => {
  const clock = new FakeClock()
  const limiter = new NoteLimiter(clock)
  const admitted = Array.from({ length: 5_000 }, () => limiter.admits("part_failed")).filter(Boolean)
  expect(admitted).toHaveLength(20)
  expect(limiter.admits("peer_banned")).toBe(true)
  clock.advance(59_999)
  expect(limiter.takeSuppressed()).toEqual([])
  clock.advance(1)
  expect(limiter.takeSuppressed()).toEqual([["part_failed", 4_980]])
  expect(limiter.takeSuppressed()).toEqual([])
  expect(limiter.admits("part_failed")).toBe(true)
})
