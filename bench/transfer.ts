/**
 * Moves files between real programs on this machine and prints what it cost, beside a bare Node pipe and aria2 in the same run.
 * Words pick measurements; `--runs N` sets how many runs the medians are of (default 5).
 */
import { loadavg } from "node:os"
import { parseArgs } from "node:util"
import { coldStart } from "./cold-start.js"
import { creation } from "./creation.js"
import { far } from "./far.js"
import { farSockets } from "./far-sockets.js"
import { goalsTable, machine, type Outcome, ratioOf } from "./goals.js"
import { inTurns } from "./in-turns.js"
import { limits } from "./limits.js"
import { manyConnections } from "./many-connections.js"
import { manyDocuments, start } from "./many-documents.js"
import { manyFiles } from "./many-files.js"
import { manyParts } from "./many-parts.js"
import { median, table } from "./median.js"
import { longRestart, restart } from "./restart.js"
import { scale } from "./scale.js"
import { slowDisk } from "./slow-disk.js"
import { slowPeer } from "./slow-peer.js"
import { terabytes } from "./terabytes.js"
import { type Measurement, measurements } from "./transfers.js"

const { values, positionals } = parseArgs({
  options: { runs: { type: "string", default: "5" } },
  allowPositionals: true,
})
const runs = Number(values.runs)
const MIB = 1024 * 1024
const outcomes: Outcome[] = []

process.stdout.write(`${new Date().toISOString().slice(0, 10)}, ${machine()}, medians of ${runs} runs\n\n`)

for (const measurement of [
  ...measurements,
  manyFiles,
  manyParts,
  terabytes,
  restart,
  longRestart,
  creation,
  manyDocuments,
  start,
  coldStart,
  ...limits,
  ...far,
  ...farSockets,
  slowDisk,
  ...slowPeer,
  manyConnections,
  scale,
]) {
  if (positionals.length > 0 && !positionals.some((word) => measurement.name.includes(word))) continue
  const load = loadavg()[0] ?? 0
  process.stdout.write(`${measurement.name} (load ${load.toFixed(1)} before)\n\n${await measure(measurement)}\n\n`)
}

const goals = goalsTable(outcomes)
if (goals !== undefined)
  process.stdout.write(`beside the goals (load ${(loadavg()[0] ?? 0).toFixed(1)} after)\n\n${goals}\n`)

async function measure({ name, contenders }: Measurement): Promise<string> {
  const present = contenders.filter((contender) => contender.isPresent?.() ?? true)
  const samples = await inTurns(present, runs, (contender) => contender.run())
  const [yardstick = []] = samples
  const measured = present.map((contender, index) => ({
    measurement: name,
    contender,
    samples: samples[index] ?? [],
    yardstick,
  }))
  outcomes.push(...measured)
  return table(["", "wall s", "ratio", "CPU s", "ratio", "memory MiB", ""], measured.map(rowOf))
}

function rowOf(outcome: Outcome): string[] {
  const { samples } = outcome
  return [
    outcome.contender.name,
    median(samples.map((sample) => sample.wallSeconds)).toFixed(2),
    ratioOf(outcome, (sample) => sample.wallSeconds).toFixed(2),
    median(samples.map((sample) => sample.cpuSeconds)).toFixed(2),
    ratioOf(outcome, (sample) => sample.cpuSeconds).toFixed(2),
    (median(samples.map((sample) => sample.peakBytes)) / MIB).toFixed(0),
    samples[0]?.remark === undefined ? "" : samples.map((sample) => sample.remark).join(", "),
  ]
}
