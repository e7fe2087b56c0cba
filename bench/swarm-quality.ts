/**
 * How near simulated swarms come to the least time possible. Words that a name ends with pick scenarios, numbers are the seeds:
 * `swarm-quality "N = 10" 7 8 9`. What a client runs, in virtual time (core/testing/simulated-swarm.ts); the figures do not depend on the machine.
 */
import { distributionBoundMs } from "../core/testing/distribution-bound.js"
import { seededRandom } from "../core/testing/seeded-random.js"
import { type NodeOptions, SimulatedSwarm } from "../core/testing/simulated-swarm.js"

const MiB = 2 ** 20

interface Scenario {
  readonly sizeBytes: number
  readonly partSizeBytes: number
  readonly latencyMs: number
  readonly seedUp: number
  readonly count: number
  /** Bytes per second each way, one picked for each downloader. */
  readonly links: readonly { readonly up: number; readonly down: number }[]
  /** Share of the downloaders that leave, at any time before the bound. */
  readonly leaving: number
  /** Share of the downloaders, the slowest, whose uplink has a tenth of its rate. */
  readonly limping?: number
}

/** Larger swarms run only when they are named: 100 peers take a minute of CPU, 1,000 more than 20 minutes and 8 GiB. */
const MAX_UNASKED_COUNT = 100

const lan = { up: 100e6, down: 100e6 }
const home = { up: 10e6, down: 40e6 }
const mixed = [2e6, 5e6, 10e6, 20e6].map((up) => ({ up, down: 4 * up }))
const equal = { partSizeBytes: 256 * 1024, latencyMs: 20, seedUp: 10e6, links: [home], leaving: 0 }

const scenarios: Readonly<Record<string, Scenario>> = {
  "seeder at 32 MB/s, 4 downloaders": {
    sizeBytes: 256 * MiB,
    partSizeBytes: 256 * 1024,
    latencyMs: 1,
    seedUp: 32e6,
    count: 4,
    links: [lan],
    leaving: 0,
  },
  "equal links, N = 10": { ...equal, sizeBytes: 256 * MiB, count: 10 },
  "equal links, N = 100": { ...equal, sizeBytes: 256 * MiB, count: 100 },
  "equal links, N = 1000": { ...equal, sizeBytes: 256 * MiB, count: 1_000 },
  // How the time grows with N, all else equal; half the parts, so that the largest ends within minutes.
  ...Object.fromEntries(
    [3, 10, 30, 100, 300, 1_000].map((count) => [
      `equal links, N = ${count}, 256 parts`,
      { ...equal, sizeBytes: 128 * MiB, partSizeBytes: 512 * 1024, count },
    ]),
  ),
  ...Object.fromEntries(
    [30, 100, 1_000].map((count) => [
      `mixed links, N = ${count}, a tenth limps, a tenth dies`,
      { ...equal, sizeBytes: 128 * MiB, partSizeBytes: 512 * 1024, count, links: mixed, leaving: 0.1, limping: 0.1 },
    ]),
  ),
  "slow lines, N = 30": {
    ...equal,
    sizeBytes: 32 * MiB,
    seedUp: 0.5e6,
    count: 30,
    links: [{ up: 0.5e6, down: 2e6 }],
  },
  "mixed links, N = 30, 20 % leave": {
    ...equal,
    sizeBytes: 128 * MiB,
    count: 30,
    links: mixed,
    leaving: 0.2,
  },
}

interface Figures {
  readonly lastSeconds: number
  readonly timesTheBound: number
  readonly seederCopies: number
}

async function simulate(scenario: Scenario, seed: number): Promise<Figures> {
  const { sizeBytes, seedUp, count, links } = scenario
  const swarm = new SimulatedSwarm({ ...scenario, seed })
  const random = seededRandom(seed + 99)
  const source = swarm.join({ upBytesPerSecond: seedUp, downBytesPerSecond: seedUp, seed: true })
  const machines = Array.from({ length: count }, () => nodeOf(links, random))
  const others = withLimping(machines, scenario.limping ?? 0).map((machine) => swarm.join(machine))
  const ups = others.map(({ options }) => options.upBytesPerSecond)
  const slowestDown = Math.min(...others.map(({ options }) => options.downBytesPerSecond))
  const boundMs = distributionBoundMs({ sizeBytes, seedUp, ups, slowestDown })
  for (const other of others)
    if (random() < scenario.leaving) swarm.clock.after(boundMs * random(), () => other.leave())
  let events = 0
  // Checking every peer after each event would cost more than the simulation.
  const isOver = () => ++events % 100 === 0 && swarm.isEveryoneDone()
  if (!(await swarm.run(isOver, 10 * boundMs)))
    throw new Error(`not all peers have the file in 10 times the bound, seed ${seed}`)
  const lastMs = Math.max(...others.filter(({ gone }) => !gone).map(({ doneAtMs }) => doneAtMs ?? 0))
  return {
    lastSeconds: lastMs / 1_000,
    timesTheBound: lastMs / boundMs,
    seederCopies: source.sentBytes / sizeBytes,
  }
}

/** The slowest of the machines lose nine tenths of their uplink. */
function withLimping(machines: readonly NodeOptions[], share: number): readonly NodeOptions[] {
  const slowestFirst = machines.toSorted((a, b) => a.upBytesPerSecond - b.upBytesPerSecond)
  const limping = new Set(slowestFirst.slice(0, Math.round(share * machines.length)))
  return machines.map((each) => (limping.has(each) ? { ...each, upBytesPerSecond: each.upBytesPerSecond / 10 } : each))
}

function nodeOf(links: Scenario["links"], random: () => number): NodeOptions {
  const link = links[Math.floor(random() * links.length)] ?? home
  return { upBytesPerSecond: link.up, downBytesPerSecond: link.down }
}

async function main(words: readonly string[]): Promise<void> {
  const seeds = words.filter((word) => /^\d+$/.test(word)).map(Number)
  const wanted = words.filter((word) => !/^\d+$/.test(word))
  for (const [name, scenario] of Object.entries(scenarios)) {
    const isWanted = wanted.some((word) => name.endsWith(word))
    if (wanted.length > 0 ? !isWanted : scenario.count > MAX_UNASKED_COUNT) continue
    for (const seed of seeds.length > 0 ? seeds : [1]) {
      const { lastSeconds, timesTheBound, seederCopies } = await simulate(scenario, seed)
      const figures = `last ${lastSeconds.toFixed(1)} s  x ${timesTheBound.toFixed(3)}  seeder's copies ${seederCopies.toFixed(3)}`
      process.stdout.write(`${name.padEnd(34)} seed ${seed}  ${figures}\n`)
    }
  }
}

await main(process.argv.slice(2))
