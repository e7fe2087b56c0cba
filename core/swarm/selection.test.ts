import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { SwarmBench } from "../testing/swarm-bench.js"
import { Bitfield } from "../torrent/bitfield.js"
import { isComplete, isLeeching, wantedBytes } from "./index.js"

const PART_BYTES = 64 * 1024

function select(bench: SwarmBench, ...parts: readonly number[]) {
  const set = new Bitfield(bench.state.lengths.partCount)
  for (const part of parts) set.add(part)
  return bench.handle({ type: "selected", parts: set })
}

const isCompleted = (bench: SwarmBench) => bench.all("completed").length > 0

describe("a selection of parts", () => {
  it("is all that is asked for, and all that is left", () => {
    const bench = new SwarmBench({ partCount: 6, wanted: [1, 4] })
    const seed = bench.connect({ has: "all", unchokes: true })
    expect(wantedBytes(bench.state)).toBe(2 * PART_BYTES)
    expect(seed.askedParts.toSorted()).toEqual([1, 4])
    seed.sendsAsked()
    for (const part of [1, 4]) bench.checked(part)
    expect([isCompleted(bench), isLeeching(bench.state), wantedBytes(bench.state)]).toEqual([true, false, 0])
  })

  it("leaves nothing to want of a peer that has only other parts", () => {
    const peer = new SwarmBench({ partCount: 6, wanted: [1] }).connect({ has: [2, 3], unchokes: true })
    peer.says({ type: "have", index: 4 })
    expect([peer.received("interested").length, peer.seen.interest.wanted, peer.asked.length]).toEqual([0, 0, 0])
  })

  it("that is widened goes on from there", () => {
    const bench = new SwarmBench({ partCount: 6, have: [1], wanted: [1] })
    const peer = bench.connect({ has: [0, 1, 2], unchokes: true })
    select(bench, 1, 2)
    expect([peer.received("interested").length, peer.askedParts]).toEqual([1, [2]])
    bench.handle({ type: "selected", parts: undefined })
    expect(peer.askedParts.toSorted()).toEqual([0, 2])
    expect(peer.seen.interest.wanted).toBe(2)
  })

  it("that is narrowed takes back what is not wanted any more, and may be complete after it", () => {
    const bench = new SwarmBench({ partCount: 5, have: [0] })
    const peer = bench.connect({ has: [0, 1, 2], unchokes: true })
    expect(peer.askedParts.toSorted()).toEqual([1, 2])
    select(bench, 0)
    expect([peer.asked, bench.state.inFlight.size, isCompleted(bench)]).toEqual([[], 0, true])
    expect(bench.budget.usedBytes).toBe(0)
  })

  it("waits for a part that is being written, which counts though it is not wanted any more", () => {
    const bench = new SwarmBench({ partCount: 2, have: [0] })
    const peer = bench.connect({ has: [0, 1], unchokes: true })
    peer.sendsAsked()
    select(bench, 0)
    expect(isCompleted(bench)).toBe(false)
    bench.checked(1)
    expect([isCompleted(bench), bench.state.have.isFull, peer.seen.interest.wanted]).toEqual([true, true, 0])
  })

  it("does not fetch a part again that failed its check when nobody wanted it any more", () => {
    const bench = new SwarmBench({ partCount: 3, have: [0], wanted: [0, 1] })
    const peer = bench.connect({ has: [0, 1, 2], unchokes: true })
    peer.sendsAsked()
    select(bench, 0, 2)
    bench.checked(1, "failed")
    expect(peer.askedParts).toEqual([2])
  })

  it("waits for a wanted part that may be on disk, and does not ask for others that are not", () => {
    const bench = new SwarmBench({ partCount: 3, doubtful: [0, 1], wanted: [0] })
    const peer = bench.connect({ has: [1, 2], unchokes: true })
    bench.handle({ type: "partFound", index: 0, good: true })
    expect(isCompleted(bench)).toBe(false)
    bench.handle({ type: "partFound", index: 1, good: false })
    expect([isCompleted(bench), peer.asked]).toEqual([true, []])
  })

  it("does not bring back a part that was there and is not wanted", () => {
    const bench = new SwarmBench({ partCount: 2, have: [0, 1], wanted: [0] })
    const peer = bench.connect({ has: [1], unchokes: true })
    bench.handle({ type: "partLost", index: 1, refetch: true })
    expect([isComplete(bench.state), peer.asked]).toEqual([true, []])
    bench.handle({ type: "selected", parts: undefined })
    expect(peer.askedParts).toEqual([1])
  })

  it("that changes at any time ends complete with what is wanted last, and asks for nothing else then", () => {
    const parts = fc.uniqueArray(fc.nat(7))
    const moves = fc.array(fc.record({ wanted: parts, sends: fc.nat(12), checks: fc.nat(3) }), { maxLength: 8 })
    fc.assert(
      fc.property(parts, moves, parts, (first, rest, last) => {
        const bench = new SwarmBench({ partCount: 8, wanted: first })
        const peers = [0, 1].map(() => bench.connect({ has: [0, 1, 2, 3, 4, 5, 6, 7], unchokes: true }))
        const answer = (count: number) => {
          const waiting = [...bench.state.inFlight.values()].filter(({ verifying }) => verifying)
          for (const { index } of waiting.slice(0, count)) bench.checked(index)
        }
        for (const { wanted, sends, checks } of rest) {
          select(bench, ...wanted)
          for (const peer of peers) if (peer.isConnected) peer.sendsAsked(sends)
          answer(checks)
        }
        select(bench, ...last)
        for (let round = 0; round < 20; round++) {
          bench.pass(5_000)
          for (const peer of peers) if (peer.isConnected) peer.sendsAsked()
          answer(8)
        }
        expect(last.filter((part) => !bench.state.have.has(part))).toEqual([])
        expect([isComplete(bench.state), bench.state.inFlight.size, bench.budget.usedBytes]).toEqual([true, 0, 0])
        for (const part of bench.state.forgone) expect(bench.state.have.has(part)).toBe(false)
      }),
    )
  })
})
