/** A program that can be ended by a signal. */
interface Endable {
  kill(signal: "SIGTERM"): void
  /** Resolves with the exit code, or the signal that ended it. */
  ended(): Promise<number | NodeJS.Signals>
}

/** What the README promises: one SIGTERM ends either program within this time, whatever else happens to it. */
const ENDS_WITHIN_MS = 5_000

/** Sends one SIGTERM, and resolves with how the program ended. Rejects when that takes longer than a program may. */
export async function endInOrder(program: Endable): Promise<number | NodeJS.Signals> {
  const since = performance.now()
  program.kill("SIGTERM")
  const code = await program.ended()
  const tookMs = performance.now() - since
  if (tookMs > ENDS_WITHIN_MS) throw new Error(`ended with ${code} only ${Math.round(tookMs)} ms after SIGTERM`)
  return code
}
