import { isAlive, waitedForProcessorMs } from "./vitals.js"

/** A program that can be ended by a signal. */
interface Endable {
  /** Of the program, where it is known. */
  readonly pid?: number
  kill(signal: "SIGTERM"): void
  /** Resolves with the exit code, or the signal that ended it. */
  ended(): Promise<number | NodeJS.Signals>
}

/** What the README promises: one SIGTERM ends either program within this time, whatever else happens to it. */
const ENDS_WITHIN_MS = 5_000
const LOOK_MS = 20

/**
 * Sends one SIGTERM, and resolves with how the program ended. Rejects when that takes longer than a program may; the time that it waited for
 * a processor does not count.
 */
export async function endInOrder(program: Endable): Promise<number | NodeJS.Signals> {
  const elapsedMs = stopwatch(program.pid)
  let tookMs = 0
  const timer = setInterval(() => {
    tookMs = elapsedMs() ?? tookMs
  }, LOOK_MS)
  program.kill("SIGTERM")
  const code = await program.ended().finally(() => clearInterval(timer))
  if (tookMs > ENDS_WITHIN_MS) throw new Error(`ended with ${code} only ${Math.round(tookMs)} ms after SIGTERM`)
  return code
}

/** Milliseconds since now that a program ran or slept; undefined once it has ended. */
function stopwatch(pid: number | undefined): () => number | undefined {
  const since = performance.now()
  if (pid === undefined) return () => performance.now() - since
  const waitedMs = waitedForProcessorMs(pid)
  return () => {
    const tookMs = performance.now() - since
    return isAlive(pid) ? tookMs - (waitedForProcessorMs(pid) - waitedMs) : undefined
  }
}
