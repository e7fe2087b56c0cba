import { describe, expect, it } from "vitest"
import { SwarmBench } from "../testing/swarm-bench.js"
import { STANDARD_BLOCK_BYTES as BLOCK } from "../wire/codec/messages.js"

/** One block deep until the rate is known: what is asked can be counted on one hand. */
const shallow = { minPipelineBytes: 4 * BLOCK, slowStartMs: 0, pipelineMs: 0 }

describe("one part, one peer", () => {
  it("asks a part whole from one peer while others are busy with other parts", () => {
    const bench = new SwarmBench({ config: shallow })
    const first = bench.connect({ has: "all", unchokes: true })
    const second = bench.connect({ has: "all", unchokes: true })
    expect(first.asked.map(({ begin }) => begin)).toEqual([0, BLOCK, 2 * BLOCK, 3 * BLOCK])
    expect(first.askedParts).toHaveLength(1)
    expect(second.askedParts).toHaveLength(1)
    expect(second.askedParts).not.toEqual(first.askedParts)
  })

  it("continues a part whose owner disconnected from the bytes received", () => {
    const bench = new SwarmBench({ config: shallow })
    const first = bench.connect({ has: "all", unchokes: true })
    const [part = -1] = first.askedParts
    first.sendsAsked(2)
    first.leaves()
    const second = bench.connect({ has: "all", unchokes: true })
    expect(second.asked.filter(({ index }) => index === part).map(({ begin }) => begin)).toEqual([2 * BLOCK, 3 * BLOCK])
    expect(second.asked[0]?.index).toBe(part)
  })

  it("gives a part back of which nothing had come", () => {
    const bench = new SwarmBench({ config: shallow })
    const first = bench.connect({ has: "all", unchokes: true })
    const [part = -1] = first.askedParts
    first.leaves()
    expect(bench.state.inFlight.size).toBe(0)
    expect(bench.state.order.includes(part)).toBe(true)
    expect(bench.budget.usedBytes).toBe(0)
    expect(bench.all("dropPart").map(({ index }) => index)).toEqual([part])
  })

  it("asks the last, shorter part for exactly the bytes it has", () => {
    const bench = new SwarmBench({ partCount: 1, lastPartLacksBytes: BLOCK + 1 })
    const peer = bench.connect({ has: "all", unchokes: true })
    expect(peer.asked.map(({ length }) => length)).toEqual([BLOCK, BLOCK, BLOCK - 1])
  })
})

