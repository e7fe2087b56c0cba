import { describe, expect, it } from "vitest"
import { seededRandom } from "../testing/seeded-random.js"
import { STANDARD_BLOCK_BYTES as BLOCK } from "../wire/codec/messages.js"
import type { Block } from "./events.js"
import {
  beginBlock,
  createPartInFlight,
  finishBlock,
  isFullyReceived,
  type PartInFlight,
  type Racer,
  raceBlock,
  releaseBlock,
  takeBlock,
} from "./part-in-flight.js"

/** "." free, "r" requested, ">" receiving, "#" received, "R" raced: one character a unit. */
function drawn(part: PartInFlight): string {
  return [...part.units].map((unit) => ".r>#R"[unit]).join("")
}

/** A part whose units stand as drawn. */
function partLike(picture: string): PartInFlight {
  const part = createPartInFlight(0, picture.length * BLOCK, false, 0)
  for (const [unit, state] of [...picture].entries()) {
    if (state !== ".") {
      part.units[unit] = 1
      part.freeUnits--
    }
    if (state === "R") part.units[unit] = 4
    if (state === ">" || state === "#") beginBlock(part, block(unit, unit + 1))
    if (state === "#") finishBlock(part, block(unit, unit + 1), "sender")
  }
  return part
}

/** It outruns the peers whose keys are below 10. */
function racer(units: number, key = 10): Racer {
  return { key, blockBytes: units * BLOCK, outruns: (other) => other < 10 }
}

function block(first: number, end: number): Block {
  return { index: 0, begin: first * BLOCK, length: (end - first) * BLOCK }
}

describe("takeBlock", () => {
  it.each([
    ["....", 1, "r...", 0, 1],
    ["rr..", 1, "rrr.", 2, 3],
    ["....", 4, "rrrr", 0, 4],
    ["#..#", 4, "#rr#", 1, 3],
    ["r.r.", 4, "rrr.", 1, 2],
    [">..", 8, ">rr", 1, 3],
  ])("of %s, %i units at most, leaves %s", (before, units, after, first, end) => {
    const part = partLike(before)
    expect(takeBlock(part, units * BLOCK)).toEqual(block(first, end))
    expect(drawn(part)).toBe(after)
  })

  it.each(["rrrr", "####", "r>#r"])("finds nothing in %s", (picture) => {
    const part = partLike(picture)
    expect(part.freeUnits).toBe(0)
    expect(takeBlock(part, BLOCK)).toBeUndefined()
  })

  it("ends with the part, which need not be whole units", () => {
    const part = createPartInFlight(7, BLOCK + 5, false, 0)
    expect(takeBlock(part, 4 * BLOCK)).toEqual({ index: 7, begin: 0, length: BLOCK + 5 })
  })

  it("takes a single byte", () => {
    expect(takeBlock(createPartInFlight(0, 1, false, 0), BLOCK)).toEqual({ index: 0, begin: 0, length: 1 })
  })
})

describe("raceBlock", () => {
  it.each([
    ["rrrr", 1, 3, 4, "rrrR"],
    ["rrrr", 2, 2, 4, "rrRR"],
    ["rr##", 4, 0, 2, "RR##"],
    ["#r>#", 4, 1, 2, "#R>#"],
    ["r#r>", 1, 2, 3, "r#R>"],
    ["rrRR", 4, 0, 2, "RRRR"],
  ])("of %s, %i units at most, is units %i to %i", (before, units, first, end, after) => {
    const part = partLike(before)
    expect(raceBlock(part, block(0, 4), racer(units))).toEqual(block(first, end))
    expect(drawn(part)).toBe(after)
  })

  it("stays inside the block that the other owes", () => {
    expect(raceBlock(partLike("rrrr"), block(1, 3), racer(4))).toEqual(block(1, 3))
  })

  it("asks a third peer when it outruns the second, and no peer twice", () => {
    const part = partLike("rr")
    expect(raceBlock(part, block(0, 2), racer(2, 5))).toEqual(block(0, 2))
    expect(raceBlock(part, block(0, 2), racer(2, 5))).toBeUndefined()
    expect(raceBlock(part, block(0, 2), racer(2, 11))).toEqual(block(0, 2))
    expect(raceBlock(part, block(0, 2), racer(2, 12))).toBeUndefined()
  })

  it("finds nothing when the rest is there or coming, or asked of two already", () => {
    expect(raceBlock(partLike("##>R"), block(0, 4), racer(1))).toBeUndefined()
  })
})

describe("a block", () => {
  it("begins only while none of its bytes is there or coming", () => {
    expect(beginBlock(partLike("rr.."), block(0, 2))).toBe(true)
    expect(beginBlock(partLike("rr>."), block(1, 3))).toBe(false)
    expect(beginBlock(partLike("#r.."), block(0, 2))).toBe(false)
  })

  it("that is released is free again, but for what others brought meanwhile", () => {
    const part = partLike("rr#r")
    releaseBlock(part, block(0, 4), false)
    expect(drawn(part)).toBe("..#.")
    expect(takeBlock(part, BLOCK)).toEqual(block(0, 1))
  })

  it("that is released after it began frees its own units alone", () => {
    const part = partLike("r>>r")
    releaseBlock(part, block(1, 3), true)
    expect(drawn(part)).toBe("r..r")
    const other = partLike("r>>r")
    releaseBlock(other, block(0, 4), false)
    expect(drawn(other)).toBe(".>>.")
  })

  it("never is counted twice, whatever is asked, sent, lost and raced for", () => {
    for (let seed = 1; seed <= 100; seed++) fetchInDisorder(seed)
  })
})

function fetchInDisorder(seed: number): void {
  const random = seededRandom(seed)
  const lengthBytes = 1 + Math.floor(random() * 12 * BLOCK)
  const part = createPartInFlight(0, lengthBytes, false, 0)
  const whole = { index: 0, begin: 0, length: lengthBytes }
  const asked: { readonly block: Block; begun: boolean }[] = []
  for (let turn = 0; turn < 10_000 && !isFullyReceived(part); turn++) {
    const size = BLOCK * (1 + Math.floor(random() * 4))
    const next =
      random() < 0.7
        ? takeBlock(part, size)
        : raceBlock(part, whole, { key: turn, blockBytes: size, outruns: () => random() < 0.3 })
    if (next !== undefined) asked.push({ block: next, begun: false })
    const [one] = asked.splice(Math.floor(random() * asked.length), 1)
    if (one === undefined) continue
    if (!one.begun) one.begun = random() < 0.8 && beginBlock(part, one.block)
    if (one.begun && random() < 0.7) finishBlock(part, one.block, "sender")
    else if (random() < 0.5) releaseBlock(part, one.block, one.begun)
    else asked.push(one)
  }
  expect(isFullyReceived(part), `seed ${seed}: ${drawn(part)}`).toBe(true)
  expect(part.receivedBytes, `seed ${seed}`).toBe(lengthBytes)
}
