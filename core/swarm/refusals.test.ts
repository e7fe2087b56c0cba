import { describe, expect, it } from "vitest"
import { type ScriptedPeer, SwarmBench } from "../testing/swarm-bench.js"
import { STANDARD_BLOCK_BYTES as BLOCK } from "../wire/codec/messages.js"
import type { Block } from "./events.js"

const shallow = { minPipelineBytes: 4 * BLOCK, slowStartMs: 0, pipelineMs: 0 }

/** Refuses what it is asked for now. */
function refuseAsked(peer: ScriptedPeer): Block[] {
  const blocks = peer.asked.splice(0)
  for (const block of blocks) peer.says({ type: "reject", ...block })
  return blocks
}

describe("a block that a peer refuses while it serves us (BEP 6)", () => {
  it("is asked again of the only source, and the document ends [E5, F3]", () => {
    const bench = new SwarmBench({ partCount: 1 })
    const seed = bench.connect({ has: "all", unchokes: true })
    const [first = { index: 0, begin: 0, length: 0 }] = seed.asked.splice(0, 1)
    seed.says({ type: "reject", ...first })
    seed.sendsAsked()
    bench.pass(5_000)
    seed.sendsAsked()
    expect(bench.checks).toEqual([0])
  })

  it("is asked again after a wait that doubles up to a minute, and not before [E5]", () => {
    const bench = new SwarmBench({ partCount: 1, config: { refusalMs: 2_000, maxRefusalMs: 60_000 } })
    const seed = bench.connect({ has: "all", unchokes: true })
    const waits: number[] = []
    for (let round = 0; round < 8; round++) {
      refuseAsked(seed)
      const fromMs = bench.nowMs
      while (seed.asked.length === 0) bench.pass(250)
      waits.push(bench.nowMs - fromMs)
    }
    expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000])
  })

  it("does not keep a peer waiting that delivers in between [F3]", () => {
    const bench = new SwarmBench({ partCount: 64, config: { ...shallow, maxFaults: 5 } })
    const seed = bench.connect({ has: "all", unchokes: true })
    for (let round = 0; round < 40; round++) {
      const [block] = seed.asked.splice(0, 1)
      if (block !== undefined) seed.says({ type: "reject", ...block })
      seed.sendsAsked(1)
      expect(seed.asked.length, `round ${round}`).toBeGreaterThan(0)
    }
    expect(seed.closedFor).toBeUndefined()
  })

  it("is asked of others meanwhile", () => {
    const bench = new SwarmBench({ partCount: 1 })
    const refuser = bench.connect({ has: "all", unchokes: true })
    const other = bench.connect({ has: "all", unchokes: true })
    refuseAsked(refuser)
    bench.pass(250)
    expect(other.asked).toHaveLength(4)
    other.sendsAsked()
    expect(bench.checks).toEqual([0])
  })
})

describe("a peer that refuses all it is asked for", () => {
  it("is asked for one block at a time, ever more rarely, and holds no part that others could bring [E5]", () => {
    const bench = new SwarmBench({ partCount: 256, config: shallow })
    const refuser = bench.connect({ has: "all", unchokes: true })
    for (let second = 0; second < 600; second++) {
      refuseAsked(refuser)
      bench.pass(1_000)
    }
    const asked = refuser.received("request").length
    expect(asked).toBeGreaterThan(20)
    expect(asked).toBeLessThan(50)
    refuseAsked(refuser)
    const other = bench.connect({ has: "all", unchokes: true })
    while (other.asked.length > 0) {
      other.sendsAsked(1)
      for (const index of bench.checks) bench.checked(index)
    }
    expect(bench.state.have.isFull).toBe(true)
  })

  it("is asked as before once a block of it comes [E5]", () => {
    const bench = new SwarmBench({ partCount: 256, config: shallow })
    const seed = bench.connect({ has: "all", unchokes: true })
    while (seed.asked.length > 0) refuseAsked(seed)
    bench.pass(5_000)
    expect(seed.asked).toHaveLength(1)
    seed.sendsAsked(1)
    expect(seed.asked).toHaveLength(4)
  })
})

describe("a peer that takes fewer requests than it says", () => {
  it("is asked for no more at a time than it did not refuse [F3]", () => {
    const bench = new SwarmBench({
      partCount: 1_024,
      config: { minPipelineBytes: 600 * BLOCK, maxPipelineBytes: 600 * BLOCK },
    })
    const seed = bench.connect({ has: "all", unchokes: true, maxRequests: 2_000 })
    expect(seed.asked).toHaveLength(600)
    for (const block of seed.asked.splice(512)) seed.says({ type: "reject", ...block })
    let most = 0
    for (let count = 0; count < 2_000; count++) {
      seed.sendsAsked(1)
      most = Math.max(most, seed.asked.length)
      for (const index of bench.checks.splice(0)) bench.checked(index)
    }
    expect(most).toBeLessThanOrEqual(512)
    expect(most).toBeGreaterThan(256)
  })
})
