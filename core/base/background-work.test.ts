import { expect, it } from "vitest"
import { BackgroundWork } from "./background-work.js"

function* counting(to: number, seen: number[]) {
  for (let count = 1; count <= to; count++) {
    seen.push(count)
    yield
  }
  return to
}
const turn = () => new Promise(setImmediate)

it("little work is done at once, and nothing is reported", () => {
  let reported = 0
  const work = new BackgroundWork(counting(1, []), () => reported++)
  expect([work.result, reported]).toEqual([1, 0])
})

it("much work is done between other work, and its end is reported", async () => {
  const seen: number[] = []
  await new Promise<void>((resolve) => {
    const work = new BackgroundWork(counting(9, seen), () => {
      expect(work.result).toBe(9)
      resolve()
    })
    expect([work.result, seen.length]).toEqual([undefined, 2])
  })
})

it("work that is given up takes no further step", async () => {
  const seen: number[] = []
  let reported = 0
  const work = new BackgroundWork(counting(9, seen), () => reported++)
  work.giveUp()
  for (let count = 0; count < 20; count++) await turn()
  expect([work.result, seen.length, reported]).toEqual([undefined, 2, 0])
})
