import { setTimeout as delay } from "node:timers/promises"
import type { Cost, MeteredProgram } from "./metered-program.js"
import { requireSame, type Stage } from "./stage.js"

/** Until a program that has started is at rest. Our choice. */
const SETTLE_MS = 1_000

/** Programs that run and wait for a command, and what their start took. */
export interface Started {
  readonly programs: readonly MeteredProgram[]
  readonly startRemark: string
}

/** Starts programs at the same time, and waits until each has said that it is ready. */
export async function startTogether(starts: readonly (() => MeteredProgram)[], ready: RegExp): Promise<Started> {
  const startedAtMs = performance.now()
  const programs = starts.map((start) => start())
  await Promise.all(programs.map((program) => program.line(ready)))
  const seconds = (performance.now() - startedAtMs) / 1_000
  return { programs, startRemark: `start ${seconds.toFixed(2)} s, CPU ${cpuSecondsOf(programs).toFixed(2)} s` }
}

/** Runs `transfer`, which writes so many MiB. The clock begins when all programs are at rest and memory is touched. */
export async function clocked(
  stage: Stage,
  mebibytes: number,
  programs: readonly MeteredProgram[],
  transfer: () => Promise<unknown>,
): Promise<Cost> {
  const before = await settled(stage, mebibytes, programs)
  const startedAtMs = performance.now()
  await transfer()
  const wallSeconds = (performance.now() - startedAtMs) / 1_000
  const cpuSeconds = cpuSecondsOf(programs) - before
  return { wallSeconds, cpuSeconds, peakBytes: Math.max(...programs.map(({ peakBytes }) => peakBytes)) }
}

/** Has the fetcher of a bare Node pipe, which is ready, fetch `file` as "copy". Both programs end with it. */
export async function clockedPipe(
  stage: Stage,
  mebibytes: number,
  file: string,
  [fetcher, seeder]: readonly [MeteredProgram, MeteredProgram],
): Promise<Cost> {
  const before = await settled(stage, mebibytes, [fetcher, seeder])
  const startedAtMs = performance.now()
  fetcher.type("begin")
  const fetching = await fetcher.ended()
  const wallSeconds = (performance.now() - startedAtMs) / 1_000
  requireSame(file, stage.path("copy"))
  return less(together(wallSeconds, [fetching, await seeder.ended()]), before)
}

/** Waits until programs are at rest, and touches the memory that so many MiB will take. Resolves to the CPU seconds that they used before. */
export async function settled(stage: Stage, mebibytes: number, programs: readonly MeteredProgram[]): Promise<number> {
  await delay(SETTLE_MS)
  stage.touchMemory(mebibytes)
  return cpuSecondsOf(programs)
}

function cpuSecondsOf(programs: readonly MeteredProgram[]): number {
  return programs.reduce((sum, { cpuSecondsSoFar }) => sum + cpuSecondsSoFar, 0)
}

/** A cost without what was spent before the transfer. */
export function less<C extends Cost>(cost: C, cpuSecondsBefore: number): C {
  return { ...cost, cpuSeconds: cost.cpuSeconds - cpuSecondsBefore }
}

/** CPU seconds of all, memory of the largest. */
export function together(wallSeconds: number, costs: readonly Cost[]): Cost {
  return {
    wallSeconds,
    cpuSeconds: costs.reduce((sum, cost) => sum + cost.cpuSeconds, 0),
    peakBytes: Math.max(...costs.map((cost) => cost.peakBytes)),
  }
}
