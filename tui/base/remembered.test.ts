import { describe, expect, it } from "vitest"
import { remembered, rememberedBy } from "./remembered.js"

describe("what is remembered", () => {
  it("of an object is worked out once, also when that is undefined", () => {
    let made = 0
    const answer = remembered((of: readonly number[]) => {
      made++
      return of[0]
    })
    const [empty, one] = [[], [1]]
    expect([answer(empty), answer(one), answer(empty), answer(one)]).toEqual([undefined, 1, undefined, 1])
    expect(made).toBe(2)
  })

  it("by keys is worked out again when one of them is another, and only the last answers are kept", () => {
    const made: string[] = []
    const answer = rememberedBy(["a", "b"], ({ a, b }: { a: number; b: number; c: number }) => {
      made.push(`${a}${b}`)
      return a + b
    })
    expect(answer({ a: 1, b: 1, c: 1 })).toBe(2)
    expect(answer({ a: 1, b: 1, c: 2 })).toBe(2)
    expect(answer({ a: 1, b: 2, c: 2 })).toBe(3)
    expect(answer({ a: 1, b: 1, c: 3 })).toBe(2)
    expect(made).toEqual(["11", "12"])
    answer({ a: 3, b: 3, c: 3 })
    answer({ a: 1, b: 2, c: 2 })
    expect(made).toEqual(["11", "12", "33", "12"])
  })
})
