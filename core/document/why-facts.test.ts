import { describe, expect, it } from "vitest"
import { SwarmBench } from "../testing/swarm-bench.js"
import { awayOf, downloadingFacts } from "./why-facts.js"

function failed(code: string, message: string) {
  return { code: "failed", error: { code, message } }
}

describe("of the peers that are not connected", () => {
  function away(...failures: readonly (readonly [address: string, code: string, why: string])[]) {
    const bench = new SwarmBench()
    bench.handle({ type: "peersFound", addresses: failures.map(([address]) => address), source: "tracker" })
    for (const [address, code, why] of failures) {
      bench.nowMs++
      bench.handle({ type: "dialFailed", address, why, code })
    }
    return awayOf([...bench.state.book.all()])
  }

  it("names the peer with the most informative reason, not the first, and the commonest reason of the others [F8, E13]", () => {
    const facts = away(
      ["10.0.0.1:7000", "refused", "refused the connection"],
      ["10.0.0.2:7000", "hung_up", "closed the connection in the handshake"],
      ["10.0.0.3:7000", "timed_out", "did not answer"],
      ["10.0.0.4:7000", "timed_out", "did not answer"],
    )
    expect(facts).toEqual({
      away: { address: "10.0.0.2:7000", why: failed("hung_up", "closed the connection in the handshake") },
      awayOthers: { count: 2, why: failed("timed_out", "did not answer") },
    })
  })

  it("names the latest when several reasons are equally informative [E13]", () => {
    const facts = away(
      ["10.0.0.1:7000", "refused", "refused the connection"],
      ["10.0.0.2:7000", "refused", "refused the connection"],
    )
    expect(facts.away?.address).toBe("10.0.0.2:7000")
    expect(away()).toEqual({ away: undefined, awayOthers: undefined })
  })
})

describe("when the last seeder left", () => {
  it("is known while parts are missing", () => {
    const bench = new SwarmBench({ partCount: 2 })
    const leecher = bench.connect({ has: [0] })
    const seeder = bench.connect({ has: [0] })
    seeder.says({ type: "have", index: 1 })
    leecher.leaves()
    expect(downloadingFacts(bench.state).seederLeftAtMs).toBeUndefined()
    bench.pass(5_000)
    seeder.leaves()
    expect(downloadingFacts(bench.state).seederLeftAtMs).toBe(bench.nowMs)
  })

  it("is not known where nothing is fetched: this client closed those connections", () => {
    const bench = new SwarmBench({ partCount: 2 })
    const seeder = bench.connect({ has: "all" })
    bench.handle({ type: "paused" })
    seeder.leaves()
    expect(downloadingFacts(bench.state).seederLeftAtMs).toBeUndefined()
  })
})

describe("a connected peer that has what is missing", () => {
  it("is named as no valid source while it refuses all of it, and not before or after [E13]", () => {
    const bench = new SwarmBench({ partCount: 1 })
    const seed = bench.connect({ has: "all", unchokes: true })
    expect(downloadingFacts(bench.state)).toMatchObject({ usefulPeers: 1, servingPeers: 1, barred: undefined })
    for (const block of seed.asked.splice(0)) seed.says({ type: "reject", ...block })
    const barred = { address: seed.address, why: { code: "refuses" } }
    expect(downloadingFacts(bench.state)).toMatchObject({ usefulPeers: 0, servingPeers: 0, barred })
    bench.pass(5_000)
    expect(seed.asked.length).toBeGreaterThan(0)
    expect(downloadingFacts(bench.state)).toMatchObject({ usefulPeers: 0, barred })
    seed.sendsAsked(1)
    expect(downloadingFacts(bench.state)).toMatchObject({ usefulPeers: 1, barred: undefined })
  })

  it("is a source while one part is left that it does not refuse [E13]", () => {
    const bench = new SwarmBench({ partCount: 2 })
    const seed = bench.connect({ has: "all", unchokes: true })
    for (const block of seed.asked.splice(0))
      if (block.index === 0) seed.says({ type: "reject", ...block })
      else seed.asked.push(block)
    expect(bench.state.peers.get(0)?.refusals.parts.has(0)).toBe(true)
    expect(downloadingFacts(bench.state)).toMatchObject({ usefulPeers: 1, barred: undefined })
  })
})
