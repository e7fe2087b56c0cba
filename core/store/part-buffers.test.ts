import { expect, it } from "vitest"
import { PartBuffers } from "./part-buffers.js"

const MIB = 1024 * 1024

it("lends shared memory of the length asked for, and reuses it", () => {
  const buffers = new PartBuffers()
  const first = buffers.acquire(1000)
  expect(first).toHaveLength(1000)
  expect(first.buffer).toBeInstanceOf(SharedArrayBuffer)
  buffers.release(first.subarray(10, 20))
  expect(buffers.acquire(999).buffer).toBe(first.buffer)
})

it("never lends one buffer to two", () => {
  const buffers = new PartBuffers()
  expect(buffers.acquire(MIB).buffer).not.toBe(buffers.acquire(MIB).buffer)
})

it("keeps so many unused bytes at most, the last used ones", () => {
  const buffers = new PartBuffers(2 * MIB)
  const lent = Array.from({ length: 4 }, () => buffers.acquire(MIB))
  for (const bytes of lent) buffers.release(bytes)
  const again = Array.from({ length: 4 }, () => buffers.acquire(MIB).buffer)
  const known = again.filter((memory) => lent.some(({ buffer }) => buffer === memory))
  expect(known).toEqual([lent[3]?.buffer, lent[2]?.buffer])
})

it("keeps two buffers of large parts, but not of huge ones", () => {
  const keptOf = (partBytes: number) => {
    const buffers = new PartBuffers()
    const lent = Array.from({ length: 3 }, () => buffers.acquire(partBytes))
    for (const bytes of lent) buffers.release(bytes)
    const again = Array.from({ length: 3 }, () => buffers.acquire(partBytes).buffer)
    return again.filter((memory) => lent.some(({ buffer }) => buffer === memory)).length
  }
  expect([4, 8, 16, 32, 64].map((mebibytes) => keptOf(mebibytes * MIB))).toEqual([2, 2, 2, 1, 0])
})

it("does not take back a buffer twice, or a foreign one", () => {
  const buffers = new PartBuffers()
  const bytes = buffers.acquire(10)
  buffers.release(bytes)
  expect(() => buffers.release(bytes)).toThrow(/twice/)
  expect(() => buffers.release(new Uint8Array(10))).toThrow(/belongs to another pool/)
})
