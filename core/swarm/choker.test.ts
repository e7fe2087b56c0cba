import { describe, expect, it } from "vitest"
import { seededRandom } from "../testing/seeded-random.js"
import { SwarmBench } from "../testing/swarm-bench.js"
import { STANDARD_BLOCK_BYTES as BLOCK } from "../wire/codec/messages.js"
import { type Candidate, chooseSlots, type SlotRules } from "./choker.js"

const rules: SlotRules = { uploadSlots: 2, turnMs: 30_000, next: "neediest" }

/** Waiting peers with these bytes each. */
function waiting(...hasBytes: number[]): Candidate[] {
  return hasBytes.map((has, key) => ({
    key,
    unchoked: false,
    unchokedAtMs: 0,
    hasBytes: has,
    isFetchingAlone: false,
    takesOnly: false,
  }))
}

function choose(those: readonly Candidate[], changed: Partial<SlotRules> = {}, nowMs = 100_000, seed = 1): number[] {
  return [...chooseSlots(those, { ...rules, ...changed }, nowMs, seededRandom(seed))].sort()
}

describe.each(["neediest", "longest waiting"] as const)("chooseSlots, for the %s", (next) => {
  it("serves every peer while there are slots", () => {
    expect(choose(waiting(3, 1), { next })).toEqual([0, 1])
  })

  it("serves no peer when no peer is interested", () => {
    expect(choose([], { next })).toEqual([])
  })

  it("lets a peer finish its turn, and not a moment longer", () => {
    const those = waiting(1, 1, 9).map((each) => ({
      ...each,
      unchoked: each.key === 2,
      unchokedAtMs: each.key * 35_000,
    }))
    expect(choose(those, { next }, 99_999)).toContain(2)
    expect(choose(those, { next }, 100_000)).toEqual([0, 1])
  })
})

describe("chooseSlots, while fetching", () => {
  it("serves those with the least, at random among equals", () => {
    const chosen = new Set(
      Array.from({ length: 20 }, (_, seed) => choose(waiting(5, 2, 7, 2, 2), {}, 0, seed + 1)).flat(),
    )
    expect(chosen).toEqual(new Set([1, 3, 4]))
  })

  it("serves peers that only take after all others", () => {
    const those = waiting(0, 5, 6).map((each) => ({ ...each, takesOnly: each.key === 0 }))
    expect(choose(those)).toEqual([1, 2])
    expect(choose(those, { uploadSlots: 3 })).toEqual([0, 1, 2])
  })
})

describe("chooseSlots, while seeding", () => {
  it("chooses the peer that has waited longest", () => {
    const those = waiting(0, 5, 5, 5).map((each) => ({
      ...each,
      unchoked: each.key < 2,
      unchokedAtMs: [60_000, 65_000, 20_000, 10_000][each.key] ?? 0,
    }))
    expect(choose(those, { next: "longest waiting" })).toEqual([2, 3])
  })

  it("serves a newcomer before a peer whose turn is over, however long ago that turn began", () => {
    const those = waiting(5, 5, 0).map((each) => ({
      ...each,
      unchoked: each.key < 2,
      unchokedAtMs: [1_000, 2_000, 3_000][each.key] ?? 0,
    }))
    expect(choose(those, { next: "longest waiting" })).toEqual([0, 2])
  })

  it("lets a peer finish a part that no other will get, for twice its turn at most", () => {
    const those = waiting(5, 5, 5).map((each) => ({
      ...each,
      unchoked: each.key < 2,
      unchokedAtMs: each.key < 2 ? 0 : 1_000,
      isFetchingAlone: each.key === 1,
    }))
    expect(choose(those, { next: "longest waiting", uploadSlots: 1 }, 59_999)).toEqual([1])
    expect(choose(those, { next: "longest waiting", uploadSlots: 1 }, 60_000)).toEqual([2])
  })

  it("gives every peer a turn", () => {
    let those = waiting(9, 9, 9, 9, 9, 9, 9)
    const served = new Set<number>()
    for (let nowMs = 40_000; nowMs < 400_000; nowMs += 10_000) {
      const now = new Set(choose(those, { next: "longest waiting" }, nowMs))
      those = those.map((each) => ({
        ...each,
        unchoked: now.has(each.key),
        unchokedAtMs: now.has(each.key) && !each.unchoked ? nowMs : each.unchokedAtMs,
      }))
      for (const key of now) served.add(key)
    }
    expect(served.size).toBe(7)
  })
})

