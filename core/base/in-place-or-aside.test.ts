import { expect, it } from "vitest"
import { LATER, mapInPlaceOrAside } from "./in-place-or-aside.js"

it("processes aside what would hold the thread, and keeps the order of the items", async () => {
  const items = Array.from({ length: 200 }, (_, index) => index)
  const aside: number[] = []
  const results = await mapInPlaceOrAside(
    items,
    (item) => (item % 50 === 0 ? LATER : item),
    async (item) => {
      aside.push(item)
      return item
    },
  )
  expect(results).toEqual(items)
  expect(aside).toEqual(expect.arrayContaining([0, 50, 100, 150]))
})
