import { describe, expect, it } from "vitest"
import { type BenchOptions, SwarmBench } from "../testing/swarm-bench.js"
import { ConnectionBudget } from "./connection-budget.js"

const LIMITS = { maxConnections: 10, keptForFew: 3, fewConnections: 2, maxDialing: 6 }

function addresses(net: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `10.${net}.${index >> 8}.${index & 255}:7001`)
}

/** Documents of one client. */
function documents(count: number, limits = LIMITS, options: BenchOptions = {}) {
  const connections = new ConnectionBudget(limits)
  return { connections, benches: Array.from({ length: count }, () => new SwarmBench({ ...options, connections })) }
}

describe("the connections of all documents of a client", () => {
  it("are not opened all at once, however many documents there are", () => {
    const { connections, benches } = documents(1_000)
    for (const [net, bench] of benches.entries())
      bench.handle({ type: "peersFound", addresses: addresses(net & 255, 5), source: "tracker" })
    expect(connections.dialing).toBe(6)
    expect(benches.reduce((sum, bench) => sum + bench.all("dial").length, 0)).toBe(6)
  })

  it("are opened as others fail, each document in its turn", () => {
    const { connections, benches } = documents(3, { ...LIMITS, maxDialing: 1 })
    for (const [net, bench] of benches.entries())
      bench.handle({ type: "peersFound", addresses: addresses(net, 1), source: "tracker" })
    expect(benches.map((bench) => bench.all("dial").length)).toEqual([1, 0, 0])
    benches[0]?.handle({ type: "dialFailed", address: addresses(0, 1)[0] ?? "", code: "refused", why: "refused" })
    for (const bench of benches.toReversed()) bench.pass(250)
    expect(benches.map((bench) => bench.all("dial").length)).toEqual([1, 0, 1])
    expect(connections.dialing).toBe(1)
  })

  it("are bounded, with places left for documents that have few [hostile 32]", () => {
    const { connections, benches } = documents(2)
    const [large, small] = benches
    for (let caller = 0; caller < 12; caller++) large?.connect({ direction: "incoming" })
    expect(connections.connected).toBe(7)
    expect(large?.peers.at(-1)?.closedFor).toBe("client_full")
    for (let caller = 0; caller < 5; caller++)
      small?.connect({ direction: "incoming", peerId: `${caller}`.padStart(40, "c") })
    expect(small?.state.peers.size).toBe(2)
  })

  it("give their places back when they end, when a dial fails, and when the document is paused", () => {
    const { connections, benches } = documents(1)
    const [bench] = benches
    const peers = [1, 2, 3].map(() => bench?.connect({ direction: "incoming" }))
    bench?.handle({ type: "peersFound", addresses: addresses(9, 3), source: "tracker" })
    expect([connections.connected, connections.dialing]).toEqual([3, 3])
    peers[0]?.leaves()
    bench?.handle({ type: "dialFailed", address: addresses(9, 1)[0] ?? "", code: "refused", why: "refused" })
    expect([connections.connected, connections.dialing]).toEqual([2, 2])
    bench?.handle({ type: "paused" })
    expect([connections.connected, connections.dialing]).toEqual([0, 0])
    bench?.handle({ type: "dialFailed", address: addresses(9, 2)[1] ?? "", code: "refused", why: "refused" })
    expect(connections.dialing).toBe(0)
  })
})
