import { cpus, release, totalmem } from "node:os"
import { median, table } from "./median.js"
import type { Contender, Sample } from "./transfers.js"

/** The most that is allowed: times the yardstick of the same run, or seconds. */
export interface Goal {
  readonly of: "ratio" | "seconds"
  readonly wall: number
  readonly cpu: number
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
  return rows.length === 0 ? undefined : table(["measured", "", "wall", "goal", "CPU", "goal"], rows)
}

function rowOf(outcome: Outcome, goal: Goal): string[] {
  const seen = (figure: (sample: Sample) => number) =>
    goal.of === "ratio" ? ratioOf(outcome, figure) : median(outcome.samples.map(figure))
  const unit = goal.of === "ratio" ? "" : " s"
  const cell = (value: number, most: number) =>
    value > most ? `**${value.toFixed(2)}${unit}**` : `${value.toFixed(2)}${unit}`
  return [
    outcome.measurement,
    outcome.contender.name,
    cell(
      seen((sample) => sample.wallSeconds),
      goal.wall,
    ),
    `${goal.wall.toFixed(2)}${unit}`,
    cell(
      seen((sample) => sample.cpuSeconds),
      goal.cpu,
    ),
    `${goal.cpu.toFixed(2)}${unit}`,
  ]
}

/** The machine of the figures, in one line. */
export function machine(): string {
  const gibibytes = (totalmem() / 1024 ** 3).toFixed(0)
  return `${cpus().length} x ${cpus()[0]?.model ?? "unknown"}, ${gibibytes} GiB, ${process.platform} ${release()}, Node ${process.version}`
}
