/**
 * Moves files between real programs on this machine and prints what it cost, beside a bare Node pipe and aria2 in the same run.
 * Words pick measurements; `--runs N` sets how many runs the medians are of (default 5).
 */
import { cpus, loadavg } from "node:os"
import { parseArgs } from "node:util"
import { coldStart } from "./cold-start.js"
import { creation } from "./creation.js"
import { far } from "./far.js"
import { inTurns } from "./in-turns.js"
import { limits } from "./limits.js"
import { manyConnections } from "./many-connections.js"
import { manyDocuments, start } from "./many-documents.js"
import { manyFiles } from "./many-files.js"
import { manyParts } from "./many-parts.js"
import { median, table } from "./median.js"
import { longRestart, restart } from "./restart.js"
import { scale } from "./scale.js"
import { type Measurement, measurements, type Sample } from "./transfers.js"

const { values, positionals } = parseArgs({
  options: { runs: { type: "string", default: "5" } },
  allowPositionals: true,
})
const runs = Number(values.runs)
const MIB = 1024 * 1024

process.stdout.write(
  `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "unknown"}, medians of ${runs} runs\n\n`,
)

for (const measurement of [
  ...measurements,
  manyFiles,
  manyParts,
  restart,
  longRestart,
  creation,
  manyDocuments,
  start,
  coldStart,
  ...limits,
  ...far,
  manyConnections,
  scale,
]) {
  if (positionals.length > 0 && !positionals.some((word) => measurement.name.includes(word))) continue
  const load = loadavg()[0] ?? 0
  process.stdout.write(`${measurement.name} (load ${load.toFixed(1)} before)\n\n${await measure(measurement)}\n\n`)
}

async function measure({ contenders }: Measurement): Promise<string> {
  const present = contenders.filter((contender) => contender.isPresent?.() ?? true)
  const samples = await inTurns(present, runs, (contender) => contender.run())
  const [yardstick = []] = samples
  const rows = present.map(({ name }, index) => rowOf(name, samples[index] ?? [], yardstick))
  return table(["", "wall s", "ratio", "CPU s", "ratio", "memory MiB", ""], rows)
}

function rowOf(name: string, samples: readonly Sample[], yardstick: readonly Sample[]): string[] {
  const ratio = (figure: (sample: Sample) => number) =>
    median(samples.map((sample, run) => figure(sample) / figure(yardstick[run] ?? sample))).toFixed(2)
  return [
    name,
    median(samples.map((sample) => sample.wallSeconds)).toFixed(2),
    ratio((sample) => sample.wallSeconds),
    median(samples.map((sample) => sample.cpuSeconds)).toFixed(2),
    ratio((sample) => sample.cpuSeconds),
    (median(samples.map((sample) => sample.peakBytes)) / MIB).toFixed(0),
    samples[0]?.remark === undefined ? "" : samples.map((sample) => sample.remark).join(", "),
  ]
}
