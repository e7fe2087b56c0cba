import { describe, expect, it } from "vitest"
import { type BenchOptions, SwarmBench } from "../testing/swarm-bench.js"
import { STANDARD_BLOCK_BYTES as BLOCK } from "../wire/codec/messages.js"

/** A peer whose only slot is taken, with all parts but the first. */
function busyPeer(options: BenchOptions = {}) {
  const config = { uploadSlots: 1, ...options.config }
  const have = Array.from({ length: 19 }, (_, index) => index + 1)
  const bench = new SwarmBench({ partCount: 20, have, ...options, config })
  bench.connect({ interested: true })
  return bench
}

describe("a newcomer that has to wait for its turn (BEP 6, allowed fast)", () => {
  it("is offered a part of its set that we have and it lacks", () => {
    const peer = busyPeer({ have: [1, 2, 3] }).connect({ has: [2], fastParts: [7, 2, 3, 1], interested: true })
    expect(peer.received("allowedFast").map(({ index }) => index)).toEqual([3])
  })

  it("is offered the part that the fewest other peers have or were offered: a /24 has one set", () => {
    const bench = busyPeer()
    const fastParts = [4, 5, 6]
    bench.connect({ has: [5] })
    const offered = [1, 2, 3].map(() => bench.connect({ fastParts, interested: true }).received("allowedFast"))
    expect(offered.flat().map(({ index }) => index)).toEqual([4, 6, 4])
  })

  it("is offered nothing by a seed that has parts which are not out", () => {
    const busySeed = busyPeer({ have: "all" })
    expect(busySeed.connect({ fastParts: [7], interested: true }).received("allowedFast")).toEqual([])
  })

  it("is offered a part by a seed whose parts are out", () => {
    const busySeed = busyPeer({ have: "all" })
    busySeed.connect({ has: Array.from({ length: 19 }, (_, index) => index) })
    const first = busySeed.peers[0]
    for (let index = 0; index < 20; index++) first?.asksFor(index)
    expect(busySeed.connect({ fastParts: [7], interested: true }).received("allowedFast")).toHaveLength(1)
  })

  it("is served these, each byte once, and refused the rest", () => {
    const bench = busyPeer()
    const peer = bench.connect({ fastParts: [7], interested: true })
    const ask = (index: number, begin: number) => {
      peer.says({ type: "request", index, begin, length: BLOCK })
      return bench.all("sendBlock").filter((sent) => sent.peer === peer.key).length
    }
    expect(ask(8, 0)).toBe(0)
    expect(peer.received("reject")).toHaveLength(1)
    for (let block = 0; block < 4; block++) expect(ask(7, block * BLOCK)).toBe(block + 1)
    expect(ask(7, 0)).toBe(4)
    expect(peer.received("reject")).toHaveLength(2)
    expect(peer.received("unchoke")).toEqual([])
  })

  it("is offered nothing when it gets its turn at once, has parts to trade, or does not speak BEP 6", () => {
    const fastParts = [15]
    const free = new SwarmBench({ partCount: 20, have: "all" }).connect({ fastParts, interested: true })
    const has = Array.from({ length: 10 }, (_, index) => index)
    const rich = busyPeer().connect({ fastParts, has, interested: true })
    const plain = busyPeer().connect({ fastParts, fast: false, interested: true })
    for (const peer of [free, rich, plain]) expect(peer.received("allowedFast")).toEqual([])
  })
})
