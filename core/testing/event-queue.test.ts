import { describe, expect, it } from "vitest"
import { EventQueue } from "./event-queue.js"
import { seededRandom } from "./seeded-random.js"

describe("EventQueue", () => {
  it("does things in the order of their times, and of entry at the same time", () => {
    const queue = new EventQueue()
    const done: string[] = []
    queue.at(20, () => done.push("c"))
    queue.after(10, () => done.push("a"))
    queue.at(10, () => done.push("b"))
    queue.after(20, () => done.push("d"))
    while (queue.runNext());
    expect(done).toEqual(["a", "b", "c", "d"])
    expect(queue.nowMs).toBe(20)
  })

  it("does at once, but never before now, what should have been done earlier", () => {
    const queue = new EventQueue()
    let atMs = -1
    queue.at(50, () => queue.at(10, () => (atMs = queue.nowMs)))
    while (queue.runNext());
    expect(atMs).toBe(50)
  })

  it("stays in order under any sequence of entries", () => {
    for (let seed = 1; seed <= 50; seed++) checkRandomEntries(seed)
  })
})

function checkRandomEntries(seed: number): void {
  const random = seededRandom(seed)
  const queue = new EventQueue()
  const times: number[] = []
  let entered = 0
  const enter = () => {
    entered++
    const run = () => {
      times.push(queue.nowMs)
      while (entered < 5_000 && random() < 0.6) enter()
    }
    if (random() < 0.5) queue.after(10 * Math.floor(random() * 3), run)
    else queue.at(queue.nowMs + 30 * random(), run)
  }
  for (let turn = 0; turn < 20; turn++) enter()
  while (queue.runNext());
  expect(times, `seed ${seed}`).toEqual([...times].sort((a, b) => a - b))
  expect(times, `seed ${seed}`).toHaveLength(entered)
}
