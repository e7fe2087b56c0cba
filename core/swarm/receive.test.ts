import { describe, expect, it } from "vitest"
import { type ScriptedPeer, SwarmBench } from "../testing/swarm-bench.js"
import { STANDARD_BLOCK_BYTES as BLOCK } from "../wire/codec/messages.js"

/** One part at a time from each peer. */
const onePart = { minPipelineBytes: 4 * BLOCK, slowStartMs: 0, pipelineMs: 0 }

function sendBadPart(bench: SwarmBench, peer: ScriptedPeer): number {
  const [index = -1] = peer.askedParts
  peer.sendsPart(index)
  bench.checked(index, "mismatch")
  return index
}

it("is complete once, when the last parts are on disk before either is reported", () => {
  const bench = new SwarmBench({ partCount: 2 })
  const peer = bench.connect({ has: "all", unchokes: true })
  for (const index of [0, 1]) peer.sendsPart(index)
  // The store marks what it has written; both writes may end before the swarm receives the first event.
  for (const index of [0, 1]) bench.state.have.add(index)
  bench.checked(0)
  bench.checked(1)
  expect(bench.all("completed")).toHaveLength(1)
})

describe("parts that may be on disk", () => {
  it("are not requested until they turn out to be missing", () => {
    const bench = new SwarmBench({ partCount: 4, doubtful: [0, 2] })
    const peer = bench.connect({ has: "all", unchokes: true })
    expect(peer.askedParts.sort()).toEqual([1, 3])
    for (const index of [1, 3]) peer.sendsPart(index)
    expect(peer.asked).toEqual([])
    bench.handle({ type: "partFound", index: 2, good: false })
    expect(peer.askedParts).toEqual([2])
  })

  it("are offered to all once they are found, and not asked for", () => {
    const bench = new SwarmBench({ partCount: 2, doubtful: [0] })
    const peer = bench.connect({ has: "all", unchokes: true })
    bench.handle({ type: "partFound", index: 0, good: true })
    expect(peer.received("have")).toEqual([{ type: "have", index: 0 }])
    expect(peer.askedParts).toEqual([1])
  })

  it.each(["found", "fetched"])("complete the document with the others, once, when the last is %s", (last) => {
    const bench = new SwarmBench({ partCount: 2, doubtful: [0] })
    const peer = bench.connect({ has: "all", unchokes: true })
    const find = () => bench.handle({ type: "partFound", index: 0, good: true })
    if (last === "fetched") find()
    peer.sendsPart(1)
    bench.checked(1)
    expect(bench.all("completed")).toHaveLength(last === "fetched" ? 1 : 0)
    if (last === "found") find()
    find()
    expect(bench.all("completed")).toHaveLength(1)
  })

  it("keep the endgame away: what is asked for twice may be all that was missing", () => {
    const bench = new SwarmBench({ partCount: 2, doubtful: [0], config: onePart })
    const [slow, other] = [1, 2].map(() => bench.connect({ has: "all", unchokes: true }))
    expect(slow?.askedParts).toEqual([1])
    bench.pass(5_000)
    expect(other?.asked).toEqual([])
    bench.handle({ type: "partFound", index: 0, good: true })
    bench.pass(5_000)
    expect(other?.askedParts).toEqual([1])
  })
})

