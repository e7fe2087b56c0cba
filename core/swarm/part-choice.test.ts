import { describe, expect, it } from "vitest"
import { type ScriptedPeer, SwarmBench } from "../testing/swarm-bench.js"
import { STANDARD_BLOCK_BYTES as BLOCK } from "../wire/codec/messages.js"

/** One block deep until the rate is known: what is asked can be counted on one hand. */
const shallow = { minPipelineBytes: 4 * BLOCK, slowStartMs: 0, pipelineMs: 0 }

describe("choosing parts", () => {
  it("asks for the rarest part first", () => {
    const bench = new SwarmBench({ partCount: 4, config: shallow })
    bench.connect({ has: [0, 1, 3] })
    bench.connect({ has: [0, 1, 2] })
    bench.connect({ has: [1, 2, 3] })
    bench.connect({ has: [0, 2, 3] })
    const seed = bench.connect({ has: "all" })
    bench.connect({ has: [0, 1, 3] })
    seed.says({ type: "unchoke" })
    expect(seed.askedParts).toEqual([2])
  })

  it("requests nothing while it is choked, and sends its interest", () => {
    const bench = new SwarmBench()
    const peer = bench.connect({ has: "all" })
    expect(peer.received("interested")).toHaveLength(1)
    expect(peer.asked).toEqual([])
  })

  it("asks a choking peer for the parts it allows (BEP 6)", () => {
    const bench = new SwarmBench()
    const peer = bench.connect({ has: "all" })
    peer.says({ type: "allowedFast", index: 5 })
    expect(peer.askedParts).toEqual([5])
  })

  it("has no interest in a peer without anything new", () => {
    const bench = new SwarmBench({ partCount: 3, have: [0, 1] })
    const peer = bench.connect({ has: [0, 1], unchokes: true })
    expect(peer.received("interested")).toEqual([])
    peer.says({ type: "have", index: 2 })
    expect(peer.received("interested")).toHaveLength(1)
    expect(peer.askedParts).toEqual([2])
  })

  it("loses interest when the last thing it wanted came from elsewhere", () => {
    const bench = new SwarmBench({ partCount: 2, have: [0] })
    const poor = bench.connect({ has: [1] })
    const giver = bench.connect({ has: [1], unchokes: true })
    giver.sendsAsked()
    bench.checked(1)
    expect(poor.received("notInterested")).toHaveLength(1)
  })

  it("stays interested for a moment: what comes next may be new, and changing its mind costs both sides", () => {
    const bench = new SwarmBench({ partCount: 4, config: { interestMs: 250 } })
    const poor = bench.connect({ has: [1] })
    const giver = bench.connect({ has: [1], unchokes: true })
    giver.sendsAsked()
    bench.checked(1)
    expect(poor.received("notInterested")).toEqual([])
    poor.says({ type: "have", index: 2 })
    bench.pass(1_000)
    expect([poor.received("interested").length, poor.received("notInterested").length]).toEqual([1, 0])
    giver.says({ type: "have", index: 2 })
    giver.sendsAsked()
    bench.checked(2)
    bench.pass(1_000)
    expect(poor.received("notInterested")).toHaveLength(1)
  })
})

describe("sparing a seed", () => {
  /** A seed and a peer that has parts 0 to 3 of 6 and has just brought part of one. */
  function seedAndPeer(leaveToPeersMs: number) {
    const bench = new SwarmBench({ partCount: 6, config: { ...shallow, leaveToPeersMs } })
    const peer = bench.connect({ has: [0, 1, 2, 3], unchokes: true })
    peer.sendsAsked(4)
    bench.pass(250)
    const seed = bench.connect({ has: "all" })
    return { bench, peer, seed }
  }

  /** Parts that a peer was asked for since the start, ascending. */
  const everAsked = (peer: ScriptedPeer) => [...new Set(peer.received("request").map(({ index }) => index))].sort()

  it("asks it for nothing that others have and bring in a moment", () => {
    const { seed } = seedAndPeer(60_000)
    seed.says({ type: "unchoke" })
    seed.sendsAsked()
    expect(everAsked(seed)).toEqual([4, 5])
  })

  it("asks it for everything when others take long", () => {
    const { peer, seed } = seedAndPeer(1)
    seed.says({ type: "unchoke" })
    seed.sendsAsked()
    expect([...everAsked(seed), ...everAsked(peer)].sort()).toEqual([0, 1, 2, 3, 4, 5])
    expect(everAsked(seed).length).toBeGreaterThan(2)
  })

  it("asks it for parts of the peers that choke us", () => {
    const { bench, peer, seed } = seedAndPeer(60_000)
    bench.connect({ has: [4, 5] })
    seed.says({ type: "unchoke" })
    seed.sendsAsked()
    peer.sendsAsked()
    bench.pass(250)
    seed.sendsAsked()
    expect([everAsked(peer), everAsked(seed)]).toEqual([
      [0, 1, 2, 3],
      [4, 5],
    ])
  })

  it("asks it for all that is left when the others stop", () => {
    const { bench, peer, seed } = seedAndPeer(60_000)
    seed.says({ type: "unchoke" })
    seed.sendsAsked()
    peer.leaves()
    bench.pass(250)
    seed.sendsAsked()
    expect(everAsked(seed).length).toBeGreaterThan(3)
  })
})
