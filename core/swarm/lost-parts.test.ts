import { describe, expect, it } from "vitest"
import { SwarmBench } from "../testing/swarm-bench.js"
import { isLeeching, isStarved, wantedBytes } from "./index.js"

describe("a seed that can't read one of its parts any more, in a file that is not ours to write", () => {
  function lossySeed() {
    const bench = new SwarmBench({ partCount: 4, have: "all" })
    bench.handle({ type: "partLost", index: 2, refetch: false })
    return bench
  }

  it("stays a seed: it wants nothing and is not starved [B8]", () => {
    const { state } = lossySeed()
    expect([isLeeching(state), isStarved(state), wantedBytes(state)]).toEqual([false, false, 0])
  })

  it.each(["before", "after"])("is not interested in a peer that came %s it and has that part [B8]", (when) => {
    const bench = new SwarmBench({ partCount: 4, have: "all" })
    const early = when === "before" ? bench.connect({ has: [2], unchokes: true }) : undefined
    bench.handle({ type: "partLost", index: 2, refetch: false })
    const peer = early ?? bench.connect({ has: [2], unchokes: true })
    peer.says({ type: "have", index: 1 })
    bench.pass(1_000)
    expect([peer.received("interested").length, peer.asked.length, peer.seen.interest.wanted]).toEqual([0, 0, 0])
  })

  it("leaves another seed, as two that have everything do [B8]", () => {
    expect(lossySeed().connect({ has: "all" }).closedFor).toBe("both_seeds")
  })

  it("serves the others, and does not offer it to newcomers", () => {
    const peer = lossySeed().connect({ has: [], interested: true })
    peer.asksFor(1)
    expect(peer.served).toHaveLength(1)
    expect(peer.received("haveAll")).toEqual([])
  })

  it("wants it again where the file is its own", () => {
    const bench = new SwarmBench({ partCount: 4, have: "all" })
    bench.handle({ type: "partLost", index: 2, refetch: true })
    expect(isLeeching(bench.state)).toBe(true)
    expect(bench.connect({ has: "all", unchokes: true }).askedParts).toEqual([2])
  })
})
