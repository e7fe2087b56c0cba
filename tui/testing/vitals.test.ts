import { expect, it } from "vitest"
import { floorsOf, medianOf, slopeOf, thirds } from "./vitals.js"

it("the line through samples rises as they do, and not with what merely swings", () => {
  const points = (values: readonly number[]) => values.map((y, index) => ({ x: index * 5, y }))
  expect(slopeOf(points([7, 7, 7]))).toBe(0)
  expect(slopeOf(points([1, 2, 3, 4]))).toBeCloseTo(0.2)
  expect(slopeOf(points([5, 9, 5, 5, 9, 5]))).toBeCloseTo(0)
})

it("thirds are judged by their medians, so that one peak means nothing", () => {
  expect(thirds([1, 100, 1, 5, 5, 5, 2, 2, 200])).toEqual({ first: 1, last: 2 })
  expect(medianOf([3, 1, 2])).toBe(2)
})

it("the floor shows a leak, and no load", () => {
  const points = (values: readonly number[]) => values.map((y, x) => ({ x, y }))
  expect(slopeOf(floorsOf(points([7, 70, 9, 8, 7, 9, 90, 7, 8]), 3))).toBe(0)
  expect(slopeOf(floorsOf(points([7, 70, 9, 9, 80, 11, 11, 90, 15]), 3))).toBeGreaterThan(0.5)
})