describe("admitting a block", () => {
  it("admits what was asked for, once", () => {
    const bench = new SwarmBench({ config: onePart })
    const peer = bench.connect({ has: "all", unchokes: true })
    const [block] = peer.asked
    if (block === undefined) throw new Error("nothing was asked")
    expect(peer.begins(block)).toBe(true)
    expect(peer.begins(block)).toBe(false)
  })

  it("admits no block that was not requested, is longer or shorter, or belongs to another part [hostile 27]", () => {
    const bench = new SwarmBench({ config: onePart })
    const peer = bench.connect({ has: "all", unchokes: true })
    const [block = { index: 0, begin: 0, length: 0 }] = peer.asked
    expect(peer.begins({ ...block, length: BLOCK - 1 })).toBe(false)
    expect(peer.begins({ ...block, length: 2 * BLOCK })).toBe(false)
    expect(peer.begins({ ...block, begin: 1 })).toBe(false)
    expect(peer.begins({ ...block, index: (block.index + 1) % 8 })).toBe(false)
    expect(peer.begins({ ...block, index: 4_000_000_000 })).toBe(false)
  })

  it("admits nothing from a peer that is gone", () => {
    const bench = new SwarmBench({ config: onePart })
    const peer = bench.connect({ has: "all", unchokes: true })
    const [block = { index: 0, begin: 0, length: 0 }] = peer.asked
    peer.leaves()
    expect(peer.begins(block)).toBe(false)
  })

  it("tolerates a few unrequested blocks, then drops the peer, and keeps none of them [hostile 27]", () => {
    const bench = new SwarmBench({ config: { maxFaults: 10 } })
    const peer = bench.connect({ has: "all" })
    for (let count = 0; count < 10; count++) peer.sends({ index: 1, begin: 0, length: BLOCK })
    expect(peer.closedFor).toBeUndefined()
    peer.sends({ index: 1, begin: 0, length: BLOCK })
    expect(peer.closedFor).toBe("unrequested_block")
    expect(bench.all("openPart")).toEqual([])
  })

  it("takes a block that was begun by a peer that then leaves from another", () => {
    const bench = new SwarmBench({ partCount: 1 })
    const first = bench.connect({ has: "all", unchokes: true })
    first.sendsAsked(1)
    first.begins({ index: 0, begin: BLOCK, length: BLOCK })
    first.leaves()
    const second = bench.connect({ has: "all", unchokes: true })
    expect(second.asked.map(({ begin }) => begin)).toEqual([BLOCK, 2 * BLOCK, 3 * BLOCK])
    second.sendsAsked()
    expect(bench.checks).toEqual([0])
  })
})

describe("a part that is whole", () => {
  it("is checked once, then every peer gets a have", () => {
    const bench = new SwarmBench({ partCount: 2, config: onePart })
    const giver = bench.connect({ has: "all", unchokes: true })
    const other = bench.connect({ has: [] })
    const [index = -1] = giver.askedParts
    giver.sendsPart(index)
    expect(bench.checks).toEqual([index])
    expect(other.received("have")).toEqual([])
    bench.checked(index)
    expect(other.received("have")).toEqual([{ type: "have", index }])
    expect(bench.state.have.has(index)).toBe(true)
  })

  it("is missing again when the disk refuses it, and no peer is blamed", () => {
    const bench = new SwarmBench({ partCount: 1 })
    const peer = bench.connect({ has: "all", unchokes: true })
    peer.sendsAsked()
    bench.checked(0, "failed")
    expect(peer.closedFor).toBeUndefined()
    expect(bench.all("note")).toEqual([])
    expect(peer.askedParts).toEqual([0])
  })
})