describe("choking in a swarm", () => {
  const config = { uploadSlots: 3 }

  it("sends no change to a peer whose interest changes twice before the next tick [S14]", () => {
    const bench = new SwarmBench({ have: "all", config })
    const peer = bench.connect({ has: [], interested: true })
    const before = peer.heard.length
    for (let times = 0; times < 100; times++) {
      peer.says({ type: "notInterested" })
      peer.says({ type: "interested" })
    }
    bench.pass(250)
    expect(peer.heard).toHaveLength(before)
    expect(peer.seen.slot.isChoked).toBe(false)
  })

  it("gives a free slot at the next tick, without waiting for the next round", () => {
    const bench = new SwarmBench({ have: "all", config })
    const [first, , , fourth] = Array.from({ length: 4 }, () => bench.connect({ interested: true }))
    expect(fourth?.received("unchoke")).toEqual([])
    first?.says({ type: "notInterested" })
    bench.pass(250)
    expect(first?.received("choke")).toHaveLength(1)
    expect(fourth?.received("unchoke")).toHaveLength(1)
  })

  it("gives a free slot to the peer with the fewest parts, at random among equals", () => {
    const chosen = new Set<number>()
    for (let seed = 1; seed <= 20; seed++) {
      const bench = new SwarmBench({ have: "all", config, seed })
      const [first] = [1, 2, 3].map(() => bench.connect({ interested: true }))
      const waiting = [[0, 1, 2], [3], [4]].map((has) => bench.connect({ has, interested: true }))
      first?.leaves()
      const served = waiting.filter((peer) => !peer.seen.slot.isChoked)
      expect(served, `seed ${seed}`).toHaveLength(1)
      for (const { key } of served) chosen.add(key)
    }
    expect(chosen).toEqual(new Set([4, 5]))
  })

  it("gives the slot of a peer that leaves at once", () => {
    const bench = new SwarmBench({ have: "all", config })
    const [first, , , fourth] = Array.from({ length: 4 }, () => bench.connect({ interested: true }))
    first?.leaves()
    expect(fourth?.received("unchoke")).toHaveLength(1)
  })

  it("never serves more than its slots, and in time every peer", () => {
    const bench = new SwarmBench({ have: "all", config })
    const peers = Array.from({ length: 8 }, () => bench.connect({ interested: true }))
    for (let round = 0; round < 60; round++) {
      bench.pass(5_000)
      expect(peers.filter((peer) => !peer.seen.slot.isChoked).length).toBeLessThanOrEqual(3)
    }
    for (const peer of peers) expect(peer.received("unchoke").length).toBeGreaterThan(0)
  })

  const mostParts = [0, 1, 2, 3, 4, 5, 6]
  it.each([
    [
      "not the peer that took much and gives none of the missing parts",
      "other",
      { maxGivenBytes: 8 * BLOCK, has: [7], others: mostParts },
    ],
    [
      "the peer that took much and has nothing to give",
      "taker",
      { maxGivenBytes: 8 * BLOCK, has: [], others: mostParts },
    ],
    ["not the peer that denies what it took", "other", { maxGivenBytes: 80 * BLOCK, has: [], others: [0] }],
  ])("serves %s", (_, served, { maxGivenBytes, has, others }) => {
    const bench = new SwarmBench({ have: [0, 1, 2, 3], config: { uploadSlots: 1, turnMs: 20_000, maxGivenBytes } })
    const taker = bench.connect({ has, interested: true })
    const other = bench.connect({ has: others, interested: true })
    for (const index of [0, 1, 2])
      for (let begin = 0; begin < 4 * BLOCK; begin += BLOCK) {
        taker.asksFor(index, begin)
        bench.handle({ type: "blockSent", peer: taker.key, index, begin, length: BLOCK, ok: true })
      }
    // Long enough for a turn of the other to be over, too.
    bench.pass(120_000)
    const byName = { taker, other }
    expect(Object.entries(byName).flatMap(([name, peer]) => (peer.seen.slot.isChoked ? [] : name))).toEqual([served])
  })

  it("does not serve peers without interest", () => {
    const bench = new SwarmBench({ have: "all", config })
    const peer = bench.connect()
    bench.pass(60_000)
    expect(peer.received("unchoke")).toEqual([])
  })
})
