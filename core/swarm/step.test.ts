import { describe, expect, it } from "vitest"
import { SwarmBench } from "../testing/swarm-bench.js"
import { STANDARD_BLOCK_BYTES as BLOCK } from "../wire/codec/messages.js"
import type { SwarmEvent } from "./events.js"

describe("events that come late", () => {
  const block = { index: 0, begin: 0, length: BLOCK }
  const late: SwarmEvent[] = [
    { type: "message", peer: 0, message: { type: "piece", ...block } },
    { type: "message", peer: 0, message: { type: "request", ...block } },
    { type: "message", peer: 0, message: { type: "have", index: 0 } },
    { type: "bytesReceived", peer: 0, byteCount: BLOCK },
    { type: "blockSent", peer: 0, ...block, ok: true },
    { type: "peerExtended", peer: 0, blockBytes: BLOCK, maxRequests: 10, listenAddress: "10.0.0.1:1" },
    { type: "peerClosed", peer: 0, code: "ended", why: "again" },
  ]
  it.each(late)("do nothing when the peer is gone: $type", (event) => {
    const bench = new SwarmBench()
    bench.connect({ has: "all", unchokes: true }).leaves()
    const before = bench.effects.length
    expect(bench.handle(event)).toEqual([])
    expect(bench.effects).toHaveLength(before)
    expect(bench.state.down.totalBytes).toBe(0)
  })

  it("do nothing when the part is not in flight", () => {
    const bench = new SwarmBench()
    for (const outcome of ["stored", "mismatch", "failed"] as const) expect(bench.checked(3, outcome)).toEqual([])
    expect(bench.state.have.count).toBe(0)
  })
})

describe("pausing", () => {
  it("closes every connection, gives all memory back and asks for nothing", () => {
    const bench = new SwarmBench()
    const peers = [1, 2].map(() => bench.connect({ has: "all", unchokes: true }))
    peers[0]?.sendsAsked(1)
    bench.handle({ type: "paused" })
    expect(peers.map(({ closedFor }) => closedFor)).toEqual(["paused", "paused"])
    expect(bench.state.inFlight.size).toBe(0)
    expect(bench.budget.usedBytes).toBe(0)
    bench.pass(60_000)
    expect(bench.state.peers.size).toBe(0)
    expect(bench.all("dial")).toEqual([])
  })

  it("still stores the part that was being checked", () => {
    const bench = new SwarmBench({ partCount: 1 })
    bench.connect({ has: "all", unchokes: true }).sendsAsked()
    bench.handle({ type: "paused" })
    bench.checked(0)
    expect(bench.state.have.isFull).toBe(true)
    expect(bench.budget.usedBytes).toBe(0)
  })
})

describe("a part that can't be read any more", () => {
  it("is missing again: requested from peers that have it, refused to peers that request it [hostile 11]", () => {
    const bench = new SwarmBench({ have: "all" })
    const peer = bench.connect({ has: [2], interested: true, unchokes: true })
    bench.handle({ type: "partLost", index: 2, refetch: true })
    expect(peer.askedParts).toEqual([2])
    peer.asksFor(2)
    expect(peer.received("reject")).toHaveLength(1)
    peer.sendsAsked()
    bench.checked(2)
    expect(bench.state.have.isFull).toBe(true)
  })
})

describe("a part of a file that is not ours to write, and can't be read any more", () => {
  it("is neither served nor fetched; a request for it is no fault [hostile 11]", () => {
    const bench = new SwarmBench({ have: "all" })
    const peer = bench.connect({ has: [2], interested: true, unchokes: true })
    bench.handle({ type: "partLost", index: 2, refetch: false })
    peer.asksFor(2)
    expect(peer.received("reject")).toHaveLength(1)
    expect(peer.seen.conduct.faults).toBe(0)
    expect(peer.askedParts).toEqual([])
  })
})

describe("a peer that says more than there is to say", () => {
  it("is remembered up to a bound: allowances, suggestions, requests it would take [hostile 27]", () => {
    const bench = new SwarmBench({ partCount: 20_000 })
    const peer = bench.connect({ has: "all", maxRequests: Number.MAX_SAFE_INTEGER })
    // Asked for all that it may be asked for, or it would be asked for what it suggests.
    peer.seen.news.fills = Number.POSITIVE_INFINITY
    for (let index = 0; index < 20_000; index++) {
      peer.says({ type: "allowedFast", index })
      peer.says({ type: "suggest", index })
    }
    expect(peer.seen.allows.fastParts.size).toBe(256)
    expect(peer.seen.suggestions.parts).toHaveLength(64)
    expect(peer.seen.asked.maxRequests).toBe(2_000)
    expect(peer.closedFor).toBeUndefined()
  })
})

describe("messages without a meaning for us", () => {
  it("change nothing", () => {
    const bench = new SwarmBench()
    const peer = bench.connect({ has: "all" })
    const before = bench.effects.length
    peer.says({ type: "keepAlive" })
    peer.says({ type: "suggest", index: 4_000_000_000 })
    peer.says({ type: "extended", id: 9, payload: new Uint8Array(3) })
    peer.says({ type: "allowedFast", index: 4_000_000_000 })
    peer.says({ type: "have", index: 4_000_000_000 })
    expect(bench.effects).toHaveLength(before)
  })
})
