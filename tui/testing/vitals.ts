import { existsSync, readdirSync, readFileSync } from "node:fs"
import type { Program } from "../e2e/program.js"

/** What a process holds at a moment. */
export interface Vitals {
  /** Open descriptors: files, sockets, pipes, the loop's own. */
  readonly handles: number
  /** Resident memory without mapped files. */
  readonly memoryMiB: number
}

/** Looks at a process of this machine. Needs /proc (Linux). */
export function vitalsOf(pid: number): Vitals {
  const status = readFileSync(`/proc/${pid}/status`, "utf8")
  const kib = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0)
  return { handles: handlesOf(pid), memoryMiB: (kib("RssAnon") + kib("RssShmem")) / 1_024 }
}

export function handlesOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

/** Also false for a process that has ended and has not been waited for. */
export function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}/exe`)
}

/** How long the main thread of a process was ready to run while others had the processors; 0 where the system does not count that. */
export function waitedForProcessorMs(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[1]) / 1e6
  } catch {
    return 0
  }
}

/** Looks at a program now and then while it runs. */
export class Watch {
  readonly name: string
  readonly program: Program
  readonly samples: Vitals[] = []
  readonly #timer: NodeJS.Timeout

  constructor(name: string, program: Program, everyMs = 1_000) {
    this.name = name
    this.program = program
    this.#timer = setInterval(() => this.#look(), everyMs)
  }

  get handles(): number {
    return handlesOf(this.program.pid)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    if (this.program.isRunning) this.samples.push(vitalsOf(this.program.pid))
  }
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

/** Medians of the first and of the last third of a watch. */
export function thirds(values: readonly number[]): { readonly first: number; readonly last: number } {
  const third = Math.ceil(values.length / 3)
  return { first: medianOf(values.slice(0, third)), last: medianOf(values.slice(-third)) }
}

export interface Point {
  readonly x: number
  readonly y: number
}

/** The lowest of every `count` points that follow each other. */
export function floorsOf(points: readonly Point[], count: number): Point[] {
  const floors: Point[] = []
  for (let from = 0; from < points.length; from += count)
    floors.push(points.slice(from, from + count).reduce((low, point) => (point.y < low.y ? point : low)))
  return floors
}

/** Slope of the straight line that fits best (least squares), in units of y for each unit of x. */
export function slopeOf(points: readonly Point[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const meanX = mean(points.map(({ x }) => x))
  const meanY = mean(points.map(({ y }) => y))
  const covariance = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0)
  const variance = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0)
  return variance === 0 ? 0 : covariance / variance
}
