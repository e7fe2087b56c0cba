import { describe, expect, it } from "vitest"
import { distributionBoundMs } from "../testing/distribution-bound.js"
import { type NodeOptions, type SimulatedNode, SimulatedSwarm } from "../testing/simulated-swarm.js"

const MiB = 2 ** 20
const sizeBytes = 64 * MiB
const partSizeBytes = 256 * 1024
const seeds = [1, 2, 3]

/** A machine on a fast home line. */
const node: NodeOptions = { upBytesPerSecond: 5e6, downBytesPerSecond: 20e6 }
const source: NodeOptions = { ...node, seed: true }

/** No simulation here needs longer; in virtual time. */
const LIMIT_MS = 3_600_000

interface Swarm {
  readonly swarm: SimulatedSwarm
  readonly source: SimulatedNode
  readonly others: SimulatedNode[]
}

function swarmOf(seed: number, count: number, options: NodeOptions = node): Swarm {
  const swarm = new SimulatedSwarm({ seed, sizeBytes, partSizeBytes })
  const first = swarm.join(source)
  return { swarm, source: first, others: Array.from({ length: count }, () => swarm.join(options)) }
}

function boundMs(count: number): number {
  const ups = Array.from({ length: count }, () => node.upBytesPerSecond)
  return distributionBoundMs({ sizeBytes, seedUp: source.upBytesPerSecond, ups, slowestDown: node.downBytesPerSecond })
}

/** Runs until every remaining peer has the file; returns the time of the last one, ms. */
async function runToEnd({ swarm }: Swarm, seed: number): Promise<number> {
  expect(await swarm.run(() => swarm.isEveryoneDone(), LIMIT_MS), `seed ${seed}: not everybody has the file`).toBe(true)
  return Math.max(...swarm.nodes.filter(({ gone }) => !gone).map(({ doneAtMs }) => doneAtMs ?? 0))
}

