import { expect, it } from "vitest"
import { Recent } from "./recent.js"

it("keeps the values that were used last, and hands out those it drops", () => {
  const dropped: number[] = []
  const recent = new Recent<string, number>(2, (value) => dropped.push(value))
  recent.set("a", 1)
  recent.set("b", 2)
  expect(recent.get("a")).toBe(1)
  recent.set("c", 3)
  expect([recent.get("a"), recent.get("b"), recent.get("c"), dropped]).toEqual([1, undefined, 3, [2]])
  recent.set("a", 4)
  expect([...recent.values()]).toEqual([3, 4])
})
