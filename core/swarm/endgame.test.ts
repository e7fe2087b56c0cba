import { describe, expect, it } from "vitest"
import { SwarmBench } from "../testing/swarm-bench.js"
import { STANDARD_BLOCK_BYTES as BLOCK } from "../wire/codec/messages.js"

/** One part left, asked of a peer that sent one block and is slow since. */
function slowOwner() {
  const bench = new SwarmBench({ partCount: 1, partSizeBytes: 8 * BLOCK, config: { slowStartMs: 0, raceAfterMs: 500 } })
  const slow = bench.connect({ has: "all", unchokes: true })
  slow.sends({ index: 0, begin: 0, length: BLOCK })
  bench.pass(2_000)
  return { bench, slow }
}

describe("endgame", () => {
  it("lets a second peer work from the end towards the slow first one", () => {
    const { bench, slow } = slowOwner()
    expect(slow.asked.map(({ begin }) => begin / BLOCK)).toEqual([1, 2, 3, 4, 5, 6, 7])
    const racer = bench.connect({ has: "all", unchokes: true })
    expect(racer.asked.map(({ begin }) => begin / BLOCK)).toEqual([7, 6, 5, 4, 3, 2, 1])
  })

  it("cancels with the other what one has sent [hostile 27]", () => {
    const bench = new SwarmBench({ partCount: 1, config: { slowStartMs: 0 } })
    const slow = bench.connect({ has: "all", unchokes: true })
    slow.sends({ index: 0, begin: 0, length: BLOCK })
    bench.pass(2_000)
    const racer = bench.connect({ has: "all", unchokes: true })
    racer.sends({ index: 0, begin: 3 * BLOCK, length: BLOCK })
    expect(slow.received("cancel")).toEqual([{ type: "cancel", index: 0, begin: 3 * BLOCK, length: BLOCK }])
    // It was already on its way: discarded, and no fault of the peer.
    expect(slow.sends({ index: 0, begin: 3 * BLOCK, length: BLOCK })).toBe(false)
    expect(slow.seen.conduct.faults).toBe(0)
  })

  it("lets no third peer join", () => {
    const { bench } = slowOwner()
    bench.connect({ has: "all", unchokes: true })
    expect(bench.connect({ has: "all", unchokes: true }).asked).toEqual([])
  })

  it("does not race a peer that will be done in a moment", () => {
    const bench = new SwarmBench({ partCount: 2, config: { slowStartMs: 0 } })
    const quick = bench.connect({ has: "all", unchokes: true })
    const [first] = quick.askedParts
    quick.sendsPart(first ?? 0)
    bench.pass(250)
    expect(quick.asked).toHaveLength(4)
    expect(bench.connect({ has: "all", unchokes: true }).asked).toEqual([])
  })

  it("does not race while there are parts not yet requested", () => {
    const bench = new SwarmBench({ partCount: 3, config: { minPipelineBytes: BLOCK, slowStartMs: 0 } })
    bench.connect({ has: [0], unchokes: true })
    bench.pass(2_000)
    expect(bench.connect({ has: [0], unchokes: true }).asked).toEqual([])
  })

  it("takes the bytes of the peer that begins a block first, and discards the other's [hostile 27]", () => {
    const { bench, slow } = slowOwner()
    const racer = bench.connect({ has: "all", unchokes: true })
    expect(racer.begins({ index: 0, begin: 7 * BLOCK, length: BLOCK })).toBe(true)
    expect(slow.begins({ index: 0, begin: 4 * BLOCK, length: 4 * BLOCK })).toBe(false)
    racer.finishes({ index: 0, begin: 7 * BLOCK, length: BLOCK })
    expect(bench.checks).toEqual([])
    racer.sendsAsked()
    expect(bench.checks).toEqual([0])
  })

  it("completes a part once every block came from either peer, and frees both peers", () => {
    const { bench, slow } = slowOwner()
    const racer = bench.connect({ has: "all", unchokes: true })
    racer.sendsAsked()
    bench.checked(0)
    expect(bench.all("completed")).toHaveLength(1)
    expect(slow.seen.asked.parts.size).toBe(0)
    expect(racer.seen.asked.parts.size).toBe(0)
    expect(bench.budget.usedBytes).toBe(0)
  })

  it("asks no peer twice for a block that the other of two racers gives up", () => {
    const { bench, slow } = slowOwner()
    const racer = bench.connect({ has: "all", unchokes: true })
    slow.says({ type: "choke" })
    for (const block of slow.asked.splice(0)) slow.says({ type: "reject", ...block })
    expect(racer.received("request")).toHaveLength(7)
    racer.sendsAsked()
    expect(racer.seen.asked.bytes).toBe(0)
    expect(bench.checks).toEqual([0])
  })

  it("asks the remaining peer for the block that the disconnected racer was sending", () => {
    const { bench, slow } = slowOwner()
    const racer = bench.connect({ has: "all", unchokes: true })
    racer.begins({ index: 0, begin: 7 * BLOCK, length: BLOCK })
    racer.leaves()
    slow.sendsAsked()
    expect(slow.seen.asked.bytes).toBe(0)
    expect(bench.checks).toEqual([0])
  })
})
