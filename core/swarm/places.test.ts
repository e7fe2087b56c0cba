import { describe, expect, it } from "vitest"
import { type ScriptedPeer, SwarmBench } from "../testing/swarm-bench.js"

/** Seconds in milliseconds. */
const S = 1_000

function connectUseless(bench: SwarmBench, count: number): ScriptedPeer[] {
  return Array.from({ length: count }, (_, host) => bench.connect({ address: `10.2.0.${host + 1}:7000`, has: [] }))
}

describe("a download whose places are all taken by peers that have nothing", () => {
  it("drops some peers in turn for other known addresses, and so finds the seed [E10]", () => {
    const bench = new SwarmBench({ config: { maxConnections: 6, maxDialing: 6 } })
    const useless = connectUseless(bench, 6)
    bench.handle({ type: "peersFound", addresses: ["10.3.0.1:7000"], source: "tracker" })
    bench.pass(9 * S)
    expect(bench.all("dial")).toEqual([])
    bench.pass(2 * S)
    expect(bench.all("dial").map(({ address }) => address)).toEqual(["10.3.0.1:7000"])
    expect(useless.filter(({ closedFor }) => closedFor === "useless")).toHaveLength(3)
    const seed = bench.connect({ address: "10.3.0.1:7000", has: "all", unchokes: true })
    expect(seed.asked).not.toEqual([])
  })

  it("drops no peer without another address to dial, and does not redial dropped ones at once [E10]", () => {
    const bench = new SwarmBench({ config: { maxConnections: 6, maxDialing: 6 } })
    connectUseless(bench, 6)
    bench.pass(600 * S)
    expect(bench.all("close")).toEqual([])
    bench.handle({ type: "peersFound", addresses: ["10.3.0.1:7000"], source: "tracker" })
    bench.pass(30 * S)
    expect(bench.all("dial").map(({ address }) => address)).toEqual(["10.3.0.1:7000"])
  })

  it("gives the place of one such peer to a seed that connects [E10]", () => {
    const bench = new SwarmBench({ config: { maxConnections: 6 } })
    connectUseless(bench, 6)
    expect(bench.connect({ address: "10.3.0.1:50000", direction: "incoming" }).closedFor).toBe("full")
    bench.pass(11 * S)
    const seed = bench.connect({ address: "10.3.0.1:50001", direction: "incoming", has: "all", unchokes: true })
    expect(seed.closedFor).toBeUndefined()
    expect(seed.asked).not.toEqual([])
    expect(bench.state.peers.size).toBe(6)
    expect(bench.state.connections.connected).toBe(6)
  })

  it("counts a peer that claims all parts and sends none for 3 minutes as useless [E10]", () => {
    const bench = new SwarmBench({ config: { maxConnections: 2 } })
    bench.connect({ has: "all" })
    bench.connect({ has: "all" })
    bench.pass(120 * S)
    expect(bench.connect({ direction: "incoming" }).closedFor).toBe("full")
    bench.pass(61 * S)
    expect(bench.connect({ direction: "incoming" }).closedFor).toBeUndefined()
  })

  it("keeps peers that send or receive parts [E10]", () => {
    const bench = new SwarmBench({ have: [0], config: { maxConnections: 2 } })
    const giver = bench.connect({ has: [1, 2, 3, 4, 5, 6, 7], unchokes: true })
    const taker = bench.connect({ has: [], interested: true })
    for (let quarter = 0; quarter < 20; quarter++) {
      bench.pass(15 * S)
      bench.handle({ type: "bytesReceived", peer: giver.key, byteCount: 1_000 })
      taker.asksFor(0)
      taker.gets({ index: 0, begin: 0, length: 16_384 })
    }
    expect(bench.connect({ direction: "incoming" }).closedFor).toBe("full")
    expect([giver.closedFor, taker.closedFor]).toEqual([undefined, undefined])
  })

  it("keeps a peer that sent parts and chokes us again [E10]", () => {
    const bench = new SwarmBench({ config: { maxConnections: 1 } })
    const giver = bench.connect({ has: "all", unchokes: true })
    for (let quarter = 0; quarter < 20; quarter++) {
      bench.pass(15 * S)
      bench.handle({ type: "bytesReceived", peer: giver.key, byteCount: 1_000 })
    }
    giver.says({ type: "choke" })
    bench.pass(15 * S)
    expect(bench.connect({ direction: "incoming" }).closedFor).toBe("full")
    bench.pass(180 * S)
    expect(bench.connect({ direction: "incoming" }).closedFor).toBeUndefined()
  })
})