describe.each(seeds)("a swarm, seed %i", (seed) => {
  it.each([
    [1, 1.05],
    [4, 1.1],
    [20, 1.25],
  ])(
    "of %i downloaders gets every byte to everybody, in %f times the least time possible at most",
    async (count, factor) => {
      const lastMs = await runToEnd(swarmOf(seed, count), seed)
      expect(lastMs / boundMs(count), `seed ${seed}`).toBeLessThan(factor)
    },
  )

  it("has its only source send hardly more than one copy", async () => {
    const run = swarmOf(seed, 6)
    await runToEnd(run, seed)
    expect(run.source.sentBytes / sizeBytes, `seed ${seed}`).toBeLessThan(1.1)
  })

  it("has its only source send no part twice before all are out, on slow lines too", async () => {
    const line: NodeOptions = { upBytesPerSecond: 500_000, downBytesPerSecond: 2e6 }
    const swarm = new SimulatedSwarm({ seed, sizeBytes: 8 * MiB, partSizeBytes })
    const first = swarm.join({ ...line, seed: true })
    const others = Array.from({ length: 10 }, () => swarm.join(line))
    await runToEnd({ swarm, source: first, others }, seed)
    // A tail of copies remains: the last parts are at one peer each when all are out.
    expect(first.sentBytes / (8 * MiB), `seed ${seed}`).toBeLessThan(1.45)
  })

  it("gets every byte to every remaining peer while peers come and go", async () => {
    const run = swarmOf(seed, 8)
    const { swarm, others } = run
    for (const [turn, other] of others.slice(0, 4).entries()) swarm.clock.after(2_000 * (turn + 1), () => other.leave())
    for (let turn = 0; turn < 6; turn++) swarm.clock.after(3_000 * (turn + 1), () => swarm.join(node))
    const joined = () => swarm.nodes.length === 15
    await swarm.run(joined, LIMIT_MS)
    await runToEnd(run, seed)
    expect(
      swarm.nodes.filter(({ gone, state }) => !gone && state.have.isFull),
      `seed ${seed}`,
    ).toHaveLength(11)
  })

  it("bans liars and finishes without them [hostile 25]", async () => {
    const run = swarmOf(seed, 6)
    const liars = [1, 2].map(() => run.swarm.join({ ...node, fault: "lies" }))
    await runToEnd(run, seed)
    for (const other of run.others)
      for (const liar of liars) {
        const known = other.state.book.get(liar.address)
        // Two failed parts from one peer identify it.
        if ((known?.badParts.size ?? 0) >= 2) expect(known?.state, `seed ${seed}`).toBe("banned")
      }
    expect(
      run.others.some(({ notes }) => notes.includes("peer_banned")),
      `seed ${seed}`,
    ).toBe(true)
    expect(
      run.others.some(({ state }) => state.book.isBanned(run.source.address)),
      `seed ${seed}`,
    ).toBe(false)
  })

  it("is not held up by a peer that claims everything and sends nothing [hostile 24]", async () => {
    const run = swarmOf(seed, 4)
    run.swarm.join({ ...node, fault: "silent" })
    const lastMs = await runToEnd(run, seed)
    // Its parts wait for one request time-out at most, then others bring them.
    expect(lastMs, `seed ${seed}`).toBeLessThan(1.25 * boundMs(4) + 25_000)
  })

  it("serves a late joiner as fast as its line takes it", async () => {
    const run = swarmOf(seed, 6)
    await runToEnd(run, seed)
    const joinedAtMs = run.swarm.clock.now()
    const late = run.swarm.join(node)
    const lastMs = await runToEnd(run, seed)
    const leastMs = (1_000 * sizeBytes) / node.downBytesPerSecond
    expect(lastMs - joinedAtMs, `seed ${seed}`).toBeLessThan(1.5 * leastMs + 1_000)
    expect(late.state.have.isFull).toBe(true)
  })

  it("does not wait for a slow peer that holds the last part when others have it too", async () => {
    const run = swarmOf(seed, 3)
    const slow = run.swarm.join({ ...node, upBytesPerSecond: 20_000, seed: true })
    const lastMs = await runToEnd(run, seed)
    expect(lastMs / boundMs(3), `seed ${seed}`).toBeLessThan(1.25)
    expect(slow.sentBytes).toBeGreaterThan(0)
  })

  it("waits for a part that only a slow peer holds no longer than that peer needs to send it to each", async () => {
    const slowBytesPerSecond = 25_000
    const swarm = new SimulatedSwarm({ seed, sizeBytes, partSizeBytes })
    const first = swarm.join({ ...source, lacks: [17] })
    swarm.join({ ...source, upBytesPerSecond: slowBytesPerSecond })
    const others = [1, 2, 3].map(() => swarm.join(node))
    const lastMs = await runToEnd({ swarm, source: first, others }, seed)
    // Every peer asks for the rarest part first, the source too: its uplink is shared by four. What is not payload takes 1 %.
    const slowMs = (4 * 1_000 * partSizeBytes) / slowBytesPerSecond
    expect(lastMs, `seed ${seed}`).toBeLessThan(Math.max(1.25 * boundMs(3), 1.02 * slowMs))
  })

  it("ends with every byte when all but one source leave", async () => {
    const run = swarmOf(seed, 5)
    const { swarm, others, source: first } = run
    await swarm.run(() => others.every(({ state }) => state.have.count > 100), LIMIT_MS)
    for (const other of others.slice(1)) other.leave()
    await runToEnd(run, seed)
    expect(others[0]?.state.have.isFull, `seed ${seed}`).toBe(true)
    expect(first.gone).toBe(false)
  })

  it("ends without its first source once every part is out", async () => {
    const run = swarmOf(seed, 5)
    const { swarm, others, source: first } = run
    const isOut = () => {
      const { partCount } = swarm.lengths
      for (let part = 0; part < partCount; part++) if (!others.some(({ state }) => state.have.has(part))) return false
      return true
    }
    expect(await swarm.run(isOut, LIMIT_MS), `seed ${seed}`).toBe(true)
    first.leave()
    await runToEnd(run, seed)
  })
})

describe("a simulation", () => {
  it("runs the same way twice with the same seed", async () => {
    const times: string[] = []
    for (const seed of [7, 7, 8]) {
      const run = swarmOf(seed, 4)
      await runToEnd(run, seed)
      times.push(run.others.map(({ doneAtMs }) => doneAtMs).join())
    }
    expect(times[0]).toBe(times[1])
    expect(times[0]).not.toBe(times[2])
  })
})
