import { describe, expect, it } from "vitest"
import { seededRandom } from "../testing/seeded-random.js"
import { SwarmBench } from "../testing/swarm-bench.js"
import { type Candidate, chooseSlots, type SlotRules } from "./choker.js"

const rules: SlotRules = { uploadSlots: 2, optimisticSlots: 1, turnMs: undefined, renewOptimistic: false }

function candidates(...rates: number[]): Candidate[] {
  return rates.map((bytesPerSecond, key) => ({
    key,
    bytesPerSecond,
    unchoked: false,
    unchokedAtMs: 0,
    optimistic: false,
  }))
}

function choose(those: readonly Candidate[], changed: Partial<SlotRules> = {}, nowMs = 100_000, seed = 1) {
  const choice = chooseSlots(those, { ...rules, ...changed }, nowMs, seededRandom(seed))
  return { byMerit: [...choice.byMerit].sort(), optimistic: [...choice.optimistic] }
}

describe("chooseSlots, while fetching", () => {
  it("serves those who give most, and one more by chance", () => {
    const { byMerit, optimistic } = choose(candidates(10, 50, 30, 20, 40))
    expect(byMerit).toEqual([1, 4])
    expect(optimistic).toHaveLength(1)
    expect([0, 2, 3]).toContain(optimistic[0])
  })

  it("serves everybody while there are slots", () => {
    const { byMerit, optimistic } = choose(candidates(0, 0, 0))
    expect([...byMerit, ...optimistic].sort()).toEqual([0, 1, 2])
  })

  it("serves nobody when nobody is interested", () => {
    expect(choose([])).toEqual({ byMerit: [], optimistic: [] })
  })

  it("lets the optimistic peer stay until it is time for another", () => {
    const those = candidates(50, 40, 1, 1, 1, 1).map((each) => ({ ...each, optimistic: each.key === 4 }))
    for (let seed = 1; seed <= 20; seed++) expect(choose(those, {}, 100_000, seed).optimistic).toEqual([4])
    const others = new Set(
      Array.from(
        { length: 20 },
        (_, seed) => choose(those, { renewOptimistic: true }, 100_000, seed + 1).optimistic[0],
      ),
    )
    expect(others.size).toBeGreaterThan(2)
  })

  it("moves an optimistic peer that gives well to the slots of merit, and lets another try", () => {
    const those = candidates(50, 1, 90, 1).map((each) => ({ ...each, optimistic: each.key === 2 }))
    const { byMerit, optimistic } = choose(those)
    expect(byMerit).toEqual([0, 2])
    expect([1, 3]).toContain(optimistic[0])
  })
})

describe("chooseSlots, while seeding", () => {
  const turnMs = 30_000

  it("lets a peer finish its turn, whatever its rate", () => {
    const those = candidates(1, 100, 100).map((each) => ({
      ...each,
      unchoked: each.key === 0,
      unchokedAtMs: each.key === 0 ? 80_000 : 10_000,
    }))
    expect(choose(those, { turnMs }).byMerit).toContain(0)
  })

  it("then takes who has waited longest", () => {
    const those = candidates(5, 5, 5, 5).map((each) => ({
      ...each,
      unchoked: each.key < 2,
      unchokedAtMs: [60_000, 65_000, 20_000, 10_000][each.key] ?? 0,
    }))
    expect(choose(those, { turnMs }).byMerit).toEqual([2, 3])
  })

  it("gives everybody a turn", () => {
    let those = candidates(9, 9, 9, 9, 9, 9, 9)
    const served = new Set<number>()
    for (let nowMs = 40_000; nowMs < 400_000; nowMs += 10_000) {
      const { byMerit, optimistic } = choose(those, { turnMs }, nowMs)
      const now = new Set([...byMerit, ...optimistic])
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
  const config = { uploadSlots: 2, optimisticSlots: 1 }

  it("gives a free slot at once, without waiting for the next round", () => {
    const bench = new SwarmBench({ have: "all", config })
    const [first, , , fourth] = Array.from({ length: 4 }, () => bench.connect({ interested: true }))
    expect(fourth?.told("unchoke")).toEqual([])
    first?.says({ type: "notInterested" })
    expect(first?.told("choke")).toHaveLength(1)
    expect(fourth?.told("unchoke")).toHaveLength(1)
  })

  it("gives a free slot to who has the fewest parts, at random among equals", () => {
    const chosen = new Set<number>()
    for (let seed = 1; seed <= 20; seed++) {
      const bench = new SwarmBench({ have: "all", config, seed })
      const [first] = [1, 2, 3].map(() => bench.connect({ interested: true }))
      const waiting = [[0, 1, 2], [3], [4]].map((has) => bench.connect({ has, interested: true }))
      first?.leaves()
      const served = waiting.filter((peer) => !peer.seen.amChoking)
      expect(served, `seed ${seed}`).toHaveLength(1)
      for (const { key } of served) chosen.add(key)
    }
    expect(chosen).toEqual(new Set([4, 5]))
  })

  it("gives the slot of a peer that leaves at once", () => {
    const bench = new SwarmBench({ have: "all", config })
    const [first, , , fourth] = Array.from({ length: 4 }, () => bench.connect({ interested: true }))
    first?.leaves()
    expect(fourth?.told("unchoke")).toHaveLength(1)
  })

  it("never serves more than its slots, and in time everybody", () => {
    const bench = new SwarmBench({ have: "all", config })
    const peers = Array.from({ length: 8 }, () => bench.connect({ interested: true }))
    for (let round = 0; round < 60; round++) {
      bench.pass(5_000)
      expect(peers.filter((peer) => !peer.seen.amChoking).length).toBeLessThanOrEqual(3)
    }
    for (const peer of peers) expect(peer.told("unchoke").length).toBeGreaterThan(0)
  })

  it("does not serve those who want nothing", () => {
    const bench = new SwarmBench({ have: "all", config })
    const peer = bench.connect()
    bench.pass(60_000)
    expect(peer.told("unchoke")).toEqual([])
  })
})
