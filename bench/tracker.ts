/**
 * Announces to this project's tracker, beside Node's other tracker and a micro handler that only answers, in one run.
 * `--runs N` sets how many runs the medians are of (default 3), `--requests N` how many announces are measured in each
 * (default 50,000), `--redis <url>` adds a Redis store. Words pick contenders. Needs bash and /proc (Linux).
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { cpus, tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import {
  bep3Announces,
  jsonAnnounces,
  nameSwarms,
  registrations,
  SHAPES,
  type SwarmShape,
  type Swarms,
} from "./announces.js"
import { installBittorrentTracker } from "./bittorrent-tracker.js"
import { type Load, type LoadResult, runLoad } from "./http-load.js"
import { inTurns } from "./in-turns.js"
import { median, table } from "./median.js"
import { MeteredProgram } from "./metered-program.js"

const { values, positionals } = parseArgs({
  options: {
    runs: { type: "string", default: "3" },
    requests: { type: "string", default: "50000" },
    redis: { type: "string" },
  },
  allowPositionals: true,
})
const runs = Number(values.runs)
const count = Number(values.requests)
const CONNECTIONS = 64
const MIB = 1024 * 1024

const TRACKER = fileURLToPath(new URL("../bin/p2p-tracker.js", import.meta.url))
const MICRO = fileURLToPath(new URL("micro-answers.js", import.meta.url))
const NODE = [process.execPath, "--expose-gc", "--import", new URL("memory-when-asked.js", import.meta.url).href]
const folder = await mkdtemp(join(tmpdir(), "p2p-tracker-bench-"))

interface Sample extends LoadResult {
  readonly cpuSeconds: number
  /** Growth of what lives in memory while the swarms came to be, bytes for each peer. */
  readonly bytesPerPeer: number
}

interface Contender {
  readonly name: string
  readonly protocol: "json" | "bep3"
  command(shape: SwarmShape): Promise<readonly string[]>
}

const ours = (...store: readonly string[]) => [...NODE, TRACKER, "127.0.0.1", "0", ...store]
let folders = 0
const onDisk = async () => ours("--data", join(folder, String(folders++)))

/** The first of a protocol is the yardstick of the others. */
const contenders: readonly Contender[] = [
  { name: "micro, the same bytes", protocol: "json", command: microOf },
  { name: "p2p-tracker, memory", protocol: "json", command: async () => ours("--store", "memory") },
  { name: "p2p-tracker, LMDB", protocol: "json", command: onDisk },
  ...(values.redis === undefined
    ? []
    : [
        {
          name: "p2p-tracker, Redis",
          protocol: "json",
          command: async () => ours("--store", String(values.redis)),
        } as const,
      ]),
  { name: "bittorrent-tracker", protocol: "bep3", command: async () => [...NODE, await installBittorrentTracker()] },
  { name: "p2p-tracker, memory", protocol: "bep3", command: async () => ours("--store", "memory") },
  { name: "p2p-tracker, LMDB", protocol: "bep3", command: onDisk },
]

process.stdout.write(
  `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "unknown"}, ` +
    `medians of ${runs} runs of ${count} announces over ${CONNECTIONS} connections\n\n`,
)
try {
  for (const shape of SHAPES) process.stdout.write(`${await measure(shape)}\n\n`)
} finally {
  await rm(folder, { recursive: true })
}

async function measure(shape: SwarmShape): Promise<string> {
  const picked = contenders.filter(
    ({ name, protocol }) =>
      positionals.length === 0 || positionals.some((word) => `${name} ${protocol}`.includes(word)),
  )
  const samples = await inTurns(picked, runs, (contender, run) => sampleOf(contender, shape, run))
  const rows = picked.map(({ name, protocol }, index) => {
    const yardstick = samples[picked.findIndex((other) => other.protocol === protocol)] ?? []
    return rowOf(`${name}, ${protocol}`, samples[index] ?? [], yardstick)
  })
  const head = [
    "",
    "per CPU second",
    "ratio",
    "per second",
    "p50 ms",
    "p99 ms",
    "answer bytes",
    "MiB per 100,000 peers",
  ]
  return `${shape.documents} documents x ${shape.peers} peers\n\n${table(head, rows)}`
}