describe("how much is asked at a time", () => {
  it("keeps the pipeline at its least depth towards a peer of unknown rate", () => {
    const bench = new SwarmBench({ partCount: 64, config: { minPipelineBytes: 10 * BLOCK } })
    expect(bench.connect({ has: "all", unchokes: true }).asked).toHaveLength(10)
  })

  it("grows by what comes in the first moments", () => {
    const bench = new SwarmBench({ partCount: 64, config: { minPipelineBytes: 10 * BLOCK } })
    const peer = bench.connect({ has: "all", unchokes: true })
    peer.sendsAsked(5)
    expect(peer.asked.length).toBeGreaterThan(10)
    expect(peer.asked.length).toBeLessThanOrEqual(15)
  })

  it("begins anew after each unchoke, whatever the peer sent before it", () => {
    const bench = new SwarmBench({ partCount: 256, config: { minPipelineBytes: 10 * BLOCK } })
    const peer = bench.connect({ has: "all", unchokes: true })
    for (let row = 0; row < 10; row++) peer.sendsAsked(10)
    peer.says({ type: "choke" })
    for (const { index, begin, length } of peer.asked.splice(0)) peer.says({ type: "reject", index, begin, length })
    bench.pass(60_000)
    peer.says({ type: "unchoke" })
    expect(peer.asked).toHaveLength(10)
    peer.sendsAsked(5)
    expect(peer.asked.length).toBeGreaterThan(10)
    expect(peer.asked.length).toBeLessThanOrEqual(15)
  })

  it("is refilled in rows, not block by block", () => {
    const bench = new SwarmBench({ partCount: 64, config: { minPipelineBytes: 8 * BLOCK, slowStartMs: 0 } })
    const peer = bench.connect({ has: "all", unchokes: true })
    peer.sendsAsked(1)
    expect(peer.asked).toHaveLength(7)
    peer.sendsAsked(1)
    expect(peer.asked).toHaveLength(8)
  })

  it("follows the rate once it is known", () => {
    const bench = new SwarmBench({
      partCount: 512,
      config: { minPipelineBytes: BLOCK, pipelineMs: 1_000, slowStartMs: 0 },
    })
    const peer = bench.connect({ has: "all", unchokes: true })
    for (let turn = 0; turn < 12; turn++) {
      peer.sendsAsked(10)
      bench.pass(250)
    }
    expect(peer.asked.length).toBe(40)
  })

  it("covers the time between a peer's pulses, however soon its first answer came [F5]", () => {
    const bench = new SwarmBench({ partCount: 4_096, config: { minPipelineBytes: 8 * BLOCK, slowStartMs: 0 } })
    const peer = bench.connect({ has: "all", unchokes: true, maxRequests: 2_000 })
    peer.sendsAsked(1)
    const sent: number[] = []
    for (let pulse = 0; pulse < 20; pulse++) {
      bench.pass(500)
      const now = peer.asked.length
      peer.sendsAsked(now)
      sent.push(now)
      for (const index of bench.checks) bench.checked(index)
    }
    // It sends at each pulse what waits then: the pipeline grows to what the peer is allowed, and does not fall back.
    expect(sent.at(-1)).toBeGreaterThan(300)
  })

  it("never asks for more blocks at a time than the peer takes", () => {
    const bench = new SwarmBench({ partCount: 64 })
    expect(bench.connect({ has: "all", unchokes: true, maxRequests: 3 }).asked).toHaveLength(3)
  })

  it("asks its own kind for larger blocks, never across a part's end", () => {
    const bench = new SwarmBench({ partCount: 64, partSizeBytes: 6 * BLOCK })
    const peer = bench.connect({ has: "all", unchokes: true, blockBytes: 4 * BLOCK })
    expect(new Set(peer.asked.map(({ length }) => length))).toEqual(new Set([BLOCK]))
    peer.sendsAsked(60)
    const shapes = peer.asked.slice(-8).map(({ begin, length }) => `${begin / BLOCK}+${length / BLOCK}`)
    expect(new Set(shapes)).toEqual(new Set(["0+4", "4+2"]))
  })

  it("asks a slow peer of its own kind for small blocks nevertheless", () => {
    const bench = new SwarmBench({ partCount: 64, config: { ...shallow, minPipelineBytes: 8 * BLOCK } })
    const peer = bench.connect({ has: "all", unchokes: true, blockBytes: 4 * BLOCK })
    peer.sendsAsked(1)
    bench.pass(1_500)
    peer.sendsAsked(1)
    expect(peer.asked.at(-1)?.length).toBe(BLOCK)
  })
})

describe("memory", () => {
  it("begins no more parts than the budget allows, and continues when one is stored [hostile disk]", () => {
    const bench = new SwarmBench({ budgetBytes: 3 * 4 * BLOCK, config: { minPipelineBytes: 100 * BLOCK } })
    const peer = bench.connect({ has: "all", unchokes: true })
    expect(peer.askedParts).toHaveLength(3)
    const [first = -1] = peer.askedParts
    peer.sendsPart(first)
    expect(peer.askedParts).toHaveLength(2)
    bench.checked(first)
    expect(peer.askedParts).toHaveLength(3)
  })

  it("moves parts that are larger than the whole budget, two at a time", () => {
    const bench = new SwarmBench({ budgetBytes: 1, config: { minPipelineBytes: 100 * BLOCK } })
    const peer = bench.connect({ has: "all", unchokes: true })
    expect(peer.askedParts).toHaveLength(2)
  })

  it("gives up a part that no connected peer can finish before it stalls", () => {
    const bench = new SwarmBench({ partCount: 4, budgetBytes: 2 * 4 * BLOCK, config: shallow })
    const leaver = bench.connect({ has: [0, 1], unchokes: true })
    leaver.sendsAsked(1)
    leaver.sendsPart(leaver.askedParts[1] ?? -1)
    const [left = -1] = [...bench.state.inFlight.keys()]
    leaver.leaves()
    const other = bench.connect({ has: [2, 3], unchokes: true, maxRequests: 8 })
    expect(other.askedParts.length).toBeGreaterThan(0)
    expect(bench.budget.usedBytes).toBeLessThanOrEqual(2 * 4 * BLOCK)
    expect(left).toBeGreaterThanOrEqual(0)
  })

  it("has given everything back when all is stored", () => {
    const bench = new SwarmBench({ partCount: 6 })
    const peer = bench.connect({ has: "all", unchokes: true })
    peer.sendsAsked()
    for (const index of bench.checks) bench.checked(index)
    expect(bench.state.have.isFull).toBe(true)
    expect(bench.all("completed")).toHaveLength(1)
    expect(bench.budget.usedBytes).toBe(0)
    expect(bench.state.inFlight.size).toBe(0)
  })
})

