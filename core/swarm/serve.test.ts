import { describe, expect, it } from "vitest"
import { SwarmBench } from "../testing/swarm-bench.js"
import { STANDARD_BLOCK_BYTES as BLOCK, LARGE_BLOCK_BYTES } from "../wire/codec/messages.js"

const wide = { partSizeBytes: 64 * BLOCK }

describe("serving", () => {
  it("gives an unchoked peer what it asks for", () => {
    const bench = new SwarmBench({ have: "all" })
    const peer = bench.connect({ interested: true })
    expect(peer.received("unchoke")).toHaveLength(1)
    peer.asksFor(3, BLOCK)
    expect(peer.served).toEqual([{ index: 3, begin: BLOCK, length: BLOCK }])
  })

  it("reads no more at a time than the window takes; the rest waits", () => {
    const bench = new SwarmBench({
      ...wide,
      have: "all",
      config: { minUploadWindowBytes: 3 * BLOCK, maxUploadWindowBytes: 3 * BLOCK },
    })
    const peer = bench.connect({ interested: true })
    for (let unit = 0; unit < 10; unit++) peer.asksFor(0, unit * BLOCK)
    expect(peer.served).toHaveLength(3)
    peer.gets({ index: 0, begin: 0, length: BLOCK })
    expect(peer.served).toHaveLength(4)
    expect(peer.seen.up.totalBytes).toBe(BLOCK)
  })

  it("lets the window follow the rate, however much went out before", () => {
    const bench = new SwarmBench({ ...wide, have: "all", config: { minUploadWindowBytes: 2 * BLOCK } })
    const peer = bench.connect({ interested: true })
    for (let unit = 0; unit < 40; unit++) {
      peer.asksFor(0, unit * BLOCK)
      peer.gets({ index: 0, begin: unit * BLOCK, length: BLOCK })
      bench.pass(250)
    }
    const servedBefore = peer.served.length
    for (let unit = 40; unit < 60; unit++) peer.asksFor(0, unit * BLOCK)
    // Four blocks a second: two in half a second.
    expect(peer.served.length - servedBefore).toBe(2)
  })

  it("keeps the window of a slow peer that asked for nothing for a while", () => {
    const bench = new SwarmBench({ ...wide, partCount: 16, have: "all", config: { minUploadWindowBytes: 2 * BLOCK } })
    const peer = bench.connect({ interested: true })
    for (let unit = 0; unit < 40; unit++) {
      peer.asksFor(0, unit * BLOCK)
      peer.gets({ index: 0, begin: unit * BLOCK, length: BLOCK })
      bench.pass(250)
    }
    bench.pass(5_000)
    expect(peer.seen.up.bytesPerSecond).toBe(0)
    const servedBefore = peer.served.length
    for (let unit = 40; unit < 60; unit++) peer.asksFor(0, unit * BLOCK)
    expect(peer.served.length - servedBefore).toBe(2)
  })

  it("serves a block that is larger than the whole window, alone", () => {
    const bench = new SwarmBench({
      ...wide,
      have: "all",
      config: { minUploadWindowBytes: BLOCK, maxUploadWindowBytes: BLOCK },
    })
    const peer = bench.connect({ interested: true })
    peer.asksFor(0, 0, LARGE_BLOCK_BYTES)
    peer.asksFor(0, LARGE_BLOCK_BYTES, BLOCK)
    expect(peer.served).toHaveLength(1)
  })

  it("takes back a waiting block that is cancelled, and refuses it (BEP 6)", () => {
    const bench = new SwarmBench({
      ...wide,
      have: "all",
      config: { minUploadWindowBytes: BLOCK, maxUploadWindowBytes: BLOCK },
    })
    const peer = bench.connect({ interested: true })
    peer.asksFor(0, 0)
    peer.asksFor(0, BLOCK)
    peer.says({ type: "cancel", index: 0, begin: BLOCK, length: BLOCK })
    expect(peer.received("reject")).toEqual([{ type: "reject", index: 0, begin: BLOCK, length: BLOCK }])
    peer.gets({ index: 0, begin: 0, length: BLOCK })
    expect(peer.served).toHaveLength(1)
  })

  it("lets a cancel of what is on its way, or of another length, pass without a word", () => {
    const bench = new SwarmBench({ have: "all" })
    const peer = bench.connect({ interested: true })
    peer.asksFor(0)
    peer.says({ type: "cancel", index: 0, begin: 0, length: BLOCK })
    peer.says({ type: "cancel", index: 0, begin: BLOCK, length: 1 })
    expect(peer.received("reject")).toEqual([])
  })

  it("keeps a bounded queue for a peer that asks and asks [hostile 28]", () => {
    const bench = new SwarmBench({ have: "all", partCount: 3_000, config: { maxUploadRequests: 100 } })
    const peer = bench.connect({ interested: true })
    for (let unit = 0; unit < 10_000; unit++) peer.asksFor(Math.floor(unit / 4), (unit % 4) * BLOCK)
    expect(peer.seen.owed.blocks.size + peer.served.length).toBe(100)
    expect(peer.received("reject")).toHaveLength(10_000 - 100)
    expect(peer.closedFor).toBeUndefined()
  })

  it.each([1_024, 4_096])(
    "has few blocks of %i bytes on their way: each costs as much as a whole one [S1]",
    (bytes) => {
      const bench = new SwarmBench({ ...wide, have: "all", config: { minUploadWindowBytes: 4 * BLOCK } })
      const peer = bench.connect({ interested: true })
      for (let at = 0; at < 60 * 1_024; at += bytes) peer.asksFor(0, at, bytes)
      expect(peer.served).toHaveLength(4)
      peer.gets({ index: 0, begin: 0, length: bytes })
      expect(peer.served).toHaveLength(5)
      expect(peer.seen.owed.sendingBytes).toBe(4 * BLOCK)
    },
  )

  it("counts what is on its way as well as what waits [S1]", () => {
    const bench = new SwarmBench({ have: "all", partCount: 3_000, config: { maxUploadRequests: 100 } })
    const peer = bench.connect({ interested: true })
    for (let part = 0; part < 1_000; part++) peer.asksFor(part)
    for (const block of peer.served) peer.gets(block)
    for (let part = 1_000; part < 2_000; part++) peer.asksFor(part)
    expect(peer.seen.owed.blocks.size + peer.seen.owed.sendingBlocks).toBe(100)
  })

  it("refuses tiny requests except for the end of a part, and drops a peer that repeats them [S1]", () => {
    const bench = new SwarmBench({ have: "all", lastPartLacksBytes: BLOCK - 5, config: { maxFaults: 3 } })
    const peer = bench.connect({ interested: true })
    peer.asksFor(7, 3 * BLOCK, 5)
    expect(peer.served).toEqual([{ index: 7, begin: 3 * BLOCK, length: 5 }])
    for (let begin = 0; begin < 4; begin++) peer.asksFor(0, begin, 1)
    expect(peer.served).toHaveLength(1)
    expect(peer.received("reject")).toHaveLength(4)
    expect(peer.closedFor).toBe("bad_request")
  })

  it("serves parts that are tiny themselves [S1]", () => {
    const bench = new SwarmBench({ have: "all", partCount: 50, partSizeBytes: 1 })
    const peer = bench.connect({ interested: true })
    for (let part = 0; part < 50; part++) peer.asksFor(part, 0, 1)
    for (let part = 0; part < 50; part++) peer.gets({ index: part, begin: 0, length: 1 })
    expect(peer.served).toHaveLength(50)
    expect(peer.closedFor).toBeUndefined()
  })

  it("drops no request of a peer without BEP 6: it is not read while too many wait, and all are served [F2]", () => {
    const bench = new SwarmBench({
      have: "all",
      partCount: 10_000,
      config: { maxUnrefusedRequests: 4_000, minUploadWindowBytes: BLOCK, maxUploadWindowBytes: BLOCK },
    })
    const peer = bench.connect({ interested: true, fast: false })
    const held = () => bench.all("holdReading").length - bench.all("resumeReading").length
    let asked = 0
    while (held() === 0) peer.asksFor(asked++)
    expect(peer.seen.owed.blocks.size).toBe(4_000)
    for (let sent = 0; sent < 999; sent++) peer.gets(peer.served[sent] ?? expect.unreachable())
    expect(held()).toBe(1)
    peer.gets(peer.served[999] ?? expect.unreachable())
    expect(held()).toBe(0)
    while (asked < 10_000 && held() === 0) peer.asksFor(asked++)
    for (let sent = 1_000; sent < asked; sent++) peer.gets(peer.served[sent] ?? expect.unreachable())
    expect(peer.served.map(({ index }) => index)).toEqual(Array.from({ length: asked }, (_, index) => index))
  })

  it("reads on when a choke has taken the waiting requests back [F2]", () => {
    const bench = new SwarmBench({ have: "all", config: { maxUnrefusedRequests: 10, minUploadWindowBytes: BLOCK } })
    const peer = bench.connect({ interested: true, fast: false })
    for (let unit = 0; unit < 11; unit++) peer.asksFor(unit % 8, Math.floor(unit / 8) * BLOCK)
    expect(bench.all("holdReading")).toHaveLength(1)
    peer.says({ type: "notInterested" })
    bench.pass(1_000)
    expect(bench.all("resumeReading")).toHaveLength(1)
  })

  it("disconnects a peer without reject whose block can't be read, instead of letting it wait [F2]", () => {
    const bench = new SwarmBench({ have: "all" })
    const peer = bench.connect({ interested: true, fast: false })
    peer.asksFor(0)
    peer.gets({ index: 0, begin: 0, length: BLOCK }, false)
    expect(peer.closedFor).toBe("part_unreadable")
    const other = bench.connect({ interested: true, fast: false })
    bench.handle({ type: "partLost", index: 1, refetch: false })
    other.asksFor(1)
    expect(other.closedFor).toBe("part_unreadable")
  })

  it("refuses what waits when it chokes, but not what is on its way", () => {
    const bench = new SwarmBench({ have: "all", config: { minUploadWindowBytes: BLOCK, maxUploadWindowBytes: BLOCK } })
    const peer = bench.connect({ interested: true })
    for (let unit = 0; unit < 3; unit++) peer.asksFor(0, unit * BLOCK)
    peer.says({ type: "notInterested" })
    bench.pass(250)
    expect(peer.received("choke")).toHaveLength(1)
    expect(peer.received("reject").map(({ begin }) => begin)).toEqual([BLOCK, 2 * BLOCK])
  })

  it("refuses a choked peer's request, which may have crossed our choke: no fault", () => {
    const bench = new SwarmBench({ have: "all" })
    const peer = bench.connect()
    for (let count = 0; count < 200; count++) peer.asksFor(0)
    expect(peer.received("reject")).toHaveLength(200)
    expect(peer.closedFor).toBeUndefined()
    expect(peer.served).toEqual([])
  })

  it("says nothing to a peer without BEP 6 that is refused", () => {
    const bench = new SwarmBench({ have: "all" })
    const peer = bench.connect({ fast: false })
    peer.asksFor(0)
    expect(peer.received("reject")).toEqual([])
  })

  it("refuses a block it fails to read, and continues with the next [hostile 11]", () => {
    const bench = new SwarmBench({ have: "all", config: { minUploadWindowBytes: BLOCK, maxUploadWindowBytes: BLOCK } })
    const peer = bench.connect({ interested: true })
    peer.asksFor(0, 0)
    peer.asksFor(0, BLOCK)
    peer.gets({ index: 0, begin: 0, length: BLOCK }, false)
    expect(peer.received("reject")).toEqual([{ type: "reject", index: 0, begin: 0, length: BLOCK }])
    expect(peer.served).toHaveLength(2)
    expect(peer.seen.up.totalBytes).toBe(0)
  })
})

describe("requests that make no sense [hostile 29]", () => {
  const last = { partCount: 2, lastPartLacksBytes: BLOCK }
  it.each([
    ["a part we lack", 0, 0, BLOCK],
    ["a part that does not exist", 2, 0, BLOCK],
    ["a part far outside", 4_294_967_295, 0, BLOCK],
    ["no bytes", 1, 0, 0],
    ["bytes beyond the end of the last part", 1, 3 * BLOCK, BLOCK],
    ["bytes that begin outside", 1, 4_294_967_295, BLOCK],
    ["more than any block may have", 1, 0, LARGE_BLOCK_BYTES + 1],
  ])("refuses %s, and drops a peer that repeats it", (_, index, begin, length) => {
    const bench = new SwarmBench({ ...last, have: [1], config: { maxFaults: 3 } })
    const peer = bench.connect({ interested: true })
    peer.asksFor(index, begin, length)
    expect(peer.received("reject")).toEqual([{ type: "reject", index, begin, length }])
    expect(peer.closedFor).toBeUndefined()
    for (let count = 0; count < 3; count++) peer.asksFor(index, begin, length)
    expect(peer.closedFor).toBe("bad_request")
    expect(peer.served).toEqual([])
  })
})
