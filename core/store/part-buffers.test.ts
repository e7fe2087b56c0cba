import { expect, it } from "vitest"
import { PartBuffers } from "./part-buffers.js"

const MIB = 1024 * 1024

it("lends shared memory of the length asked for, and reuses it", () => {
  const buffers = new PartBuffers(4 * MIB)
  const first = buffers.acquire(1000)
  expect(first).toHaveLength(1000)
  expect(first?.buffer).toBeInstanceOf(SharedArrayBuffer)
  if (first) buffers.release(first)
  expect(buffers.acquire(999)?.buffer).toBe(first?.buffer)
})

it("lends nothing beyond its budget until something comes back (hostile.md disk)", () => {
  const buffers = new PartBuffers(4 * MIB)
  const lent = Array.from({ length: 4 }, () => buffers.acquire(MIB))
  expect(lent.every(Boolean)).toBe(true)
  expect(buffers.acquire(1)).toBeUndefined()
  if (lent[0]) buffers.release(lent[0].subarray(10, 20))
  expect(buffers.inUseBytes).toBe(3 * MIB)
  expect(buffers.acquire(MIB)).toBeDefined()
})

it("lends two buffers however large", () => {
  const buffers = new PartBuffers(MIB)
  expect(buffers.acquire(64 * MIB)).toBeDefined()
  expect(buffers.acquire(64 * MIB)).toBeDefined()
  expect(buffers.acquire(1)).toBeUndefined()
})

it("does not take back a buffer twice, or a foreign one", () => {
  const buffers = new PartBuffers()
  const bytes = buffers.acquire(10) ?? new Uint8Array()
  buffers.release(bytes)
  expect(() => buffers.release(bytes)).toThrow(/twice/)
  expect(() => buffers.release(new Uint8Array(10))).toThrow(/none of this pool/)
})
