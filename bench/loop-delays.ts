import type { MeteredProgram } from "./metered-program.js"

/** To be loaded before a program (`node --import`), so that `loopDelay` can ask it. */
export const LOOP_DELAY = new URL("./loop-delay.js", import.meta.url).href

/** How late the event loop of a program was since the last time it was asked, or since its start. */
export async function loopDelay(program: MeteredProgram): Promise<{ readonly p99Ms: number; readonly maxMs: number }> {
  const after = program.lines.length
  program.signal("SIGUSR2")
  const answer = await program.line(/^event loop delay/, after)
  const [, p99, max] = /p99 ([\d.]+) ms, max ([\d.]+) ms/.exec(answer) ?? []
  return { p99Ms: Number(p99), maxMs: Number(max) }
}

/** The program's own time is measured from now on, without that of the looks at its event loop. */
export function endLoopDelay(program: MeteredProgram): void {
  program.signal("SIGWINCH")
}