describe("a seed whose places are all taken", () => {
  it("gives one that asked for nothing for a minute to a newcomer, and none that waits for its first turn [S6]", () => {
    const bench = new SwarmBench({ have: "all", config: { maxConnections: 3, uploadSlots: 1, turnMs: 1_000 * S } })
    const silent = bench.connect({ has: [] })
    const served = bench.connect({ has: [], interested: true })
    const waiting = bench.connect({ has: [], interested: true })
    bench.pass(50 * S)
    expect(bench.connect({ direction: "incoming", address: "10.4.0.1:1" }).closedFor).toBe("full")
    served.asksFor(0)
    served.gets({ index: 0, begin: 0, length: 16_384 })
    bench.pass(11 * S)
    expect(bench.connect({ direction: "incoming", address: "10.4.0.2:1", interested: true }).closedFor).toBeUndefined()
    expect([silent, served, waiting].map(({ closedFor }) => closedFor)).toEqual(["useless", undefined, undefined])
    expect(bench.connect({ direction: "incoming", address: "10.4.0.3:1" }).closedFor).toBe("full")
  })
})

describe("the places of one network", () => {
  it("are those of an IPv4 address or of an IPv6 /64 [S6]", () => {
    const bench = new SwarmBench({ config: { maxConnectionsPerHost: 2 } })
    const calls = [1, 2, 3].map((host) => bench.connect({ direction: "incoming", address: `[2001:db8::${host}]:5000` }))
    expect(calls.map(({ closedFor }) => closedFor)).toEqual([undefined, undefined, "host_full"])
    const elsewhere = bench.connect({ direction: "incoming", address: "[2001:db8:0:1::1]:5000" })
    expect(elsewhere.closedFor).toBeUndefined()
  })

  it("change hands among its own when it is the network that is full [S6]", () => {
    const bench = new SwarmBench({ config: { maxConnectionsPerHost: 1 } })
    const elsewhere = bench.connect({ address: "10.5.0.1:7000", has: [] })
    const neighbour = bench.connect({ address: "10.5.0.2:7000", has: [] })
    bench.pass(11 * S)
    const newcomer = bench.connect({ address: "10.5.0.2:50000", direction: "incoming" })
    expect([elsewhere, neighbour, newcomer].map(({ closedFor }) => closedFor)).toEqual([
      undefined,
      "useless",
      undefined,
    ])
  })
})

describe("a seed whose tracker reports a peer that lacks parts", () => {
  function restingSeed(count: number): SwarmBench {
    const bench = new SwarmBench({ have: "all", config: { maxConnections: 100 } })
    const addresses = Array.from({ length: count }, (_, host) => `10.6.0.${host + 1}:7000`)
    bench.handle({ type: "peersFound", addresses, source: "tracker" })
    for (const address of addresses) {
      const seed = bench.connect({ address, has: "all" })
      expect(seed.closedFor).toBe("both_seeds")
      seed.leaves()
    }
    return bench
  }

  it("looks again at a few of those that had everything: one may have lost its data [F6]", () => {
    const bench = restingSeed(30)
    const before = bench.all("dial").length
    bench.pass(50 * S)
    bench.handle({ type: "peersFound", addresses: [], source: "tracker" })
    expect(bench.all("dial")).toHaveLength(before)
    bench.pass(20 * S)
    bench.handle({ type: "peersFound", addresses: [], source: "tracker" })
    expect(bench.all("dial")).toHaveLength(before + 10)
  })

  it("dials each seed less often the more dials were in vain [F6]", () => {
    const bench = restingSeed(1)
    const dialledAtS: number[] = []
    for (let second = 0; second < 1_200; second += 30) {
      bench.pass(30 * S)
      bench.handle({ type: "peersFound", addresses: [], source: "tracker" })
      if (bench.state.book.get("10.6.0.1:7000")?.state !== "dialing") continue
      dialledAtS.push(second + 30)
      bench.connect({ address: "10.6.0.1:7000", has: "all" }).leaves()
    }
    expect(dialledAtS).toEqual([60, 180, 420, 900])
  })

  it("does not dial them while it serves a peer [F6]", () => {
    const bench = restingSeed(3)
    const before = bench.all("dial").length
    bench.connect({ has: [], interested: true })
    bench.pass(70 * S)
    bench.handle({ type: "peersFound", addresses: [], source: "tracker" })
    expect(bench.all("dial")).toHaveLength(before)
  })
})

describe("an old swarm", () => {
  it("is dialled at many addresses at once: after 150 dead addresses the live one is reached [E1]", () => {
    const bench = new SwarmBench()
    const dead = Array.from({ length: 150 }, (_, host) => `10.7.0.${host + 1}:7000`)
    bench.handle({ type: "peersFound", addresses: [...dead, "10.8.0.1:7000"], source: "tracker" })
    const tried = new Set<string>()
    let dialledAtMs = Number.NaN
    for (let rounds = 0; rounds < 60 && Number.isNaN(dialledAtMs); rounds++) {
      const dials = bench.all("dial").filter(({ address }) => !tried.has(address))
      for (const { address, firstTry } of dials) {
        expect(firstTry).toBe(true)
        tried.add(address)
        if (address === "10.8.0.1:7000") dialledAtMs = bench.nowMs
      }
      // Silent ones are given up after 5 s, at the tick after that.
      bench.pass(6 * S)
      for (const { address } of dials)
        bench.handle({ type: "dialFailed", address, code: "timed_out", why: "did not answer" })
    }
    expect(dialledAtMs).toBeLessThanOrEqual(20 * S)
  })
})