describe("a part that fails its check", () => {
  it("is never asked of its only sender again, but of others [hostile 25]", () => {
    const bench = new SwarmBench({ partCount: 1 })
    const liar = bench.connect({ has: "all", unchokes: true })
    sendBadPart(bench, liar)
    bench.pass(1_000)
    expect(liar.asked).toEqual([])
    expect(liar.closedFor).toBeUndefined()
    const honest = bench.connect({ has: "all", unchokes: true })
    expect(honest.askedParts).toEqual([0])
    honest.sendsAsked()
    bench.checked(0)
    expect(bench.all("completed")).toHaveLength(1)
  })

  it("bans its only sender at the second one, by address [hostile 25]", () => {
    const bench = new SwarmBench({ config: onePart })
    const liar = bench.connect({ has: "all", unchokes: true })
    sendBadPart(bench, liar)
    sendBadPart(bench, liar)
    expect(liar.closedFor).toBe("banned")
    liar.leaves()
    const again = bench.connect({ address: liar.address, peerId: "f".repeat(40), direction: "incoming" })
    expect(again.closedFor).toBe("banned")
    bench.handle({ type: "peersFound", addresses: [liar.address], source: "tracker" })
    bench.pass(600_000)
    expect(bench.all("dial")).toEqual([])
  })

  it("bans it once, though more of its parts are being checked [hostile 25]", () => {
    const bench = new SwarmBench({ partCount: 4, config: { minPipelineBytes: 16 * BLOCK } })
    const liar = bench.connect({ has: "all", unchokes: true })
    for (const index of [...liar.askedParts]) liar.sendsPart(index)
    for (const index of [...bench.checks]) bench.checked(index, "mismatch")
    expect(bench.all("note").filter(({ name }) => name === "peer_banned")).toHaveLength(1)
    expect(bench.all("note").filter(({ name }) => name === "part_failed")).toHaveLength(4)
  })

  it("bans its sender's host when it calls from another port each time, but no connected peer [hostile 25]", () => {
    const bench = new SwarmBench({ partCount: 64, config: { ...onePart, maxStrikesPerHost: 3 } })
    const neighbour = bench.connect({ address: "10.6.6.6:7000", has: [] })
    const call = (port: number) => bench.connect({ address: `10.6.6.6:${port}`, direction: "incoming", has: "all" })
    for (const port of [50_001, 50_002, 50_003]) {
      const liar = call(port)
      expect(liar.closedFor).toBeUndefined()
      liar.says({ type: "unchoke" })
      sendBadPart(bench, liar)
      liar.leaves()
    }
    expect(call(50_004).closedFor).toBe("banned")
    expect(neighbour.closedFor).toBeUndefined()
    bench.handle({ type: "peersFound", addresses: ["10.6.6.6:7001", "10.6.6.7:7001"], source: "tracker" })
    bench.pass(600_000)
    expect(new Set(bench.all("dial").map(({ address }) => address))).toEqual(new Set(["10.6.6.7:7001"]))
  })

  it("does not ban this machine as a whole [hostile 25]", () => {
    const bench = new SwarmBench({ partCount: 64, config: { ...onePart, maxStrikesPerHost: 1 } })
    sendBadPart(bench, bench.connect({ address: "127.0.0.1:7000", has: "all", unchokes: true }))
    expect(bench.connect({ address: "127.0.0.1:7001", direction: "incoming" }).closedFor).toBeUndefined()
  })

  it("remembers the first strike when the sender comes back under another peer id [hostile 25]", () => {
    const bench = new SwarmBench({ config: onePart })
    const liar = bench.connect({ has: "all", unchokes: true })
    const bad = sendBadPart(bench, liar)
    liar.leaves()
    const again = bench.connect({ address: liar.address, peerId: "f".repeat(40), has: [bad], unchokes: true })
    expect(again.asked).toEqual([])
    again.says({ type: "have", index: (bad + 1) % 8 })
    sendBadPart(bench, again)
    expect(again.closedFor).toBe("banned")
  })

  it("blames no peer when several sent it, and then comes whole from one", () => {
    const bench = new SwarmBench({ partCount: 1, config: { slowStartMs: 0 } })
    const first = bench.connect({ has: "all", unchokes: true })
    first.sendsAsked(2)
    first.leaves()
    const second = bench.connect({ has: "all", unchokes: true })
    second.sendsAsked()
    bench.checked(0, "mismatch")
    expect(second.closedFor).toBeUndefined()
    expect(second.asked).toHaveLength(4)
    // Its second sender may leave: its blocks are not mixed with those of other peers.
    second.sendsAsked(3)
    second.leaves()
    const third = bench.connect({ has: "all", unchokes: true })
    expect(third.asked).toHaveLength(4)
    // One that would be sooner done with all of it begins it anew.
    third.sendsAsked(1)
    bench.pass(10_000)
    expect(bench.connect({ has: "all", unchokes: true }).asked).toHaveLength(4)
    expect(third.asked).toEqual([])
  })

  it("stops asking when the only source is bad: no loop [hostile 26]", () => {
    const bench = new SwarmBench({ partCount: 4, config: { ...onePart, maxStrikes: 100 } })
    const liar = bench.connect({ has: "all", unchokes: true })
    for (let count = 0; count < 4; count++) sendBadPart(bench, liar)
    bench.pass(30_000)
    expect(liar.asked).toEqual([])
    expect(bench.checks).toHaveLength(4)
  })
})
