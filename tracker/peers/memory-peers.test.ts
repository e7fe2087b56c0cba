import { describe, expect, it } from "vitest"
import { seededRandom } from "../../core/testing/seeded-random.js"
import { encodeCompact } from "./compact.js"
import { GoneRoom, MAX_GONE_PEERS } from "./gone-peers.js"
import { MemoryPeers } from "./memory-peers.js"

const peer = (number: number) => encodeCompact(`10.0.${number >> 8}.${number & 255}`, 7_000) ?? new Uint8Array()

function portraitOf(swarm: MemoryPeers, number: number, limit: number, second: number, random = seededRandom(second)) {
  const announce = { hash: "", peer: peer(number), left: 1, event: undefined, limit, mayAdd: true }
  const rules = { second, expiredBefore: 0, maxPeers: 10_000, room: new GoneRoom() }
  // The text exists from the second announce without a change on.
  swarm.announce(announce, rules, random).readPeersText?.()
  const view = swarm.announce(announce, rules, random)
  const kept = view.readPeersText?.()
  if (kept === undefined) return undefined
  return (JSON.parse(`[${kept.text}]`) as { listening_host: string }[]).map(({ listening_host }) => listening_host)
}

function swarmOf(size: number): MemoryPeers {
  const swarm = new MemoryPeers()
  for (let number = 0; number < size; number++) swarm.put(peer(number), 1, 1)
  return swarm
}

describe("the text that a swarm keeps of its peers", () => {
  it("has all peers but the caller, after any joins and leaves", () => {
    const swarm = swarmOf(20)
    expect(new Set(portraitOf(swarm, 3, 50, 1))).toHaveLength(19)
    expect(portraitOf(swarm, 3, 50, 1)).not.toContain("10.0.0.3")
    expect(portraitOf(swarm, 20, 50, 1)).toHaveLength(20)
    expect(portraitOf(swarm, 3, 50, 1)).toContain("10.0.0.20")
    swarm.leave(peer(20), 1, { second: 1, expiredBefore: 0, maxPeers: 10_000, room: new GoneRoom() })
    expect(portraitOf(swarm, 3, 50, 1)).not.toContain("10.0.0.20")
  })

  it("is a sample beyond the limit, another one every second and for every few callers", () => {
    const swarm = swarmOf(100)
    const first = portraitOf(swarm, 0, 20, 1)
    expect(new Set(first)).toHaveLength(20)
    expect(first).not.toContain("10.0.0.0")
    expect(portraitOf(swarm, 0, 20, 2)?.sort()).not.toEqual(first?.sort())
    const random = seededRandom(1)
    const seen = new Set<string>()
    for (let call = 0; call < 2_000; call++)
      for (const host of portraitOf(swarm, 0, 20, 3, random) ?? []) seen.add(host)
    expect(seen.size).toBe(99)
  })

  it("is not kept of small swarms, nor for callers that want few", () => {
    expect(portraitOf(swarmOf(7), 0, 50, 1)).toBeUndefined()
    expect(portraitOf(swarmOf(20), 0, 5, 1)).toBeUndefined()
  })
})

describe("the peers that left", () => {
  it("are kept up to a bound over all documents, and their room is free when they are forgotten", () => {
    const room = new GoneRoom()
    const rules = { second: 1, expiredBefore: 0, maxPeers: 100_000, room }
    const swarms = Array.from({ length: 3 }, () => new MemoryPeers())
    const number32 = (number: number) => Uint8Array.of(10, number >> 16, number >> 8, number, 0, 1)
    for (const swarm of swarms)
      for (let number = 0; number < 100_000; number++) {
        swarm.put(number32(number), 1, 0)
        swarm.leave(number32(number), 0, rules)
      }
    expect(swarms.map(({ goneCount }) => goneCount)).toEqual([100_000, MAX_GONE_PEERS - 100_000, 0])
    swarms[0]?.forgetGone()
    swarms[2]?.keepGone({ peer: number32(1), second: 1, left: 5 }, rules)
    expect(swarms[2]?.status(10, 0, rules)).toMatchObject({ complete: 0, downloading: 0, silent: 1 })
  })
})