describe("being choked", () => {
  it("keeps what was asked of a peer that speaks BEP 6, until each is refused", () => {
    const bench = new SwarmBench({ config: shallow })
    const peer = bench.connect({ has: "all", unchokes: true })
    const other = bench.connect({ has: "all" })
    const blocks = [...peer.asked]
    peer.says({ type: "choke" })
    expect(peer.seen.asked.requests.size).toBe(blocks.length)
    for (const block of blocks) peer.says({ type: "reject", ...block })
    expect(peer.seen.asked.requests.size).toBe(0)
    expect(bench.state.inFlight.size).toBe(0)
    other.says({ type: "unchoke" })
    expect(other.asked.length).toBeGreaterThan(0)
    expect(peer.seen.conduct.faults).toBe(0)
  })

  it("takes everything back from a peer that does not", () => {
    const bench = new SwarmBench({ config: shallow })
    const peer = bench.connect({ has: "all", unchokes: true, fast: false })
    expect(peer.seen.asked.requests.size).toBeGreaterThan(0)
    peer.says({ type: "choke" })
    expect(peer.seen.asked.requests.size).toBe(0)
    expect(bench.state.inFlight.size).toBe(0)
  })

  it("does not count a block for a part that was given up and begun anew meanwhile", () => {
    const bench = new SwarmBench({ partCount: 1 })
    const late = bench.connect({ has: "all", unchokes: true, fast: false })
    const [block = { index: 0, begin: 0, length: BLOCK }] = late.asked
    late.begins(block)
    late.says({ type: "choke" })
    late.says({ type: "unchoke" })
    const other = bench.connect({ has: "all", unchokes: true })
    late.finishes(block)
    while (late.asked.length + other.asked.length > 0) {
      other.sendsAsked()
      late.sendsAsked()
    }
    expect(bench.checks).toEqual([0])
  })

  it("leaves a part to others when the last block that was on its way has come", () => {
    const bench = new SwarmBench({ partCount: 1 })
    const peer = bench.connect({ has: "all", unchokes: true })
    const [first, ...rest] = [...peer.asked]
    peer.says({ type: "choke" })
    for (const block of rest) peer.says({ type: "reject", ...block })
    const other = bench.connect({ has: "all", unchokes: true })
    if (first !== undefined) peer.sends(first)
    bench.pass(250)
    other.sendsAsked()
    expect(bench.checks).toEqual([0])
    expect(peer.seen.asked.parts.size).toBe(0)
  })

  it("asks others for a part that a peer refuses while it serves us", () => {
    const bench = new SwarmBench({ partCount: 1 })
    const peer = bench.connect({ has: "all", unchokes: true })
    for (const block of [...peer.asked]) peer.says({ type: "reject", ...block })
    bench.pass(1_000)
    expect(peer.seen.asked.requests.size).toBe(0)
    const other = bench.connect({ has: "all", unchokes: true })
    expect(other.asked).toHaveLength(4)
  })

  it("drops a peer that rejects unrequested blocks", () => {
    const bench = new SwarmBench({ config: { maxFaults: 5 } })
    const peer = bench.connect({ has: "all" })
    for (let turn = 0; turn < 6; turn++) peer.says({ type: "reject", index: 1, begin: 0, length: BLOCK })
    expect(peer.closedFor).toBe("bad_reject")
  })
})
