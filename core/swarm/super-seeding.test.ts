import { describe, expect, it } from "vitest"
import { seededRandom } from "../testing/seeded-random.js"
import { SwarmBench } from "../testing/swarm-bench.js"
import { STANDARD_BLOCK_BYTES as BLOCK } from "../wire/codec/messages.js"
import { SuperSeeding } from "./super-seeding.js"

const nobodyHas = () => false
/** Parts of 128 KiB: two suggestions wait at a time. */
const two = { partCount: 6, partSizeBytes: 128 * 1024 }

describe("SuperSeeding", () => {
  it("suggests every part once, in sequence from anywhere", () => {
    for (let seed = 1; seed <= 10; seed++) {
      const seeding = new SuperSeeding(5, seededRandom(seed))
      const suggested = Array.from({ length: 5 }, () => seeding.next(nobodyHas))
      expect(new Set(suggested), `seed ${seed}`).toEqual(new Set([0, 1, 2, 3, 4]))
      expect(suggested[1], `seed ${seed}`).toBe(((suggested[0] ?? 0) + 1) % 5)
      expect(seeding.next(nobodyHas)).toBeUndefined()
    }
  })

  it("skips parts that a peer has", () => {
    const seeding = new SuperSeeding(4, seededRandom(1))
    expect(seeding.next((part) => part !== 2)).toBe(2)
    expect(seeding.next((part) => part !== 2)).toBeUndefined()
  })

  it("suggests again what was given back, unless it is out by then", () => {
    const seeding = new SuperSeeding(2, seededRandom(1))
    const [first = -1, second = -1] = [seeding.next(nobodyHas), seeding.next(nobodyHas)]
    seeding.giveBack(first)
    seeding.giveBack(second)
    expect(seeding.next((part) => part === second)).toBe(first)
    expect(seeding.next(nobodyHas)).toBeUndefined()
  })

  it("has nothing to suggest of an empty document", () => {
    expect(new SuperSeeding(0, seededRandom(1)).next(nobodyHas)).toBeUndefined()
  })
})

describe("a seed", () => {
  it("suggests different parts to each peer, before it lets them ask (BEP 6)", () => {
    const bench = new SwarmBench({ ...two, have: "all" })
    const peers = [1, 2, 3].map(() => bench.connect({ has: [], interested: true }))
    const suggested = peers.flatMap((peer) => peer.received("suggest").map(({ index }) => index))
    expect(suggested.toSorted()).toEqual([0, 1, 2, 3, 4, 5])
    for (const peer of peers) expect(peer.heard.at(-1)?.type).toBe("unchoke")
  })

  it("suggests the next part when a suggested one is asked for, not at every block of it", () => {
    const bench = new SwarmBench({ ...two, have: "all" })
    const peer = bench.connect({ has: [], interested: true })
    const [first] = peer.received("suggest")
    for (let unit = 0; unit < 4; unit++) peer.asksFor(first?.index ?? 0, unit * BLOCK)
    expect(peer.received("suggest")).toHaveLength(3)
  })

  it("suggests one large part at a time to a peer whose rate is not known: others may be faster", () => {
    const bench = new SwarmBench({ partCount: 6, partSizeBytes: 1024 * 1024, have: "all" })
    expect(bench.connect({ has: [], interested: true }).received("suggest")).toHaveLength(1)
  })

  it("suggests to no other peer the part that one chose itself", () => {
    const bench = new SwarmBench({ ...two, have: "all" })
    const first = bench.connect({ has: [], interested: true })
    const suggested = first.received("suggest").map(({ index }) => index)
    const own = [0, 1, 2, 3, 4, 5].find((index) => !suggested.includes(index)) ?? 0
    first.asksFor(own)
    const second = bench.connect({ has: [], interested: true })
    for (const { index } of second.received("suggest")) second.asksFor(index)
    expect(second.received("suggest")).toHaveLength(3)
    expect(second.received("suggest").map(({ index }) => index)).not.toContain(own)
  })

  it("lets a peer whose turn is over fetch the rest of its part, and chokes it then", () => {
    const config = { uploadSlots: 1, turnMs: 10_000 }
    const bench = new SwarmBench({ partCount: 6, partSizeBytes: 1024 * 1024, have: "all", config })
    const [first, second] = [1, 2].map(() => bench.connect({ has: [], interested: true }))
    const [part] = first?.received("suggest") ?? []
    first?.asksFor(part?.index ?? 0)
    // The next one is suggested, and asked for too: nothing else follows in a turn that is over.
    bench.pass(10_000)
    expect(first?.received("choke")).toHaveLength(0)
    for (const { index } of first?.received("suggest") ?? []) {
      first?.asksFor(index)
      first?.says({ type: "have", index })
    }
    bench.pass(250)
    expect([first?.received("choke").length, second?.received("unchoke").length]).toEqual([1, 1])
    expect(first?.received("suggest")).toHaveLength(2)
  })

  it("suggests no part that a peer has", () => {
    const bench = new SwarmBench({ ...two, have: "all" })
    bench.connect({ has: [0, 1, 2] })
    const peer = bench.connect({ has: [], interested: true })
    for (const index of [3, 4, 5]) peer.asksFor(index)
    expect(new Set(peer.received("suggest").map(({ index }) => index))).toEqual(new Set([3, 4, 5]))
  })

  it("suggests to others the parts of a disconnected peer, except those it reported with have", () => {
    const bench = new SwarmBench({ ...two, have: "all" })
    const first = bench.connect({ has: [], interested: true })
    const [got, asked] = first.received("suggest").map(({ index }) => index)
    for (const index of [got ?? 0, asked ?? 0]) first.asksFor(index)
    bench.connect({ has: [got ?? 0] })
    first.says({ type: "have", index: got ?? 0 })
    first.leaves()
    const second = bench.connect({ has: [], interested: true })
    for (const index of [0, 1, 2, 3, 4, 5]) second.asksFor(index)
    const suggested = second.received("suggest").map(({ index }) => index)
    expect(suggested).toContain(asked)
    expect(suggested).not.toContain(got)
  })

  it("takes back what a choked peer has not asked for", () => {
    const bench = new SwarmBench({ ...two, have: "all" })
    const first = bench.connect({ has: [], interested: true })
    first.says({ type: "notInterested" })
    bench.pass(250)
    const others = [1, 2, 3].map(() => bench.connect({ has: [], interested: true }))
    expect(new Set(others.flatMap((peer) => peer.received("suggest").map(({ index }) => index))).size).toBe(6)
  })

  it("suggests nothing to peers without BEP 6, and nothing while it is no seed itself", () => {
    const bench = new SwarmBench({ ...two, have: "all" })
    expect(bench.connect({ has: [], interested: true, fast: false }).received("suggest")).toEqual([])
    const young = new SwarmBench({ ...two, have: [0, 1, 2] })
    expect(young.connect({ has: [], interested: true }).received("suggest")).toEqual([])
  })
})

