import { describe, expect, it } from "vitest"
import { BENCH_SELF_ID, SwarmBench } from "../testing/swarm-bench.js"

const above = "f".repeat(40)
const below = "1".repeat(40)

/** Of one and the same peer: where it listens, or one of those it calls from. */
function address(direction: "incoming" | "outgoing"): string {
  return direction === "outgoing" ? "10.0.0.1:7000" : "10.0.0.1:50123"
}

function dialsOf(bench: SwarmBench): string[] {
  return bench.all("dial").map((effect) => effect.address)
}

describe("a new connection", () => {
  it("sends haveAll, haveNone or the bitfield (BEP 6)", () => {
    expect(new SwarmBench({ have: "all" }).connect().received("haveAll")).toHaveLength(1)
    expect(new SwarmBench().connect().received("haveNone")).toHaveLength(1)
    const [some] = new SwarmBench({ partCount: 9, have: [0, 8] }).connect().received("bitfield")
    expect([...(some?.bitfield.bytes ?? [])]).toEqual([0x80, 0x80])
  })

  it("sends a peer without BEP 6 a bitfield, and no message when we have no part", () => {
    expect(new SwarmBench({ have: "all" }).connect({ fast: false }).heard.map(({ type }) => type)).toEqual(["bitfield"])
    expect(new SwarmBench().connect({ fast: false }).heard).toEqual([])
  })

  it("is closed when it is our own, and that address is never dialled again [hostile 32]", () => {
    const bench = new SwarmBench()
    bench.handle({ type: "peersFound", addresses: ["10.0.0.1:7000"], source: "tracker" })
    const us = bench.connect({ peerId: BENCH_SELF_ID })
    expect(us.closedFor).toBe("self")
    bench.pass(600_000)
    expect(bench.all("dial")).toHaveLength(1)
  })

  it("is closed when there are enough", () => {
    const bench = new SwarmBench({ config: { maxConnections: 2 } })
    bench.connect()
    bench.connect()
    expect(bench.connect({ direction: "incoming" }).closedFor).toBe("full")
    expect(bench.state.peers.size).toBe(2)
  })

  it("is closed when there are enough from its address, unless that is this machine's own [hostile 32]", () => {
    const bench = new SwarmBench({ config: { maxConnectionsPerHost: 2 } })
    const from = (host: string) => [1, 2, 3].map((port) => bench.connect({ address: `${host}:${port}` }).closedFor)
    expect(from("10.0.0.1")).toEqual([undefined, undefined, "host_full"])
    expect(from("[2001:db8::1]")).toEqual([undefined, undefined, "host_full"])
    for (const host of ["127.0.0.1", "[::1]"]) expect(from(host)).toEqual([undefined, undefined, undefined])
  })

  it("is closed while the document is paused", () => {
    const bench = new SwarmBench()
    bench.handle({ type: "paused" })
    expect(bench.connect({ direction: "incoming" }).closedFor).toBe("paused")
  })

  it("is closed when it turns out to be a banned peer's by the port it listens on", () => {
    const bench = new SwarmBench()
    bench.state.book.ban("10.9.9.9:7000", "tracker", { code: "banned", part: 1, earlierParts: 1 })
    const peer = bench.connect({ address: "10.9.9.9:50123", direction: "incoming", listenAddress: "10.9.9.9:7000" })
    expect(peer.closedFor).toBe("banned")
  })

  it("has one address, however often it says where it listens [hostile 38]", () => {
    const bench = new SwarmBench()
    const peer = bench.connect({ address: "10.9.9.9:50123", direction: "incoming", listenAddress: "10.9.9.9:7000" })
    for (let port = 1; port < 5_000; port++)
      bench.handle({
        type: "peerExtended",
        peer: peer.key,
        blockBytes: 16_384,
        maxRequests: 10,
        listenAddress: `10.9.9.9:${port}`,
      })
    expect(peer.seen.contact.address).toBe("10.9.9.9:7000")
    expect(bench.state.book.size).toBe(1)
  })

  it("goes by the address it listens on, so that it is not dialled as well", () => {
    const bench = new SwarmBench()
    bench.connect({ address: "10.9.9.9:50123", direction: "incoming", listenAddress: "10.9.9.9:7000" })
    bench.handle({ type: "peersFound", addresses: ["10.9.9.9:7000"], source: "tracker" })
    expect(bench.all("dial")).toEqual([])
  })
})