function rowOf(name: string, samples: readonly Sample[], yardstick: readonly Sample[]): string[] {
  const middle = (figure: (sample: Sample) => number) => median(samples.map(figure))
  const rate = ({ requests, cpuSeconds }: Sample) => requests / cpuSeconds
  const ratio = median(samples.map((sample, run) => rate(sample) / rate(yardstick[run] ?? sample)))
  return [
    name,
    middle(rate).toFixed(0),
    ratio.toFixed(2),
    middle(({ requests, wallSeconds }) => requests / wallSeconds).toFixed(0),
    middle(({ p50Ms }) => p50Ms).toFixed(1),
    middle(({ p99Ms }) => p99Ms).toFixed(1),
    middle(({ answerBytes }) => answerBytes).toFixed(0),
    ((middle(({ bytesPerPeer }) => bytesPerPeer) * 100_000) / MIB).toFixed(1),
  ]
}

async function sampleOf(contender: Contender, shape: SwarmShape, seed: number): Promise<Sample> {
  const program = new MeteredProgram(await contender.command(shape))
  try {
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(await program.line(/listens on/))?.[1])
    const load = { port, connections: CONNECTIONS, seed }
    // Another document warms it up, so that its memory grows by the peers alone after that.
    await announceAll(contender, nameSwarms({ documents: 1, peers: 100 }), load, Math.min(count, 20_000))
    const before = await memoryOf(program)
    const swarms = nameSwarms(shape)
    await announceAll(contender, swarms, load, shape.documents * shape.peers)
    const bytesPerPeer = ((await memoryOf(program)) - before) / (shape.documents * shape.peers)
    const cpuBefore = program.cpuSecondsSoFar
    const result = await runLoad({ ...load, requests: announcesOf(contender, swarms), count, seed: seed + 1 })
    return { ...result, bytesPerPeer, cpuSeconds: program.cpuSecondsSoFar - cpuBefore }
  } finally {
    await program.stop()
  }
}

/** Bytes that live in its memory after a collection. */
async function memoryOf(program: MeteredProgram): Promise<number> {
  const printed = program.lines.length
  program.type("memory")
  return Number((await program.line(/^memory /, printed)).slice("memory ".length))
}

type Target = Pick<Load, "port" | "connections" | "seed">

async function announceAll(contender: Contender, swarms: Swarms, target: Target, total: number): Promise<void> {
  // Others make a document up with its first announce.
  if (isOurs(contender)) await runLoad({ ...target, requests: registrations(swarms), count: swarms.documents })
  await runLoad({ ...target, requests: announcesOf(contender, swarms), count: total })
}

function announcesOf(contender: Contender, swarms: Swarms): Buffer[] {
  if (contender.protocol === "json") return jsonAnnounces(swarms)
  return bep3Announces(swarms, (hash) => (isOurs(contender) ? `hash=${hash}&` : ""))
}

function isOurs({ name }: Contender): boolean {
  return name.startsWith("p2p-tracker")
}

/** micro with an answer of our own tracker for such a swarm. */
async function microOf(shape: SwarmShape): Promise<readonly string[]> {
  const program = new MeteredProgram(ours("--store", "memory"))
  const url = /http:\S+\d/.exec(await program.line(/listens on/))?.[0]
  const one = nameSwarms({ documents: 1, peers: shape.peers })
  const load = { port: Number(new URL(String(url)).port), connections: CONNECTIONS, seed: 0 }
  await runLoad({ ...load, requests: registrations(one), count: 1 })
  await runLoad({ ...load, requests: jsonAnnounces(one), count: shape.peers })
  const body = JSON.stringify({ hash: one.hashes[0], listening_host: "0.0.0.0", listening_port: 1_000, left: 0 })
  const answer = await fetch(`${url}/peers`, { method: "POST", headers: { "content-type": "application/json" }, body })
  const file = join(folder, `answer-${shape.peers}.json`)
  await writeFile(file, Buffer.from(await answer.arrayBuffer()))
  await program.stop()
  return [...NODE, MICRO, file]
}
