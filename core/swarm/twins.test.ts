import { describe, expect, it } from "vitest"
import { BENCH_SELF_ID, SwarmBench } from "../testing/swarm-bench.js"

const below = "1".repeat(40)
const above = "f".repeat(40)
const loopback = "127.0.0.1:7000"
const network = "192.168.1.5:7000"
const sixth = "[fd00::5]:7000"
const trusted = { peerId: above, isTrusted: true } as const

const dialsOf = (bench: SwarmBench) => bench.all("dial").map(({ address }) => address)

describe("a client whose id can be believed and that is found at several addresses [W12]", () => {
  it("is one peer, and its other addresses are left alone while it is connected", () => {
    const bench = new SwarmBench()
    bench.handle({ type: "peersFound", addresses: [loopback, network, sixth], source: "tracker" })
    const [first, ...others] = [loopback, network, sixth].map((address) => bench.connect({ ...trusted, address }))
    expect(first?.closedFor).toBeUndefined()
    expect(others.map(({ closedFor }) => closedFor)).toEqual(["duplicate", "duplicate"])
    for (const other of others) other.leaves("duplicate")
    const dialled = dialsOf(bench).length
    bench.pass(300_000)
    expect(dialsOf(bench)).toHaveLength(dialled)
    expect([...bench.state.peers.values()].map(({ contact }) => contact.address)).toEqual([loopback])
  })

  it("is counted once, also when it has left and at whichever address it comes back", () => {
    const bench = new SwarmBench()
    const { book } = bench.state
    bench.handle({ type: "peersFound", addresses: [loopback, network, "10.0.0.1:7000"], source: "tracker" })
    const first = bench.connect({ ...trusted, address: loopback })
    expect([book.size, book.clientCount]).toEqual([3, 3])
    bench.connect({ ...trusted, address: network }).leaves("duplicate")
    expect([book.size, book.clientCount]).toEqual([3, 2])
    first.leaves("it was killed")
    expect(book.clientCount).toBe(2)
    bench.connect({ ...trusted, address: network })
    bench.connect({ ...trusted, address: loopback }).leaves("duplicate")
    expect([book.size, book.clientCount]).toEqual([3, 2])
    book.self("10.0.0.1:7000")
    expect([book.size, book.clientCount]).toEqual([3, 1])
  })

  it("is dialled again at the address of its connection when that ends", () => {
    const bench = new SwarmBench()
    bench.handle({ type: "peersFound", addresses: [loopback, network], source: "tracker" })
    const first = bench.connect({ ...trusted, address: loopback })
    bench.connect({ ...trusted, address: network }).leaves("duplicate")
    first.leaves("it was killed")
    bench.pass(5_000)
    expect(dialsOf(bench).filter((address) => address === loopback)).toHaveLength(2)
  })

  it("keeps both connections that it dialled until it closes one, so that the two sides never close one each", () => {
    const bench = new SwarmBench()
    const callers = ["127.0.0.1:50000", "192.168.1.5:50001"].map((address) =>
      bench.connect({ ...trusted, address, direction: "incoming" }),
    )
    expect(callers.map(({ closedFor }) => closedFor)).toEqual([undefined, undefined])
  })

  it.each([
    ["ours, when our id is larger", below, "outgoing"],
    ["its own, when its id is larger", above, "incoming"],
  ] as const)("keeps the connection that both sides choose: %s", (_, peerId, kept) => {
    for (const order of [["incoming", "outgoing"] as const, ["outgoing", "incoming"] as const]) {
      const bench = new SwarmBench()
      bench.handle({ type: "peersFound", addresses: [network], source: "tracker" })
      for (const direction of order) {
        const address = direction === "outgoing" ? network : "127.0.0.1:50000"
        bench.connect({ peerId, isTrusted: true, direction, address, listenAddress: loopback })
      }
      expect([...bench.state.peers.values()].map(({ direction }) => direction)).toEqual([kept])
    }
    expect(BENCH_SELF_ID > below && BENCH_SELF_ID < above).toBe(true)
  })

  it("is two peers where the id proves nothing: of a stranger in an open swarm, also one that copies the id, and of another kind of client", () => {
    const stranger = { isTrusted: false }
    for (const kinds of [
      [stranger, stranger],
      [stranger, {}],
      [{}, stranger],
      [{ isOwnKind: false }, { isOwnKind: false }],
    ]) {
      const bench = new SwarmBench()
      const addresses = [loopback, network]
      const peers = addresses.map((address, index) => bench.connect({ ...trusted, ...kinds[index], address }))
      expect(peers.map(({ closedFor }) => closedFor)).toEqual([undefined, undefined])
    }
  })
})