describe("two connections between the same two peers [hostile 32]", () => {
  it.each([
    ["ours, dialled first, when our id is larger", below, "outgoing", 0],
    ["ours, dialled second, when our id is larger", below, "incoming", 1],
    ["theirs, when their id is larger", above, "outgoing", 1],
    ["theirs, when it came first and their id is larger", above, "incoming", 0],
  ] as const)("keep %s", (_, peerId, firstDirection, kept) => {
    const bench = new SwarmBench()
    const twins = [firstDirection, firstDirection === "outgoing" ? "incoming" : "outgoing"] as const
    const connections = twins.map((direction) => bench.connect({ peerId, direction, address: "10.0.0.1:7000" }))
    expect(connections.map(({ closedFor }) => closedFor)).toEqual(
      kept === 0 ? [undefined, "duplicate"] : ["duplicate", undefined],
    )
    expect(bench.state.peers.size).toBe(1)
  })

  it("keep the same one on both sides", () => {
    for (const [low, high] of [[below, BENCH_SELF_ID] as const, [BENCH_SELF_ID, above] as const]) {
      // Whichever of the two dialled: the connection dialled by the larger id survives on either side.
      const isLarger = BENCH_SELF_ID === high
      const bench = new SwarmBench()
      const peerId = isLarger ? low : high
      bench.connect({ peerId, direction: "incoming", address: "10.0.0.1:50123" })
      bench.connect({ peerId, direction: "outgoing", address: "10.0.0.1:7000" })
      const [survivor] = bench.state.peers.values()
      expect(survivor?.direction).toBe(isLarger ? "outgoing" : "incoming")
    }
  })

  it("keep the older of two in the same direction, however often it is tried", () => {
    const bench = new SwarmBench()
    const first = bench.connect({ peerId: above, direction: "incoming", address: "10.0.0.1:50000" })
    for (let port = 50_001; port < 50_501; port++) {
      const another = bench.connect({ peerId: above, direction: "incoming", address: `10.0.0.1:${port}` })
      expect(another.closedFor).toBe("duplicate")
    }
    expect(first.closedFor).toBeUndefined()
    expect(bench.state.peers.size).toBe(1)
  })

  it.each(["outgoing", "incoming"] as const)(
    "keep the older one, %s, when the peer is another kind of client, which does so too [F1]",
    (direction) => {
      const bench = new SwarmBench()
      const common = { peerId: above, isOwnKind: false } as const
      const older = bench.connect({ ...common, direction, address: address(direction), has: "all", unchokes: true })
      const other = direction === "outgoing" ? "incoming" : "outgoing"
      const newer = bench.connect({ ...common, direction: other, address: address(other) })
      expect([older.closedFor, newer.closedFor]).toEqual([undefined, "duplicate"])
      expect(older.asked).not.toEqual([])
    },
  )

  it.each([
    ["this project's client, whose id is larger", true],
    ["another kind of client", false],
  ])("have the address dialled again when the survivor ends before it has sent its port: %s [F1]", (_, isOwnKind) => {
    const bench = new SwarmBench()
    const common = { peerId: above, isOwnKind } as const
    bench.handle({ type: "peersFound", addresses: [address("outgoing")], source: "tracker" })
    const dialled = bench.connect({ ...common, direction: "outgoing", address: address("outgoing") })
    const caller = bench.connect({ ...common, direction: "incoming", address: address("incoming") })
    const [survivor, closed] = isOwnKind ? [caller, dialled] : [dialled, caller]
    expect(closed.closedFor).toBe("duplicate")
    closed.leaves("duplicate")
    survivor.leaves("it was killed")
    bench.pass(3_000)
    expect(dialsOf(bench)).toEqual([address("outgoing"), address("outgoing")])
  })

  it("have the address dialled again when both were closed: each side kept another one [F1]", () => {
    const bench = new SwarmBench()
    bench.handle({ type: "peersFound", addresses: [address("outgoing")], source: "tracker" })
    const common = { peerId: above, isOwnKind: false } as const
    const caller = bench.connect({ ...common, direction: "incoming", address: address("incoming") })
    const dialled = bench.connect({ ...common, direction: "outgoing", address: address("outgoing") })
    expect(dialled.closedFor).toBe("duplicate")
    dialled.leaves("duplicate")
    caller.leaves("closed by the other side")
    bench.pass(3_000)
    expect(dialsOf(bench)).toEqual([address("outgoing"), address("outgoing")])
  })

  it("do not have the address dialled again and again while the survivor, which called, is connected [B15]", () => {
    const bench = new SwarmBench()
    bench.handle({ type: "peersFound", addresses: [address("outgoing")], source: "tracker" })
    const [calledFrom, listenAddress] = [address("incoming"), address("outgoing")]
    bench.connect({ peerId: above, direction: "incoming", address: calledFrom, listenAddress })
    const dialled = bench.connect({ peerId: above, direction: "outgoing", address: address("outgoing") })
    expect(dialled.closedFor).toBe("duplicate")
    dialled.leaves("duplicate")
    bench.pass(600_000)
    expect(dialsOf(bench)).toEqual([address("outgoing")])
    expect(bench.state.book.get(address("outgoing"))?.state).toBe("connected")
  })

  it("do not have the address dialled again when a dial fails that the caller was faster than [B15]", () => {
    const bench = new SwarmBench()
    bench.handle({ type: "peersFound", addresses: [address("outgoing")], source: "tracker" })
    const [calledFrom, listenAddress] = [address("incoming"), address("outgoing")]
    bench.connect({ peerId: above, direction: "incoming", address: calledFrom, listenAddress })
    bench.handle({
      type: "dialFailed",
      address: address("outgoing"),
      code: "hung_up",
      why: "closed the connection in the handshake",
    })
    bench.pass(600_000)
    expect(dialsOf(bench)).toEqual([address("outgoing")])
  })

  it("are two peers, and both kept, when one id comes from two hosts or two listening ports [E11]", () => {
    const bench = new SwarmBench()
    const seeds = ["10.0.0.1:7000", "10.0.0.2:7000", "10.0.0.2:7001"].map((at) =>
      bench.connect({ peerId: above, isOwnKind: false, address: at, has: "all", unchokes: true }),
    )
    expect(seeds.map(({ closedFor }) => closedFor)).toEqual([undefined, undefined, undefined])
    expect(seeds.map(({ askedParts }) => askedParts.length > 0)).toEqual([true, true, true])
  })

  it("do not have the survivor's address dialled when the other one is closed", () => {
    const bench = new SwarmBench()
    const first = bench.connect({ peerId: above, address: "10.0.0.1:7000" })
    bench.connect({ peerId: above, address: "10.0.0.1:7000", direction: "incoming", listenAddress: "10.0.0.1:7000" })
    first.leaves("duplicate")
    bench.pass(600_000)
    expect(bench.all("dial")).toEqual([])
  })
})

