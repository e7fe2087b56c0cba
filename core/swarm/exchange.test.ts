import { describe, expect, it } from "vitest"
import { SwarmBench } from "../testing/swarm-bench.js"
import type { SwarmEffect } from "./events.js"

type SentPeers = Extract<SwarmEffect, { readonly type: "sendPeers" }>

/** A peer that takes part in the exchange. */
function partner(bench: SwarmBench, options: Parameters<SwarmBench["connect"]>[0] = {}) {
  const peer = bench.connect(options)
  bench.handle({ type: "exchangeAgreed", peer: peer.key })
  return peer
}

/** The messages to a peer since the start, oldest first: added addresses, dropped addresses. */
function exchanged(bench: SwarmBench, peer: { readonly key: number }) {
  return bench.effects
    .filter((effect): effect is SentPeers => effect.type === "sendPeers" && effect.peer === peer.key)
    .map(({ added, dropped }) => [added.map(({ address }) => address), dropped])
}

describe("peer exchange (BEP 11)", () => {
  it("sends a new peer the others at once, and never itself", () => {
    const bench = new SwarmBench()
    const first = partner(bench)
    const second = partner(bench, { has: "all" })
    bench.pass(250)
    expect(exchanged(bench, first)).toEqual([[[second.address], []]])
    expect(exchanged(bench, second)).toEqual([[[first.address], []]])
    const [news] = bench.effects.filter((effect) => effect.type === "sendPeers")
    expect(news?.added).toEqual([{ address: second.address, isSeed: true, isReachable: true }])
  })

  it("sends nothing to peers without the extension, but names them to others", () => {
    const bench = new SwarmBench()
    const silent = bench.connect()
    const first = partner(bench)
    bench.pass(250)
    expect(exchanged(bench, silent)).toEqual([])
    expect(exchanged(bench, first)).toEqual([[[silent.address], []]])
  })

  it("sends changes once a minute at most: added and dropped peers, each once", () => {
    const bench = new SwarmBench()
    const first = partner(bench)
    const second = bench.connect()
    bench.pass(250)
    const third = bench.connect()
    second.leaves()
    bench.pass(59_000)
    expect(exchanged(bench, first)).toHaveLength(1)
    bench.pass(2_000)
    expect(exchanged(bench, first)).toEqual([
      [[second.address], []],
      [[third.address], [second.address]],
    ])
    bench.pass(180_000)
    expect(exchanged(bench, first)).toHaveLength(2)
  })

  it("sends 50 addresses at a time, the rest a minute later", () => {
    const bench = new SwarmBench({ config: { maxConnections: 200 } })
    const first = partner(bench)
    for (let more = 0; more < 70; more++) bench.connect({ address: `10.1.0.${more + 1}:7000` })
    bench.pass(61_000)
    expect(exchanged(bench, first).map(([added]) => added?.length)).toEqual([50, 20])
  })

  it("names an incoming peer only once its listening address is known", () => {
    const bench = new SwarmBench()
    const first = partner(bench)
    bench.connect({ direction: "incoming", address: "10.0.0.8:41234" })
    bench.connect({ direction: "incoming", address: "10.0.0.9:41234", listenAddress: "10.0.0.9:7001" })
    bench.pass(250)
    expect(exchanged(bench, first)).toEqual([[["10.0.0.9:7001"], []]])
  })

  it("dials received addresses and records their source", () => {
    const bench = new SwarmBench()
    const first = partner(bench)
    bench.handle({ type: "peersReceived", peer: first.key, addresses: ["10.9.0.1:7001"] })
    expect(bench.all("dial").map(({ address }) => address)).toEqual(["10.9.0.1:7001"])
    expect(bench.state.book.get("10.9.0.1:7001")?.source).toBe("exchange")
  })

  it("accepts 50 addresses at a time and one message in half a minute, and drops a peer that sends more [hostile 38]", () => {
    const bench = new SwarmBench({ config: { maxFaults: 2 } })
    const first = partner(bench)
    const many = (net: number) => Array.from({ length: 90 }, (_, index) => `10.${net}.0.${index + 1}:7001`)
    for (let net = 20; net < 23; net++) bench.handle({ type: "peersReceived", peer: first.key, addresses: many(net) })
    expect([...bench.state.book.all()].filter(({ source }) => source === "exchange")).toHaveLength(50)
    expect(first.closedFor).toBeUndefined()
    bench.handle({ type: "peersReceived", peer: first.key, addresses: many(23) })
    expect(first.closedFor).toBe("exchange_flood")
  })

  it("ignores a peer that never agreed to the extension", () => {
    const bench = new SwarmBench()
    bench.handle({ type: "peersReceived", peer: bench.connect().key, addresses: ["10.9.0.1:7001"] })
    expect(bench.state.book.get("10.9.0.1:7001")).toBeUndefined()
  })
})
