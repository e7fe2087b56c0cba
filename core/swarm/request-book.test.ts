import { beforeEach, describe, expect, it } from "vitest"
import { seededRandom } from "../testing/seeded-random.js"
import { Bitfield } from "../torrent/bitfield.js"
import { STANDARD_BLOCK_BYTES as BLOCK } from "../wire/codec/messages.js"
import type { Block, PeerKey, SwarmEffect } from "./events.js"
import { PartBudget } from "./part-budget.js"
import { beginBlock, createPartInFlight, finishBlock, type PartInFlight, takeBlock } from "./part-in-flight.js"
import { PartOrder } from "./part-order.js"
import {
  type Asker,
  addRequest,
  agreeOnRequests,
  askLess,
  closePart,
  createAsked,
  disown,
  forgetRequest,
  giveUpRequest,
  own,
  releaseParts,
  wasGivenUp,
} from "./request-book.js"
import { blockKey } from "./state.js"

const PART_BYTES = 4 * BLOCK

let peer: Asker
let other: Asker
let effects: SwarmEffect[]
let budget: PartBudget
let order: PartOrder
let inFlight: Map<number, PartInFlight>

beforeEach(() => {
  peer = { key: 1, asked: createAsked() }
  other = { key: 2, asked: createAsked() }
  effects = []
  budget = new PartBudget(10 * PART_BYTES)
  order = new PartOrder(8, seededRandom(1))
  inFlight = new Map()
})

function turn() {
  const peers = new Map<PeerKey, Asker>([peer, other].map((each) => [each.key, each]))
  return {
    state: { peers, inFlight, budget, order, have: new Bitfield(8), history: new Map(), forgone: new Set<number>() },
    effects,
  }
}

/** A part that was begun, and is asked of these peers. */
function begin(index: number, ...owners: readonly Asker[]): PartInFlight {
  expect(budget.take(PART_BYTES, inFlight.size)).toBe(true)
  const part = createPartInFlight(index, PART_BYTES, false, 0)
  inFlight.set(index, part)
  for (const owner of owners) own(part, owner)
  return part
}

function ask(asker: Asker, part: PartInFlight): Block {
  const block = takeBlock(part, BLOCK)
  if (block === undefined) throw new Error("the part has no free block")
  addRequest(asker, part, block, 0)
  return block
}

function requestOf(asker: Asker, block: Block) {
  const request = asker.asked.requests.get(blockKey(block))
  if (request === undefined) throw new Error("no such request")
  return request
}

function receive(part: PartInFlight, asker: Asker, block: Block): void {
  beginBlock(part, block)
  const request = requestOf(asker, block)
  finishBlock(part, block, `10.0.0.${asker.key}:7000`)
  forgetRequest(turn().state, asker, { ...request, begun: false })
}

describe("the request book", () => {
  it("counts what a peer is asked for", () => {
    const part = begin(0, peer)
    const block = ask(peer, part)
    ask(peer, part)
    expect(peer.asked.bytes).toBe(2 * BLOCK)
    forgetRequest(turn().state, peer, requestOf(peer, block))
    expect(peer.asked.bytes).toBe(BLOCK)
    expect(part.freeUnits).toBe(3)
  })

  it("does not free a block that is asked for in a later attempt at the part", () => {
    const old = begin(0, peer)
    const block = ask(peer, old)
    const request = requestOf(peer, block)
    inFlight.delete(0)
    const anew = begin(0, other)
    ask(other, anew)
    forgetRequest(turn().state, peer, request)
    expect(anew.freeUnits).toBe(3)
  })

  it("cancels a request that is taken back, and expects its block once", () => {
    const part = begin(0, peer)
    const block = ask(peer, part)
    giveUpRequest(turn(), peer, requestOf(peer, block))
    expect(effects).toEqual([{ type: "send", peer: 1, message: { type: "cancel", ...block } }])
    expect(wasGivenUp(peer, blockKey(block))).toBe(true)
    expect(wasGivenUp(peer, blockKey(block))).toBe(false)
  })

  it("makes a part missing again when its last owner leaves it without a byte", () => {
    begin(3, peer)
    releaseParts(turn(), peer, false)
    expect(inFlight.size).toBe(0)
    expect(order.includes(3)).toBe(true)
    expect(effects).toEqual([{ type: "dropPart", index: 3 }])
  })

  it("keeps a part with bytes for other peers to continue", () => {
    const part = begin(3, peer)
    receive(part, peer, ask(peer, part))
    disown(turn(), part, peer)
    expect(inFlight.get(3)).toBe(part)
    expect(part.owners.size).toBe(0)
  })

  it("keeps a part that another peer is asked for", () => {
    const part = begin(3, peer, other)
    disown(turn(), part, peer)
    expect([...part.owners]).toEqual([2])
  })

  it("takes a part that ends off every peer, and gives its memory back", () => {
    const part = begin(3, peer, other)
    closePart(turn(), part)
    expect([peer.asked.parts.size, other.asked.parts.size]).toEqual([0, 0])
    expect(budget.take(10 * PART_BYTES, 0)).toBe(true)
  })

  it("asks for no more at a time than a peer says, and no more than a bound", () => {
    agreeOnRequests(peer, 2 * BLOCK, 100)
    expect(peer.asked).toMatchObject({ blockBytes: 2 * BLOCK, maxRequests: 100 })
    agreeOnRequests(peer, 2 * BLOCK, 1_000_000)
    expect(peer.asked.maxRequests).toBe(2_000)
  })

  it("asks for less than a peer had taken when it refused, but for a short queue", () => {
    for (let index = 0; index < 25; index++) {
      const part = createPartInFlight(index, PART_BYTES, false, 0)
      for (let count = 0; count < 4; count++) ask(peer, part)
    }
    askLess(peer)
    expect(peer.asked.maxRequests).toBe(90)
    ask(other, begin(0, other))
    askLess(other)
    expect(other.asked.maxRequests).toBe(250)
  })
})