describe("a downloader", () => {
  const config = { minPipelineBytes: 4 * BLOCK, slowStartMs: 0, pipelineMs: 0, nextSuggestionMs: 0 }

  it("asks a peer for what it suggests first, in that order", () => {
    const bench = new SwarmBench({ config: { ...config, minPipelineBytes: 8 * BLOCK } })
    const peer = bench.connect({ has: "all" })
    for (const index of [6, 2]) peer.says({ type: "suggest", index })
    peer.says({ type: "unchoke" })
    expect(peer.askedParts).toEqual([6, 2])
  })

  it("asks for nothing else while suggestions come and something is on its way", () => {
    const bench = new SwarmBench({ config: { ...config, minPipelineBytes: 8 * BLOCK } })
    const peer = bench.connect({ has: "all" })
    peer.says({ type: "suggest", index: 6 })
    peer.says({ type: "unchoke" })
    expect(peer.askedParts).toEqual([6])
    peer.sendsAsked(3)
    expect(peer.askedParts).toEqual([6])
    peer.sendsAsked(1)
    expect(peer.askedParts).toHaveLength(1)
    expect(peer.askedParts).not.toContain(6)
  })

  it("waits a moment for the next suggestion of a slow peer when nothing is on its way", () => {
    const bench = new SwarmBench({ config: { ...config, nextSuggestionMs: 500 } })
    const peer = bench.connect({ has: "all" })
    peer.says({ type: "suggest", index: 6 })
    peer.says({ type: "unchoke" })
    peer.sendsAsked(1)
    bench.pass(1_000)
    peer.sendsAsked(3)
    expect(peer.askedParts).toEqual([])
    bench.pass(500)
    expect(peer.askedParts).not.toEqual([])
  })

  it("follows a suggestion from before the unchoke although another part is allowed meanwhile", () => {
    const bench = new SwarmBench({ config })
    const peer = bench.connect({ has: "all" })
    peer.says({ type: "allowedFast", index: 3 })
    peer.says({ type: "suggest", index: 6 })
    peer.sendsPart(3)
    peer.says({ type: "unchoke" })
    expect(peer.askedParts).toEqual([6])
  })

  it("fetches what a seed suggests before a part that another peer left", () => {
    const bench = new SwarmBench({ config })
    const other = bench.connect({ has: [3], unchokes: true })
    other.sendsAsked(1)
    other.leaves()
    const peer = bench.connect({ has: "all" })
    peer.says({ type: "suggest", index: 6 })
    peer.says({ type: "unchoke" })
    expect(peer.askedParts).toEqual([6])
  })

  it("goes its own way a moment after the last suggestion", () => {
    const bench = new SwarmBench({ config: { ...config, minPipelineBytes: 8 * BLOCK } })
    const peer = bench.connect({ has: "all" })
    peer.says({ type: "suggest", index: 6 })
    peer.says({ type: "unchoke" })
    bench.pass(1_250)
    expect(peer.askedParts).toHaveLength(2)
  })

  it("remembers a suggestion for which there is no memory yet", () => {
    const bench = new SwarmBench({ budgetBytes: 8 * BLOCK, config: { ...config, minPipelineBytes: 32 * BLOCK } })
    const peer = bench.connect({ has: "all" })
    for (const index of [6, 2, 5]) peer.says({ type: "suggest", index })
    peer.says({ type: "unchoke" })
    expect(peer.askedParts).toEqual([6, 2])
    peer.sendsPart(6)
    bench.checked(6)
    expect(peer.askedParts).toEqual([2, 5])
  })

  it("does not follow suggestions of parts that it has, is fetching, or that do not exist", () => {
    const bench = new SwarmBench({ have: [1], config })
    const other = bench.connect({ has: [2], unchokes: true })
    expect(other.askedParts).toEqual([2])
    const peer = bench.connect({ has: "all" })
    for (const index of [1, 2, 4_000_000_000, 5]) peer.says({ type: "suggest", index })
    peer.says({ type: "unchoke" })
    expect(peer.askedParts).toEqual([5])
  })

  it("remembers a bounded number of suggestions, and none from before a choke", () => {
    const bench = new SwarmBench({ partCount: 10_000, config })
    const peer = bench.connect({ has: "all" })
    for (let index = 0; index < 10_000; index++) peer.says({ type: "suggest", index })
    expect(peer.seen.suggestions.parts.length).toBeLessThanOrEqual(64)
    peer.says({ type: "choke" })
    expect(peer.seen.suggestions.parts).toEqual([])
  })
})