describe("a connection that ends", () => {
  it("is dialled again after a while, and later each time it comes to nothing", () => {
    const bench = new SwarmBench({ config: { redialMs: 2_000 } })
    bench.handle({ type: "peersFound", addresses: ["10.0.0.1:7000"], source: "tracker" })
    bench.connect().leaves()
    bench.pass(1_500)
    expect(bench.all("dial")).toHaveLength(1)
    bench.pass(1_000)
    expect(bench.all("dial")).toHaveLength(2)
    bench.handle({ type: "dialFailed", address: "10.0.0.1:7000", code: "refused", why: "refused" })
    bench.pass(3_000)
    expect(bench.all("dial")).toHaveLength(2)
    bench.pass(1_500)
    expect(bench.all("dial")).toHaveLength(3)
  })

  it("between two seeds is closed, and not sought again for long", () => {
    const bench = new SwarmBench({ have: "all" })
    bench.handle({ type: "peersFound", addresses: ["10.0.0.1:7000"], source: "tracker" })
    const peer = bench.connect()
    peer.says({ type: "haveAll" })
    expect(peer.closedFor).toBe("both_seeds")
    peer.leaves()
    bench.pass(300_000)
    expect(bench.all("dial")).toHaveLength(1)
  })

  it("of a peer that completes while we seed is closed too", () => {
    const bench = new SwarmBench({ partCount: 2, have: "all" })
    const peer = bench.connect({ has: [0] })
    peer.says({ type: "have", index: 1 })
    expect(peer.closedFor).toBe("both_seeds")
  })

  it("leaves its parts as rare as they were before", () => {
    const bench = new SwarmBench({ partCount: 4 })
    const peer = bench.connect({ has: [0, 1] })
    const seed = bench.connect({ has: "all" })
    const rising = bench.connect({ has: [0, 1, 2] })
    rising.says({ type: "have", index: 3 })
    expect(bench.state.seedCount).toBe(2)
    for (const each of [peer, seed, rising]) each.leaves()
    expect(bench.state.seedCount).toBe(0)
    expect([0, 1, 2, 3].map((part) => bench.state.order.availability(part))).toEqual([0, 0, 0, 0])
  })
})

describe("dialling", () => {
  it("opens no more than there is room for", () => {
    const bench = new SwarmBench({ config: { maxConnections: 3, maxDialing: 10 } })
    bench.connect()
    const addresses = Array.from({ length: 20 }, (_, host) => `10.1.0.${host}:7000`)
    bench.handle({ type: "peersFound", addresses, source: "tracker" })
    expect(bench.all("dial")).toHaveLength(2)
  })

  it("dials the next one as soon as one has answered or failed, without waiting for a tick", () => {
    const bench = new SwarmBench({ config: { maxDialing: 1 } })
    const addresses = ["10.0.0.1:7000", "10.1.0.2:7000", "10.1.0.3:7000"]
    bench.handle({ type: "peersFound", addresses, source: "tracker" })
    expect(bench.all("dial")).toHaveLength(1)
    bench.connect()
    expect(bench.all("dial")).toHaveLength(2)
    bench.handle({ type: "dialFailed", address: "10.1.0.2:7000", code: "refused", why: "refused" })
    expect(bench.all("dial")).toHaveLength(3)
  })

  it("dials no peer for an empty document or a paused one", () => {
    const empty = new SwarmBench({ partCount: 0 })
    empty.handle({ type: "peersFound", addresses: ["10.1.0.1:7000"], source: "tracker" })
    expect(empty.all("dial")).toEqual([])
    const paused = new SwarmBench()
    paused.handle({ type: "paused" })
    paused.handle({ type: "peersFound", addresses: ["10.1.0.1:7000"], source: "tracker" })
    expect(paused.all("dial")).toEqual([])
  })
})
