import { describe, expect, it } from "vitest"
import { SimulatedSwarm } from "../testing/simulated-swarm.js"
import { MAX_FAR_BYTES } from "./part-budget.js"

const MiB = 2 ** 20
const LIMIT_MS = 3_600_000
const sizeBytes = 1_024 * MiB

/** 1 Gbit/s, and what a client takes for parts in flight. */
const machine = { upBytesPerSecond: 125e6, downBytesPerSecond: 125e6, budgetBytes: 10 * MiB }
const leastSeconds = sizeBytes / 125e6

async function fetchFar(seed: number, latencyMs: number) {
  const swarm = new SimulatedSwarm({ seed, sizeBytes, partSizeBytes: MiB, latencyMs })
  swarm.join({ ...machine, seed: true })
  const node = swarm.join(machine)
  let mostBytes = 0
  const isDone = () => {
    mostBytes = Math.max(mostBytes, node.state.budget.usedBytes)
    return node.state.have.isFull
  }
  expect(await swarm.run(isDone, LIMIT_MS), `seed ${seed}: not done in an hour`).toBe(true)
  return { swarm, node, seconds: (node.doneAtMs ?? 0) / 1_000, mostBytes }
}

it("a peer that was dialled is as far as its handshake took", async () => {
  const swarm = new SimulatedSwarm({ seed: 1, sizeBytes, partSizeBytes: MiB, latencyMs: 50 })
  const nodes = [swarm.join({ ...machine, seed: true }), swarm.join(machine)]
  await swarm.run(() => nodes.every(({ state }) => state.peers.size > 0), LIMIT_MS)
  const peers = nodes.flatMap(({ state }) => [...state.peers.values()])
  const [dialled, caller] = ["outgoing", "incoming"].map((way) => peers.find(({ direction }) => direction === way))
  expect(dialled?.response.handshakeMs).toBeGreaterThanOrEqual(50)
  expect(caller?.response.handshakeMs).toBeUndefined()
})

describe.each([1, 2, 3])("one far peer at 1 Gbit/s, seed %i", (seed) => {
  it.each([
    [50, 1.15],
    [200, 1.35],
  ])("fills the link at a round trip of %i ms: %f times the least time at most", async (roundTripMs, factor) => {
    const { seconds, mostBytes } = await fetchFar(seed, roundTripMs / 2)
    expect(mostBytes).toBeLessThanOrEqual(machine.budgetBytes + MAX_FAR_BYTES)
    expect(seconds / leastSeconds, `seed ${seed}`).toBeLessThan(factor)
  })
  it("gives the memory back when it has everything", async () => {
    const { swarm, node } = await fetchFar(seed, 50)
    const { budget, peers } = node.state
    await swarm.run(() => peers.size === 0, LIMIT_MS)
    expect([budget.usedBytes, budget.limitBytes]).toEqual([0, machine.budgetBytes])
  })
})
