import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { seededRandom } from "../testing/seeded-random.js"
import { sortInSteps, sortingPlaces } from "./sort-in-steps.js"
import { atOnce } from "./steps.js"

const ascending = (a: number, b: number) => a - b

describe("sorting in steps", () => {
  it("sorts as sorting at once does", () => {
    const lists = fc.uniqueArray(fc.integer(), { maxLength: 300 })
    fc.assert(
      fc.property(lists, (list) => {
        const values = Int32Array.from(list)
        atOnce(sortInSteps(values, ascending))
        expect(values).toEqual(Int32Array.from(list).sort(ascending))
      }),
    )
  })

  it("gives the places of a list in the order of its values", () => {
    const values = ["c", "a", "b"]
    const places = atOnce(sortingPlaces(values.length, (a, b) => ((values[a] ?? "") < (values[b] ?? "") ? -1 : 1)))
    expect(Array.from(places, (place) => values[place])).toEqual(["a", "b", "c"])
  })

  it.each([4_096, 4_097, 8_192, 50_001])("sorts %i values, and compares a few thousand in a step", (count) => {
    const random = seededRandom(count)
    const values = Int32Array.from({ length: count }, (_, index) => index)
    for (let at = count - 1; at > 0; at--) {
      const other = Math.floor(random() * (at + 1))
      ;[values[at], values[other]] = [values[other] ?? 0, values[at] ?? 0]
    }
    let [compared, most] = [0, 0]
    const steps = sortInSteps(values, (a, b) => {
      compared++
      return a - b
    })
    while (!steps.next().done) {
      most = Math.max(most, compared)
      compared = 0
    }
    expect(values.every((value, index) => value === index)).toBe(true)
    expect(most).toBeLessThan(80_000)
  })
})
