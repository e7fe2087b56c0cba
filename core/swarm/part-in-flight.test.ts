import { describe, expect, it } from "vitest"
import { seededRandom } from "../testing/seeded-random.js"
import { STANDARD_BLOCK_BYTES as BLOCK } from "../wire/messages.js"
import type { Block } from "./events.js"
import {
  beginBlock,
  createPartInFlight,
  finishBlock,
  hasFreeUnits,
  isFullyReceived,
  type PartInFlight,
  raceBlock,
  releaseBlock,
  takeBlock,
} from "./part-in-flight.js"

const never = () => false

/** "." free, "r" requested, ">" receiving, "#" received: one character a unit. */
function drawn(part: PartInFlight): string {
  return [...part.units].map((unit) => ".r>#"[unit]).join("")
}

/** A part whose units stand as drawn. */
function partLike(picture: string): PartInFlight {
  const part = createPartInFlight(0, picture.length * BLOCK, false, 0)
  for (const [unit, state] of [...picture].entries()) {
    if (state !== ".") part.units[unit] = 1
    if (state === ">" || state === "#") beginBlock(part, block(unit, unit + 1))
    if (state === "#") finishBlock(part, block(unit, unit + 1))
  }
  return part
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
    expect(hasFreeUnits(part)).toBe(false)
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
    ["rrrr", 1, 3, 4],
    ["rrrr", 2, 2, 4],
    ["rr##", 4, 0, 2],
    ["#r>#", 4, 1, 2],
    ["r#r>", 1, 2, 3],
  ])("of %s, %i units at most, is units %i to %i", (picture, units, first, end) => {
    expect(raceBlock(partLike(picture), units * BLOCK, never)).toEqual(block(first, end))
  })

  it("skips what the racer was asked for already", () => {
    expect(raceBlock(partLike("rrr"), BLOCK, ({ begin }) => begin === 2 * BLOCK)).toEqual(block(1, 2))
  })

  it("finds nothing when the rest is there or coming", () => {
    expect(raceBlock(partLike("##>>"), BLOCK, never)).toBeUndefined()
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
  const asked: { readonly block: Block; begun: boolean }[] = []
  for (let turn = 0; turn < 10_000 && !isFullyReceived(part); turn++) {
    const size = BLOCK * (1 + Math.floor(random() * 4))
    const next = random() < 0.7 ? takeBlock(part, size) : raceBlock(part, size, never)
    if (next !== undefined) asked.push({ block: next, begun: false })
    const [one] = asked.splice(Math.floor(random() * asked.length), 1)
    if (one === undefined) continue
    if (!one.begun) one.begun = random() < 0.8 && beginBlock(part, one.block)
    if (one.begun && random() < 0.7) finishBlock(part, one.block)
    else if (random() < 0.5) releaseBlock(part, one.block, one.begun)
    else asked.push(one)
  }
  expect(isFullyReceived(part), `seed ${seed}: ${drawn(part)}`).toBe(true)
  expect(part.receivedBytes, `seed ${seed}`).toBe(lengthBytes)
}
