import pino from "pino"
import { expect, it } from "vitest"
import { FakeClock } from "../../core/testing/fake-clock.js"
import { StoreTrouble } from "./store-trouble.js"

function rig() {
  const lines: string[] = []
  const clock = new FakeClock()
  const log = pino({ base: null, timestamp: false }, { write: (line: string) => lines.push(JSON.parse(line).msg) })
  return { trouble: new StoreTrouble(log, clock), clock, lines }
}

const full = (trouble: StoreTrouble) => trouble.failed(new Error("no space"), "ENOSPC", "full")

it("says a failure once, and its end once, however often both are seen [S3]", () => {
  const { trouble, clock, lines } = rig()
  for (let time = 0; time < 100; time++) full(trouble)
  expect(trouble.isOpen).toBe(true)
  clock.advance(5_000)
  for (let time = 0; time < 100; time++) trouble.worked()
  expect(trouble.isOpen).toBe(false)
  expect(lines).toEqual(["full", "the store works again"])
})

it("is not over while it fails and works in turns [S3]", () => {
  const { trouble, clock, lines } = rig()
  for (let second = 0; second < 50; second++) {
    full(trouble)
    trouble.worked()
    clock.advance(1_000)
  }
  expect(trouble.isOpen).toBe(true)
  expect(lines).toEqual(["full"])
  clock.advance(20_000)
  full(trouble)
  expect(lines).toEqual(["full", "full"])
})

it("says each cause", () => {
  const { trouble, lines } = rig()
  full(trouble)
  trouble.failed(new Error("broken"), "EIO", "broken")
  full(trouble)
  expect(lines).toEqual(["full", "broken"])
})

it("has nothing to say of a store that works", () => {
  const { trouble, lines } = rig()
  trouble.worked()
  expect(trouble.isWithin(1_000)).toBe(false)
  expect(lines).toEqual([])
})
