import { describe, expect, it } from "vitest"
import { seededRandom } from "../testing/seeded-random.js"
import { Bitfield } from "../torrent/bitfield.js"
import { PartOrder } from "./part-order.js"

function orderOf(partCount: number, seed = 1): PartOrder {
  const order = new PartOrder(partCount, seededRandom(seed))
  for (let part = 0; part < partCount; part++) order.add(part)
  return order
}

describe("PartOrder", () => {
  it("picks the rarest part first", () => {
    const order = orderOf(4)
    for (const part of [0, 1, 1, 2, 2, 2, 3]) order.increase(part)
    order.increase(0)
    expect(order.pick(() => true)).toBe(3)
    expect(order.pick((part) => part !== 3 && part !== 0 && part !== 1)).toBe(2)
  })

  it("picks only what fits, and nothing when nothing fits", () => {
    const order = orderOf(5)
    expect(order.pick((part) => part === 4)).toBe(4)
    expect(order.pick(() => false)).toBeUndefined()
  })

  it("takes the neighbour among equals, never a neighbour that is more common", () => {
    const order = orderOf(10)
    expect(order.pick(() => true, 6)).toBe(6)
    order.increase(6)
    expect(order.pick(() => true, 6)).not.toBe(6)
  })

  it("spreads its choice among equals", () => {
    const firsts = new Set(Array.from({ length: 40 }, (_, seed) => orderOf(16, seed + 1).pick(() => true)))
    expect(firsts.size).toBeGreaterThan(4)
  })

  it("is filled at once as part by part", () => {
    const added = new PartOrder(100, seededRandom(7))
    const filled = new PartOrder(100, seededRandom(7))
    const parts = Array.from({ length: 60 }, (_, at) => at + 20)
    for (const part of parts) added.add(part)
    filled.fill(Uint32Array.from(parts))
    expect(filled.toArray()).toEqual(added.toArray())
    for (const order of [added, filled]) {
      for (const part of [20, 45, 79]) order.increase(part)
      order.remove(45)
      order.add(3)
    }
    expect(filled.toArray()).toEqual(added.toArray())
    expect(filled.toArray().every((part) => filled.includes(part))).toBe(true)
    expect(filled.pick(() => true, undefined, Bitfield.full(100))).toBe(
      added.pick(() => true, undefined, Bitfield.full(100)),
    )
  })

  it("is filled only while nothing is in it", () => {
    const order = new PartOrder(10, seededRandom(1))
    order.fill(Uint32Array.of(1, 2))
    expect(() => order.fill(Uint32Array.of(3))).toThrow(/in use/)
  })

  it("looks at a bounded number of parts, however many are rarer than those of a peer [S2]", () => {
    const order = orderOf(100_000)
    const rare = new Bitfield(100_000)
    for (let part = 90_000; part < 100_000; part++) {
      rare.add(part)
      order.increase(part)
      if (part !== 95_000) order.increase(part)
    }
    let looks = 0
    const fits = (part: number) => {
      looks++
      return rare.has(part)
    }
    expect(rare.has(order.pick(fits, undefined, rare) ?? -1)).toBe(true)
    expect(looks).toBeLessThan(2_100)
    const one = new Bitfield(100_000)
    one.add(95_000)
    expect(order.pick((part) => part === 95_000, undefined, one)).toBe(95_000)
    order.remove(95_000)
    expect(order.pick((part) => part === 95_000, undefined, one)).toBeUndefined()
  })

  it("stays sorted and complete under any sequence of changes", () => {
    for (let seed = 1; seed <= 200; seed++) checkRandomChanges(seed)
  })
})

function checkRandomChanges(seed: number): void {
  const random = seededRandom(seed)
  const partCount = 1 + Math.floor(random() * 12)
  const order = new PartOrder(partCount, random)
  const inside = new Set<number>()
  const counts = new Array<number>(partCount).fill(0)
  for (let change = 0; change < 120; change++) {
    const part = Math.floor(random() * partCount)
    const kind = Math.floor(random() * 4)
    if (kind === 0) {
      order.add(part)
      inside.add(part)
    } else if (kind === 1) {
      order.remove(part)
      inside.delete(part)
    } else if (kind === 2) {
      order.increase(part)
      counts[part] = (counts[part] ?? 0) + 1
    } else {
      order.decrease(part)
      counts[part] = Math.max(0, (counts[part] ?? 0) - 1)
    }
    const listed = order.toArray()
    expect(new Set(listed), `seed ${seed}`).toEqual(inside)
    expect(listed.length, `seed ${seed}`).toBe(inside.size)
    const ranks = listed.map((each) => counts[each] ?? 0)
    expect(ranks, `seed ${seed}`).toEqual([...ranks].sort((a, b) => a - b))
  }
}
