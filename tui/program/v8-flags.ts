import { PerformanceObserver } from "node:perf_hooks"
import { getHeapSpaceStatistics } from "node:v8"
import { changeV8Flag } from "../../core/index.js"

/** Bytes of bytecode that a function runs through before V8 optimises it: nine times V8's own choice (66 KiB in Node 20). */
const INTERRUPT_BUDGET = 600_000

/** How much the heap may grow over what was in use after a collection, before V8 collects again; its own choice is up to 300 percent. */
const HEAP_GROWTH_PERCENT = 20

/** The line of Node whose V8 has that flag. Later ones warm up in a cheaper way (Maglev), and tell on stderr that they don't know it. */
const BUDGET_LINES: readonly string[] = ["20"]

/** Lines that were measured. */
const GROWTH_LINES: readonly string[] = ["20", "24"]

/** Where new objects may take up to 128 MiB; 32 in Node 20. */
const YOUNG_LINES: readonly string[] = ["24"]
const YOUNG_BYTES = 32 * 1024 * 1024

/** At the start of a program. */
export function tuneV8(): void {
  waitToOptimise()
  collectEarly()
  keepYoungSpaceSmall()
}

/**
 * Has V8 wait longer before it compiles a function anew, optimised. What moves bytes here is the kernel and SHA-1, and little JavaScript
 * runs for long enough to earn its compiling back: four clients that fetch 256 MiB need a tenth less CPU this way, and 1 GiB costs no
 * more (measured, Node 20.20). Returns whether the flag was set.
 */
export function waitToOptimise(nodeVersion: string = process.versions.node): boolean {
  if (!isOf(BUDGET_LINES, nodeVersion)) return false
  changeV8Flag({ name: "interrupt-budget", value: INTERRUPT_BUDGET, byDefault: 66 * 1024 })
  return true
}

/**
 * Has V8 collect garbage earlier. A folder of 300,000 files leaves much of it: upload, download and seeding need 198, 222 and 189 MiB this way,
 * else 389, 387 and 267, for 3 percent more CPU; 1 GiB costs no more (measured, Node 20.20). Returns whether this Node has the flag set.
 */
export function collectEarly(nodeVersion: string = process.versions.node): boolean {
  if (!isOf(GROWTH_LINES, nodeVersion)) return false
  changeV8Flag({ name: "heap-growing-percent", value: HEAP_GROWTH_PERCENT, byDefault: 0 })
  return true
}

/**
 * Ends the growth of the space for new objects where it has as much as in Node 20. The flag for its size counts only before V8 starts, that
 * for its growth at once. Upload of 300,000 files: 274 MiB with `collectEarly` alone, 227 with a space of that size (measured, Node 24.21).
 * Returns whether it will do so.
 */
export function keepYoungSpaceSmall(nodeVersion: string = process.versions.node): boolean {
  if (!isOf(YOUNG_LINES, nodeVersion)) return false
  const observer = new PerformanceObserver(() => {
    if (youngBytes() < YOUNG_BYTES) return
    changeV8Flag({ name: "semi-space-growth-factor", value: 1, byDefault: 2 })
    observer.disconnect()
  })
  observer.observe({ entryTypes: ["gc"] })
  return true
}

/** Bytes of the space for new objects, used or not. */
export function youngBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space")?.space_size ?? 0
}

function isOf(lines: readonly string[], nodeVersion: string): boolean {
  return lines.includes(nodeVersion.split(".")[0] ?? "")
}
