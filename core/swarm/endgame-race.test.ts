import { beforeEach, describe, expect, it } from "vitest"
import { STANDARD_BLOCK_BYTES as BLOCK } from "../wire/codec/messages.js"
import { endgameBlock, type Racer } from "./endgame.js"
import { beginBlock, createPartInFlight, type PartInFlight, takeBlock } from "./part-in-flight.js"
import { RateMeter } from "./rate-meter.js"
import { addRequest, createAsked, own } from "./request-book.js"
import { createResponse, noteSnub } from "./response.js"

let part: PartInFlight

beforeEach(() => {
  part = createPartInFlight(0, 4 * BLOCK, false, 0)
})

/** A peer that brings so many bytes a second, and was asked for so many blocks of the part. */
function racer(key: number, bytesPerSecond: number, askedBlocks = 0): Racer {
  const down = new RateMeter(0)
  for (let second = 1; second <= 30; second++) {
    down.add(bytesPerSecond)
    down.sample(second * 1_000)
  }
  const made: Racer = { key, asked: createAsked(), down, response: createResponse(0) }
  for (let count = 0; count < askedBlocks; count++) {
    const block = takeBlock(part, BLOCK)
    if (block === undefined) throw new Error("the part has no free block")
    addRequest(made, part, block, 0)
    own(part, made)
  }
  return made
}

function race(fast: Racer, slow: Racer, mayShare = true) {
  const peers = new Map([fast, slow].map((each) => [each.key, each]))
  return endgameBlock({ config: { raceAfterMs: 1_000 }, peers, nowMs: 30_000, mayShare: () => mayShare }, fast)
}

describe("a peer that would stand idle at the end", () => {
  it("is asked for the last block that the slowest peer owes", () => {
    expect(race(racer(1, 1_000_000), racer(2, 1_000, 4))).toEqual({ index: 0, begin: 3 * BLOCK, length: BLOCK })
  })

  it("is asked for nothing where the others deliver in a moment", () => {
    expect(race(racer(1, 10_000_000), racer(2, 1_000_000, 4))).toBeUndefined()
  })

  it("is asked for nothing that it would bring later", () => {
    expect(race(racer(1, 200), racer(2, 1_000, 4))).toBeUndefined()
  })

  it("is asked for no block whose bytes have begun to come", () => {
    const slow = racer(2, 1_000, 4)
    for (const request of slow.asked.requests.values()) request.begun = beginBlock(part, request.block)
    expect(race(racer(1, 1_000_000), slow)).toBeUndefined()
  })

  it("is asked for no part that it must not share", () => {
    expect(race(racer(1, 1_000_000), racer(2, 1_000, 4), false)).toBeUndefined()
  })

  it("races a fast peer that fell silent", () => {
    const silent = racer(2, 1_000_000, 4)
    noteSnub(silent)
    expect(race(racer(1, 1_000_000), silent)).toEqual({ index: 0, begin: 3 * BLOCK, length: BLOCK })
  })
})
