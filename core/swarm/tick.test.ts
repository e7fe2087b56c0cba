import { describe, expect, it } from "vitest"
import { SwarmBench } from "../testing/swarm-bench.js"
import { STANDARD_BLOCK_BYTES as BLOCK } from "../wire/codec/messages.js"
import { isStarved } from "./tick.js"

const config = { requestTimeoutMs: 20_000, maxSnubs: 3, minPipelineBytes: 4 * BLOCK, slowStartMs: 0, pipelineMs: 0 }

describe("a peer that claims everything and sends nothing [hostile 24, 30]", () => {
  it("is not snubbed for a silence of our own making, but for one of its own after that [E6]", () => {
    const bench = new SwarmBench()
    const peer = bench.connect({ has: "all", unchokes: true })
    for (let ticks = 0; ticks < 400; ticks++) {
      bench.nowMs += 250
      bench.handle({ type: "tick", unread: new Set([peer.key]) })
    }
    expect(peer.seen.response.snubs).toBe(0)
    bench.pass(20_000)
    expect(peer.seen.response.snubs).toBe(0)
    bench.pass(250)
    expect(peer.seen.response.snubs).toBe(1)
  })

  it("is snubbed, and its parts are asked of others", () => {
    const bench = new SwarmBench({ partCount: 1, config })
    const silent = bench.connect({ has: "all", unchokes: true })
    bench.pass(19_000)
    expect(silent.seen.response.isSnubbed).toBe(false)
    bench.pass(2_000)
    expect(silent.seen.response.isSnubbed).toBe(true)
    expect(silent.received("cancel")).toHaveLength(4)
    const other = bench.connect({ has: "all", unchokes: true })
    other.sendsAsked()
    bench.checked(0)
    expect(bench.all("completed")).toHaveLength(1)
  })

  it("may prove itself with one small block at a time", () => {
    const bench = new SwarmBench({ config })
    const silent = bench.connect({ has: "all", unchokes: true })
    bench.pass(21_000)
    expect(silent.asked).toHaveLength(1)
    silent.sendsAsked(1)
    expect(silent.seen.response.isSnubbed).toBe(false)
    expect(silent.asked.length).toBeGreaterThan(1)
  })

  it("is dropped at the third time in a row", () => {
    const bench = new SwarmBench({ config })
    const silent = bench.connect({ has: "all", unchokes: true })
    bench.pass(50_000)
    expect(silent.closedFor).toBeUndefined()
    bench.pass(15_000)
    expect(silent.closedFor).toBe("snubbed")
  })

  it("is dropped at once in the middle of a block: the rest could fall into a buffer that serves others by then", () => {
    const bench = new SwarmBench({ config })
    const peer = bench.connect({ has: "all", unchokes: true })
    const [block] = peer.asked
    if (block !== undefined) peer.begins(block)
    bench.pass(21_000)
    expect(peer.closedFor).toBe("snubbed")
  })
})

describe("a peer that is slow but sends", () => {
  it("is never snubbed while bytes come", () => {
    const bench = new SwarmBench({ config })
    const slow = bench.connect({ has: "all", unchokes: true })
    for (let turn = 0; turn < 10; turn++) {
      bench.pass(15_000)
      bench.handle({ type: "bytesReceived", peer: slow.key, byteCount: 10 })
    }
    expect(slow.seen.response.snubs).toBe(0)
    expect(slow.seen.response.isSnubbed).toBe(false)
  })

  it("is not blamed for a silence in which nothing was asked of it", () => {
    const bench = new SwarmBench({ partCount: 1, config })
    const peer = bench.connect({ has: [] })
    bench.pass(100_000)
    peer.says({ type: "have", index: 0 })
    peer.says({ type: "unchoke" })
    bench.pass(1_000)
    expect(peer.seen.response.isSnubbed).toBe(false)
  })
})

describe("starving", () => {
  it("is fetching without a connected peer that has a missing part", () => {
    const bench = new SwarmBench({ partCount: 2, config })
    expect(isStarved(bench.state)).toBe(true)
    const empty = bench.connect({ has: [] })
    expect(isStarved(bench.state)).toBe(true)
    empty.says({ type: "have", index: 0 })
    expect(isStarved(bench.state)).toBe(false)
  })

  it("is having only snubbed peers", () => {
    const bench = new SwarmBench({ config })
    bench.connect({ has: "all", unchokes: true })
    bench.pass(21_000)
    expect(isStarved(bench.state)).toBe(true)
  })

  it("is never a seed or a paused document", () => {
    expect(isStarved(new SwarmBench({ have: "all" }).state)).toBe(false)
    const paused = new SwarmBench()
    paused.handle({ type: "paused" })
    expect(isStarved(paused.state)).toBe(false)
  })
})
