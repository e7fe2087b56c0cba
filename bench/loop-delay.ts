import { monitorEventLoopDelay } from "node:perf_hooks"

/**
 * Loaded before a program under measurement (`node --import`): says at each SIGUSR2 how late its event loop was since the last, or since its
 * start. SIGWINCH, which the shell around the program ignores, ends that: a look each millisecond costs 3 % of a core.
 */
const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()

process.on("SIGUSR2", () => {
  // What its timer measures includes the interval itself: a millisecond.
  const lateMs = (ns: number) => Math.max(0, ns / 1e6 - 1).toFixed(1)
  process.stdout.write(`event loop delay p99 ${lateMs(delay.percentile(99))} ms, max ${lateMs(delay.max)} ms\n`)
  delay.reset()
})

process.on("SIGWINCH", () => delay.disable())
