import { describe, expect, it } from "vitest"
import { STANDARD_BLOCK_BYTES as BLOCK } from "../wire/codec/messages.js"
import { memoryMs, sharedBytes } from "./memory-share.js"
import { PartBudget } from "./part-budget.js"
import { createPartInFlight } from "./part-in-flight.js"

const MiB = 2 ** 20
const paceOf = (bytesPerSecond: number) => ({ down: { bytesPerSecond } })
const demandOf = (bytesPerSecond: number, bytes: number) => ({ peer: paceOf(bytesPerSecond), bytes })

/** A document that has parts in flight, beside others that hold `otherBytes`. */
function memoryOf(partSizeBytes: number, { partCount = 0, otherBytes = 0 } = {}) {
  const budget = new PartBudget(10 * MiB)
  const inFlight = new Map(
    Array.from({ length: partCount }, (_, index) => [index, createPartInFlight(index, partSizeBytes, false, 0)]),
  )
  for (const { lengthBytes } of inFlight.values()) budget.take(lengthBytes, 0)
  budget.take(otherBytes, 0)
  return { budget, inFlight, lengths: { sizeBytes: 1_024 * partSizeBytes, partSizeBytes, partCount: 1_024 } }
}

describe("memoryMs", () => {
  it("sets no bound while half the memory holds what all peers are asked for", () => {
    expect(memoryMs(memoryOf(MiB), [demandOf(1e6, 2 * MiB), demandOf(1e6, 3 * MiB)])).toBe(Number.POSITIVE_INFINITY)
  })

  it("sets none while no rate is known", () => {
    expect(memoryMs(memoryOf(MiB), [demandOf(0, 8 * MiB), demandOf(0, 8 * MiB)])).toBe(Number.POSITIVE_INFINITY)
  })

  it("is the time in which all peers together fill half the memory", () => {
    const demands = [demandOf(20 * MiB, 8 * MiB), demandOf(30 * MiB, 8 * MiB)]
    expect(memoryMs(memoryOf(MiB), demands)).toBe(100)
    expect(memoryMs(memoryOf(MiB, { partCount: 4 }), demands)).toBe(100)
  })

  it("counts whole parts, two at least, and not the memory of other documents", () => {
    const demands = [demandOf(20 * MiB, 40 * MiB), demandOf(30 * MiB, 40 * MiB)]
    expect(memoryMs(memoryOf(4 * MiB), demands)).toBe(80)
    expect(memoryMs(memoryOf(16 * MiB), demands)).toBe(320)
    expect(memoryMs(memoryOf(MiB, { partCount: 2, otherBytes: 3 * MiB }), demands)).toBe(70)
    expect(memoryMs(memoryOf(MiB, { otherBytes: 10 * MiB }), demands)).toBe(20)
  })
})

describe("sharedBytes", () => {
  it("is what a peer sends in that time, and one block at least", () => {
    expect(sharedBytes(paceOf(1e6), 500)).toBe(500_000)
    expect(sharedBytes(paceOf(1_000), 500)).toBe(BLOCK)
    expect(sharedBytes(paceOf(0), 500)).toBe(BLOCK)
  })

  it("has no bound while there is memory for all", () => {
    expect(sharedBytes(paceOf(0), Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY)
  })
})
