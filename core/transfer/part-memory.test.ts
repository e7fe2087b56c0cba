import { describe, expect, it } from "vitest"
import { PartMemory } from "./part-memory.js"

class CountingPool {
  readonly released: Uint8Array[] = []
  acquire(lengthBytes: number): Uint8Array {
    return new Uint8Array(lengthBytes)
  }
  release(bytes: Uint8Array): void {
    this.released.push(bytes)
  }
}

function memoryOf(index: number, lengthBytes: number) {
  const pool = new CountingPool()
  const memory = new PartMemory(pool)
  memory.open(index, lengthBytes)
  return { pool, memory }
}

describe("PartMemory", () => {
  it("lends a block its place inside the part", () => {
    const { memory } = memoryOf(3, 100)
    const reserved = memory.reserveBlock(3, 40, 20)
    reserved?.place.fill(7)
    reserved?.done()
    const bytes = memory.bytesOf(3)
    expect([bytes?.[39], bytes?.[40], bytes?.[59], bytes?.[60]]).toEqual([0, 7, 7, 0])
  })

  it("lends nothing of a part that is not in flight", () => {
    const { memory } = memoryOf(3, 100)
    expect(memory.reserveBlock(4, 0, 10)).toBeUndefined()
    memory.drop(3)
    expect(memory.reserveBlock(3, 0, 10)).toBeUndefined()
    expect(memory.bytesOf(3)).toBeUndefined()
  })

  it("returns a dropped buffer at once when no read into it is pending", () => {
    const { memory, pool } = memoryOf(3, 100)
    memory.drop(3)
    memory.drop(3)
    expect(pool.released).toHaveLength(1)
  })

  it("gives a dropped buffer that is being read into back only at the end of the last block [hostile disk]", () => {
    const { memory, pool } = memoryOf(3, 100)
    const first = memory.reserveBlock(3, 0, 50)
    const second = memory.reserveBlock(3, 50, 50)
    memory.drop(3)
    expect(pool.released).toHaveLength(0)
    first?.done()
    expect(pool.released).toHaveLength(0)
    second?.done()
    expect(pool.released).toHaveLength(1)
  })

  it("keeps an old buffer apart from the part's next one", () => {
    const { memory, pool } = memoryOf(3, 100)
    const stale = memory.reserveBlock(3, 0, 100)
    memory.drop(3)
    memory.open(3, 100)
    stale?.place.fill(9)
    expect(memory.bytesOf(3)?.every((byte) => byte === 0)).toBe(true)
    stale?.done()
    expect(pool.released).toEqual([expect.not.objectContaining(memory.bytesOf(3) ?? {})])
  })

  it("gives everything back when it is closed", () => {
    const { memory, pool } = memoryOf(3, 100)
    memory.open(4, 50)
    const reserved = memory.reserveBlock(4, 0, 50)
    memory.close()
    memory.close()
    expect(pool.released).toHaveLength(1)
    reserved?.done()
    expect(pool.released).toHaveLength(2)
  })
})
