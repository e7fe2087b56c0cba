import { cpus, release, totalmem } from "node:os"
import { median, table } from "./median.js"
import type { Contender, Sample } from "./transfers.js"

/** The most that is allowed: times the yardstick of the same run, or seconds; memory and the event loop's delay as they are. */
export interface Goal {
  readonly of: "ratio" | "seconds"
  readonly wall?: number
  readonly cpu?: number
  readonly memoryMiB?: number
  readonly loopMs?: number
}

/** The samples of one contender, and those of the yardstick in the same runs. */
export interface Outcome {
  readonly measurement: string
  readonly contender: Contender
  readonly samples: readonly Sample[]
  readonly yardstick: readonly Sample[]
}

/** Median of the ratios to the yardstick, each of one run. */
export function ratioOf(
  { samples, yardstick }: Pick<Outcome, "samples" | "yardstick">,
  figure: (sample: Sample) => number,
): number {
  return median(samples.map((sample, run) => figure(sample) / figure(yardstick[run] ?? sample)))
}

/** Every outcome that has a goal beside it, missed ones in bold; undefined if there is none. */
export function goalsTable(outcomes: readonly Outcome[]): string | undefined {
  const rows = outcomes.flatMap((outcome) => {
    const { goal } = outcome.contender
    return goal === undefined ? [] : [rowOf(outcome, goal)]
  })
  const used = [...HEAD.keys()].filter((column) => rows.some((row) => row[column] !== ""))
  const only = (row: readonly string[]) => used.map((column) => row[column] ?? "")
  return rows.length === 0 ? undefined : table(only(HEAD), rows.map(only))
}

const HEAD = ["measured", "", ...["wall", "CPU", "memory", "loop late by"].flatMap((figure) => [figure, "goal"])]
const MIB = 1024 * 1024

function rowOf(outcome: Outcome, goal: Goal): string[] {
  const middle = (figure: (sample: Sample) => number) => median(outcome.samples.map(figure))
  const seen = (figure: (sample: Sample) => number) => (goal.of === "ratio" ? ratioOf(outcome, figure) : middle(figure))
  const unit = goal.of === "ratio" ? "" : " s"
  return [
    outcome.measurement,
    outcome.contender.name,
    ...cells(
      goal.wall,
      () => seen((sample) => sample.wallSeconds),
      (value) => `${value.toFixed(2)}${unit}`,
    ),
    ...cells(
      goal.cpu,
      () => seen((sample) => sample.cpuSeconds),
      (value) => `${value.toFixed(2)}${unit}`,
    ),
    ...cells(
      goal.memoryMiB,
      () => middle((sample) => sample.peakBytes / MIB),
      (value) => `${value.toFixed(0)} MiB`,
    ),
    ...cells(
      goal.loopMs,
      () => middle((sample) => sample.loopMs ?? Number.NaN),
      (value) => `${value.toFixed(0)} ms`,
    ),
  ]
}

/** What was seen and what is allowed; nothing where there is no goal. */
function cells(most: number | undefined, seen: () => number, words: (value: number) => string): readonly string[] {
  if (most === undefined) return ["", ""]
  const value = seen()
  return [value <= most ? words(value) : `**${words(value)}**`, words(most)]
}

/** The machine of the figures, in one line. */
export function machine(): string {
  const gibibytes = (totalmem() / 1024 ** 3).toFixed(0)
  return `${cpus().length} x ${cpus()[0]?.model ?? "unknown"}, ${gibibytes} GiB, ${process.platform} ${release()}, Node ${process.version}`
}
